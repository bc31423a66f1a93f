package whisper

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-go/parley/transformer"
)

// Windows decoded together get the texts that each gets alone, in every mode.
func TestTogether(t *testing.T) {
	m := tiny(t, "multilingual")
	s, first := hearing(t, m)
	second := transformer.NewMat(first.Rows, first.Cols)
	for i, v := range first.Data {
		second.Data[(i+7*first.Cols)%len(second.Data)] = v
	}
	windows := []transformer.Mat{first, second, first}
	for _, o := range []Options{{}, {NoTimestamps: true}, {Beam: 4}, {Beam: 3, Patience: 2}} {
		o.Language = "en"
		set := must(m.settings(o))(t)
		prompts := [][]int{m.startTokens(set), append([]int{m.tokens.prev, 5, 6}, m.startTokens(set)...), m.startTokens(set)}
		var alone, together []*task
		for i, w := range windows {
			x, y := &task{prompt: prompts[i], start: len(prompts[i]) - 3}, &task{prompt: prompts[i], start: len(prompts[i]) - 3}
			if err := s.search.listen(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			if err := s.search.run(t.Context(), set.pass, x); err != nil {
				t.Fatal(err)
			}
			alone, together = append(alone, x), append(together, y)
		}
		if err := s.search.listen(t.Context(), windows...); err != nil {
			t.Fatal(err)
		}
		if err := s.search.run(t.Context(), set.pass, together...); err != nil {
			t.Fatal(err)
		}
		for i := range windows {
			if len(alone[i].found) != len(together[i].found) {
				t.Fatalf("%+v, window %d: %d texts, want %d", o, i, len(together[i].found), len(alone[i].found))
			}
			for k, f := range alone[i].found {
				if g := together[i].found[k]; !slices.Equal(g.tokens, f.tokens) || math.Abs(g.sum-f.sum) > 1e-3 {
					t.Errorf("%+v, window %d: %v, want %v", o, i, g, f)
				}
			}
		}
	}
}

// The best of several samples is at least as likely as one, and the same sound always gives the same text.
func TestSamples(t *testing.T) {
	m := tiny(t, "english")
	s, _ := hearing(t, m)
	text := func(n int) found {
		set := must(m.settings(Options{BestOf: n}))(t)
		p := set.pass
		p.temperature = 0.8
		task := &task{prompt: m.startTokens(set)}
		if err := s.search.run(t.Context(), p, task); err != nil {
			t.Fatal(err)
		}
		if len(task.found) != n {
			t.Errorf("%d texts of %d samples", len(task.found), n)
		}
		return task.found[0]
	}
	one, five, again := text(1), text(5), text(5)
	if !slices.Equal(five.tokens, again.tokens) {
		t.Errorf("%v, then %v", five.tokens, again.tokens)
	}
	if five.sum/float64(len(five.tokens)) < one.sum/float64(len(one.tokens))-1e-6 {
		t.Errorf("best of five %v, one %v", five, one)
	}
}

// A hotword that the model finds unlikely is written once it is favoured enough, and boosts of words that were not finished are given back.
func TestHotwords(t *testing.T) {
	m := tiny(t, "english")
	s, _ := hearing(t, m)
	set := must(m.settings(Options{NoTimestamps: true, Hotwords: []Hotword{{"rain", 30}}}))(t)
	task := &task{prompt: append(m.startTokens(set), m.tokens.noTimestamps)}
	if err := s.search.run(t.Context(), set.pass, task); err != nil {
		t.Fatal(err)
	}
	if text := m.decode(task.found[0].tokens); !strings.Contains(text, "rain") {
		t.Errorf("%q", text)
	}
	a := &hotwords{nodes: []hotNode{{}}}
	a.add([]int{1, 2, 3}, 2)
	a.add([]int{2, 4}, 5)
	a.link()
	node, score := int32(0), 0.0
	for i, step := range []struct {
		token int
		want  float64
	}{{1, 2}, {2, 4}, {4, 10}, {9, 10}, {1, 12}, {9, 10}, {1, 12}, {2, 14}, {3, 16}, {9, 16}} {
		moves, lost := a.after(nil, node)
		gain, next := lost, int32(0)
		for _, b := range moves {
			if b.token == step.token {
				gain, next = b.gain, b.node
			}
		}
		node, score = next, score+gain
		if math.Abs(score-step.want) > 1e-9 {
			t.Errorf("step %d, token %d: score %v, want %v", i, step.token, score, step.want)
		}
	}
}

// Once warm, a step of the search allocates nothing to speak of.
func TestStepAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("a sync.Pool forgets at random under the race detector")
	}
	m := tiny(t, "multilingual")
	s, memory := hearing(t, m)
	for _, o := range []Options{{}, {Beam: 5}} {
		o.Language = "en"
		set := must(m.settings(o))(t)
		p := set.pass
		p.suppress = append(slices.Clip(p.suppress), m.tokens.end) // so that texts are as long as they may be
		task := &task{prompt: m.startTokens(set)}
		allocs := func(most int) float64 {
			p.most = most
			return testing.AllocsPerRun(3, func() {
				if err := s.search.listen(t.Context(), memory); err != nil {
					t.Fatal(err)
				}
				if err := s.search.run(t.Context(), p, task); err != nil {
					t.Fatal(err)
				}
			})
		}
		allocs(40)
		if more := allocs(40) - allocs(10); more > 3 {
			t.Errorf("beam %d: %v allocations in 30 steps", set.Beam, more)
		}
	}
}

func TestCancel(t *testing.T) {
	m := tiny(t, "multilingual")
	for _, o := range []Options{{NoVAD: true}, {Batch: 2}, {Live: func(Segment) error { return nil }}} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := m.Transcribe(ctx, sound(7).Source(), o, func(Segment) error { return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	stop := errors.New("enough")
	n := 0
	err := m.Transcribe(t.Context(), sound(7).Source(), Options{NoVAD: true, LogProb: math.NaN(), NoSpeech: math.NaN(), Temperatures: []float64{0}}, func(Segment) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("%v after %d segments", err, n)
	}
}

// ending is a context that ends once it has been asked so many times.
type ending struct {
	context.Context
	left, asked int
}

func (e *ending) Err() error {
	if e.asked++; e.asked > e.left {
		return context.Canceled
	}
	return nil
}

// A context is asked between all layers, of the encoder and of each step of the decoder, and not after it has ended; what was given up
// leaves no trace.
func TestGivesUp(t *testing.T) {
	m := tiny(t, "multilingual")
	hear := func(left int) (asked int, text string, err error) {
		ctx := &ending{Context: t.Context(), left: left}
		o := Options{NoVAD: true, LogProb: math.NaN(), NoSpeech: math.NaN(), Words: true, Temperatures: []float64{0}}
		err = m.Transcribe(ctx, sound(2).Source(), o, func(s Segment) error { text += s.Text; return nil })
		return ctx.asked, text, err
	}
	total, want, err := hear(math.MaxInt)
	if layers := m.config.EncoderLayers + m.config.DecoderLayers*(len(want)/2); err != nil || total < layers {
		t.Fatalf("%q: asked %d times, want at least %d; %v", want, total, layers, err)
	}
	for left := 0; left < total; left += 1 + total/40 {
		if asked, _, err := hear(left); !errors.Is(err, context.Canceled) || asked != left+1 {
			t.Errorf("after %d of %d: %v, asked %d times", left, total, err, asked)
		}
	}
	if _, got, err := hear(total); got != want || err != nil {
		t.Errorf("then %q, want %q; %v", got, want, err)
	}
}

func TestCutLoops(t *testing.T) {
	const stamp = 100
	for _, c := range []struct{ in, want []int }{
		{[]int{1, 2, 3}, []int{1, 2, 3}},
		{[]int{9, 1, 1, 1, 1, 1, 5}, []int{9, 1, 5}},
		{[]int{100, 1, 2, 1, 2, 1, 2, 1, 2, 3, 101}, []int{100, 1, 2, 3, 101}},
		{[]int{1, 2, 1, 2, 1, 2}, []int{1, 2, 1, 2, 1, 2}},
		{[]int{100, 1, 101, 101, 1, 102}, []int{100, 1, 101, 101, 1, 102}},
	} {
		if got := cutLoops(c.in, stamp); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.in, got, c.want)
		}
	}
}

func TestOptions(t *testing.T) {
	m, en := tiny(t, "multilingual"), tiny(t, "english")
	for want, o := range map[string]Options{
		"Beam is -1, want 1": {Beam: -1}, "BestOf is 1000": {BestOf: 1000}, "Patience": {Patience: -1}, "LengthPenalty": {LengthPenalty: 2},
		"Temperatures has -1": {Temperatures: []float64{-1}}, "Temperatures are none": {Temperatures: []float64{}}, "Alternatives": {Alternatives: -1},
		"MaxTokens": {MaxTokens: 1000}, "Suppress": {Suppress: []int{1 << 20}}, "Clips": {Clips: []Clip{{time.Second, time.Millisecond}}},
		"Language is an unknown language": {Language: "klingon"}, "does not know": {Language: "fr"}, "allowed": {Language: "en", Languages: []string{"german"}},
		"Batch is 2": {Batch: 2, NoVAD: true}, "Every is 1ms, want 80 ms to 30 s": {Every: time.Millisecond}, "Every is 1m0s": {Every: time.Minute}, "Silence": {Silence: 1},
	} {
		if err := m.Check(o); err == nil || !strings.HasPrefix(err.Error(), "whisper: Options.") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := en.settings(Options{Translate: true}); err == nil {
		t.Error("an English model translates")
	}
	if s, err := m.settings(Options{Languages: []string{"Spanish"}}); err != nil || s.Language != "es" {
		t.Errorf("one language allowed: %v, %v", s, err)
	}
}

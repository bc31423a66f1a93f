package whisper

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// What training/goldens/whisper.py says. Comparison: log-mel to 1e-5, encoder states to 1e-3 of their scale, probabilities to 1e-3,
// tokens and times exactly.
type golden struct {
	Decoded    map[string]goldenText `json:"-"`
	Languages  map[string]float64
	Suppressed []int
	Aligned    []int
	Words      []struct {
		Word             string
		N                int
		Start, End, Prob float64
	}
	Transcribed map[string][]goldenSegment `json:"-"`
	*weights.File
}

type goldenText struct {
	Tokens                      []int
	Text                        string
	Avg, No_speech, Compression float64
}

type goldenSegment struct {
	Start, End float64
	Text       string
	Tokens     []int
	Words      [][4]any // text, start, end, probability
}

var names = []string{"multilingual", "english"}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func tiny(t testing.TB, name string) *Model {
	t.Helper()
	f := must(weights.OpenDir("testdata/" + name))(t)
	t.Cleanup(func() { f.Close() })
	return must(Open(os.DirFS("testdata/"+name), weights.As(f, kernel.F32)))(t)
}

func goldenOf(t testing.TB, name string) *golden {
	t.Helper()
	data := must(os.ReadFile("testdata/" + name + "/golden.json"))(t)
	g := &golden{Decoded: map[string]goldenText{}, Transcribed: map[string][]goldenSegment{}}
	all := map[string]json.RawMessage{}
	for _, err := range []error{json.Unmarshal(data, g), json.Unmarshal(data, &all)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for k, v := range all {
		var err error
		if k, ok := strings.CutPrefix(k, "transcribe."); ok {
			var segs []goldenSegment
			err = json.Unmarshal(v, &segs)
			g.Transcribed[k] = segs
		} else if strings.Contains(string(v), `"avg"`) {
			var text goldenText
			err = json.Unmarshal(v, &text)
			g.Decoded[k] = text
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	g.File = must(weights.Open("testdata/" + name + "/golden.safetensors"))(t)
	t.Cleanup(func() { g.Close() })
	return g
}

func (g *golden) mat(t testing.TB, name string) transformer.Mat {
	t.Helper()
	shape := g.Shape(name)
	return transformer.MatOf(must(g.Float32(name, shape...))(t), shape[0], shape[len(shape)-1])
}

// sound is that of the script.
func sound(seconds float64) audio.Clip {
	x := make([]float32, int(16000*seconds))
	state := uint32(1)
	for i := range x {
		t := float64(i) / 16000
		v := 0.3 * math.Sin(2*math.Pi*(200+40*t)*t)
		v += 0.2 * math.Sin(2*math.Pi*(900-30*t)*t) * math.Mod(math.Floor(3*t), 2)
		state = 1664525*state + 1013904223
		if math.Mod(math.Floor(5*t), 3) == 0 {
			v += 0.1 * (float64(state)/(1<<31) - 1)
		}
		if t < 0.2 {
			v *= 2.5
		}
		x[i] = float32(v)
	}
	return audio.Clip{Rate: 16000, Samples: x}
}

// hearing returns a session whose search listens to the first window of the sound of the goldens.
func hearing(t testing.TB, m *Model) (s *session, memory transformer.Mat) {
	t.Helper()
	s = m.newSession()
	f := s.open(sound(2).Source())
	if err := f.fill(t.Context(), m.config.frames()); err != nil {
		t.Fatal(err)
	}
	f.window(s.window(), 0, m.config.frames(), false)
	if err := s.encode(t.Context(), &memory); err != nil {
		t.Fatal(err)
	}
	if err := s.search.listen(t.Context(), memory); err != nil {
		t.Fatal(err)
	}
	return s, memory
}

func near(t *testing.T, what string, got, want transformer.Mat, step int, tol float64) {
	t.Helper()
	for i := range want.Rows {
		for j, w := range want.Row(i) {
			if d := math.Abs(float64(got.Row(i * step)[j] - w)); !(d <= tol*max(1, math.Abs(float64(w)))) {
				t.Fatalf("%s: row %d, column %d: %v, want %v", what, i*step, j, got.Row(i * step)[j], w)
			}
		}
	}
}

func TestEncoder(t *testing.T) {
	for _, name := range names {
		m, g := tiny(t, name), goldenOf(t, name)
		s, memory := hearing(t, m)
		near(t, name+": log-mel", s.window(), g.mat(t, "mel"), 20, 1e-5)
		near(t, name+": encoder", memory, g.mat(t, "states"), 5, 1e-4)
		set := must(m.settings(Options{Language: "en"}))(t)
		prompt := append(m.startTokens(set), m.tokens.noTimestamps)
		states := m.decoder.Feed(s.search.state, prompt)
		logits := m.decoder.Logits(s.search.state, states.Slice(states.Rows-1, states.Rows))
		want := must(g.Float32("logits", m.config.Vocab))(t)
		near(t, name+": logits", logits, transformer.MatOf(want, 1, len(want)), 1, 1e-3)
	}
}

func TestSuppressedTokens(t *testing.T) {
	for _, name := range names {
		m, g := tiny(t, name), goldenOf(t, name)
		got := slices.DeleteFunc(slices.Clone(m.tokens.suppress), func(id int) bool { return id >= m.tokens.end })
		if !slices.Equal(got, g.Suppressed) {
			t.Errorf("%s: %v, want %v", name, got, g.Suppressed)
		}
	}
}

// The searches write the tokens of the reference.
func TestDecode(t *testing.T) {
	for _, name := range names {
		m, g := tiny(t, name), goldenOf(t, name)
		s, _ := hearing(t, m)
		for k, o := range map[string]Options{
			"greedy": {}, "plain": {NoTimestamps: true}, "prompt": {Prompt: "the rain and other things", NoTimestamps: true}, "beam": {Beam: 5},
			"patient": {Beam: 3, Patience: 2, LengthPenalty: 0.6}, "blank": {AllowBlank: true, AllTokens: true, Suppress: []int{0}},
			"german": {Language: "de"}, "translate": {Language: "es", Translate: true}, "detected": {Language: "-"},
		} {
			want, ok := g.Decoded[k]
			if !ok {
				continue // the English model has fewer
			}
			if o.Language == "" {
				o.Language = "en"
			}
			o.Language = strings.Trim(o.Language, "-")
			tr := &transcription{session: s, set: must(m.settings(o))(t), initial: m.encode(" " + o.Prompt)}
			if o.Prompt == "" {
				tr.initial = nil
			}
			if err := tr.detect(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			tr.prompt()
			if err := s.search.run(t.Context(), tr.set.pass, &tr.task); err != nil {
				t.Fatal(err)
			}
			r := m.result(&tr.task, 0)
			if !slices.Equal(r.tokens, want.Tokens) || math.Abs(r.avgLogProb-want.Avg) > 1e-3 || math.Abs(r.noSpeech-want.No_speech) > 1e-4 {
				t.Errorf("%s, %s: %v, %v, %v, want %v, %v, %v", name, k, r.tokens, r.avgLogProb, r.noSpeech, want.Tokens, want.Avg, want.No_speech)
			}
			if !strings.Contains(want.Text, "<|") && (r.text != want.Text || math.Abs(r.compression-want.Compression) > 0.1) {
				t.Errorf("%s, %s: %q, %v, want %q, %v", name, k, r.text, r.compression, want.Text, want.Compression)
			}
		}
	}
}

func TestLanguages(t *testing.T) {
	m, g := tiny(t, "multilingual"), goldenOf(t, "multilingual")
	s, _ := hearing(t, m)
	probs := must(s.search.languages(t.Context(), 1))(t)[0]
	for i, l := range m.tokens.languages {
		if math.Abs(probs[i]-g.Languages[l.code]) > 1e-4 {
			t.Errorf("%s: %v, want %v", l.code, probs[i], g.Languages[l.code])
		}
	}
	best := m.tokens.likeliest(probs, []string{"zh", "de"})
	if len(best) != 2 || best[0].Code != "de" || best[0].Prob < best[1].Prob {
		t.Errorf("of zh and de: %v", best)
	}
}

// Tokens get the times and words the text of the reference.
func TestAlign(t *testing.T) {
	for _, name := range names {
		m, g := tiny(t, name), goldenOf(t, name)
		if got := m.encode(" the rain and then (nothing) at all é"); !slices.Equal(got, g.Aligned) {
			t.Fatalf("%s: tokens %v, want %v", name, got, g.Aligned)
		}
		s, _ := hearing(t, m)
		a := must(s.alignText(t.Context(), m.startTokens(must(m.settings(Options{Language: "en"}))(t)), g.Aligned, m.config.frames()-30))(t)
		words := m.splitWords(g.Aligned, "en")
		if len(words) != len(g.Words) {
			t.Fatalf("%s: words %v, want %v", name, words, g.Words)
		}
		at := 0
		for i, w := range g.Words {
			prob := 0.0
			for _, p := range a.probs[at : at+w.N] {
				prob += p / float64(w.N)
			}
			if words[i].Text != w.Word || words[i].tokens != w.N || a.at[at] != w.Start || a.at[at+w.N] != w.End || math.Abs(prob-w.Prob) > 1e-3 {
				t.Errorf("%s: %q %v %v %v, want %v", name, words[i].Text, a.at[at], a.at[at+w.N], prob, w)
			}
			at += w.N
		}
	}
}

func TestWarp(t *testing.T) {
	f := must(weights.Open("testdata/warp.safetensors"))(t)
	defer f.Close()
	shape := f.Shape("x")
	x := transformer.MatOf(must(f.Float32("x", shape...))(t), shape[0], shape[1])
	median := must(f.Float32("median", shape...))(t)
	for i := range x.Rows {
		got := make([]float32, x.Cols)
		addMedian(got, x.Row(i), 1)
		if want := median[i*x.Cols : (i+1)*x.Cols]; !slices.Equal(got, want) {
			t.Errorf("median %v, want %v", got, want)
		}
	}
	rows, columns := must(f.Float32("rows", f.Shape("rows")...))(t), must(f.Float32("columns", f.Shape("columns")...))(t)
	var a aligner
	for i, at := range a.warp(x) {
		first := slices.Index(rows, float32(i))
		if want := float64(columns[first]) / stateRate; at != want {
			t.Errorf("token %d at %v, want %v", i, at, want)
		}
	}
}

// A sound of several windows gives the segments of the reference.
func TestTranscribe(t *testing.T) {
	s := func(x float64) time.Duration { return time.Duration(x * float64(time.Second)) }
	for _, name := range names {
		m, g := tiny(t, name), goldenOf(t, name)
		for k, o := range map[string]Options{"long": {}, "words": {Words: true}, "prompted": {Prompt: "the rain", CarryPrompt: true},
			"clips": {Clips: []Clip{{s(1), s(2.5)}, {s(4), s(6.2)}}}} {
			o.Language, o.Temperatures, o.NoVAD = "en", []float64{0}, true
			o.CompressionRatio, o.LogProb, o.NoSpeech = math.NaN(), math.NaN(), math.NaN()
			got := collect(t, m, sound(7).Source(), o)
			want := g.Transcribed[k]
			if len(got) != len(want) {
				t.Fatalf("%s, %s: %d segments, want %d: %+v, %+v", name, k, len(got), len(want), got, want)
			}
			for i, w := range want {
				compare(t, name+", "+k, got[i], w)
			}
		}
	}
}

func compare(t *testing.T, what string, got Segment, want goldenSegment) {
	t.Helper()
	same := func(a, b float64) bool { return math.Abs(a-b) < 1e-6 }
	if !same(got.Start, want.Start) || !same(got.End, want.End) || got.Text != want.Text || !slices.Equal(got.Tokens, want.Tokens) || len(got.Words) != len(want.Words) {
		t.Fatalf("%s: %+v, want %+v", what, got, want)
	}
	for j, x := range want.Words {
		if g := got.Words[j]; g.Text != x[0] || !same(g.Start, x[1].(float64)) || !same(g.End, x[2].(float64)) || math.Abs(g.Prob-x[3].(float64)) > 1e-3 {
			t.Errorf("%s: word %+v, want %v", what, g, x)
		}
	}
}

func collect(t testing.TB, m *Model, src audio.Source, o Options) (out []Segment) {
	t.Helper()
	err := m.Transcribe(t.Context(), src, o, func(s Segment) error {
		out = append(out, s)
		return nil
	})
	if err != nil && !errors.Is(err, t.Context().Err()) {
		t.Fatal(err)
	}
	return out
}

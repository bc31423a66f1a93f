package asr

import (
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-go/parley/audio"
)

// loopSource repeats the golden sound with pauses between, for so many samples.
type loopSource struct {
	sound []float32
	at    int
	left  int
	step  int // samples a Read at most
	after func() error
}

func (s *loopSource) Rate() int { return 16000 }

func (s *loopSource) Read(p []float32) (int, error) {
	if s.left == 0 {
		if s.after != nil {
			return 0, s.after()
		}
		return 0, io.EOF
	}
	n := min(len(p), s.left, s.step)
	for i := range p[:n] {
		p[i] = 0
		if k := (s.at + i) % (2 * len(s.sound)); k < len(s.sound) {
			p[i] = s.sound[k]
		}
	}
	s.at += n
	s.left -= n
	return n, nil
}

func loop(t testing.TB, seconds float64, step int) *loopSource {
	return &loopSource{sound: golden(t, "samples", 1).Data, left: int(seconds * 16000), step: step}
}

func collect(t *testing.T, m *Model, src audio.Source, opt *Options) []Segment {
	t.Helper()
	var out []Segment
	for s, err := range m.Stream(t.Context(), src, opt) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// The tiny model knows nothing: all it finds is doubtful.
var short = Options{Doubtful: true, Silence: 200 * time.Millisecond, MaxSegment: 3 * time.Second, Chunk: 160 * time.Millisecond}

// The promises of Segment, for every search.
func TestPartialResults(t *testing.T) {
	m := tinyModel(t)
	for _, search := range []Search{Default, Rescored, Greedy, PrefixBeam, Attention} {
		o := short
		o.Search, o.Partials, o.Alternatives = search, true, 2
		got := collect(t, m, loop(t, 20, 1000), &o)
		finals, partials := 0, 0
		for i, s := range got {
			if !s.Final {
				partials++
				if i+1 == len(got) || got[i+1].Start != s.Start {
					t.Errorf("%v: partial segment %d at %v is not replaced", search, i, s.Start)
				}
				continue
			}
			finals++
			if i+1 < len(got) && got[i+1].Start <= s.Start {
				t.Errorf("%v: segment at %v after one at %v", search, got[i+1].Start, s.Start)
			}
			if len(s.Alternatives) > 2 {
				t.Errorf("%v: %d alternatives", search, len(s.Alternatives))
			}
			checkWords(t, s)
		}
		if finals == 0 || partials == 0 {
			t.Errorf("%v: %d final and %d partial segments", search, finals, partials)
		}
	}
}

func checkWords(t *testing.T, s Segment) {
	t.Helper()
	var words []string
	last := s.Start
	for _, w := range s.Words {
		words = append(words, w.Text)
		if w.Start < last || w.End <= w.Start || w.End > s.End || !(w.Confidence >= 0 && w.Confidence <= 1) {
			t.Errorf("word %+v after %v in a segment %v to %v", w, last, s.Start, s.End)
		}
		last = w.Start
	}
	if strings.Join(words, " ") != s.Text {
		t.Errorf("words %q of %q", words, s.Text)
	}
}

// What comes out does not depend on how the sound comes in, on partial results, or on who used the state before. The texts of
// words found by their phones are left out: in a random model some lie so close together that the last bit decides.
func TestStreamIsDeterministic(t *testing.T) {
	m := tinyModel(t)
	for search, same := range map[Search]func(a, b Segment) bool{PrefixBeam: sameWords, Rescored: sameSpan} {
		set := short
		set.Search = search
		finals := func(step int, partials bool) (out []Segment) {
			o := set
			o.Partials = partials
			for _, s := range collect(t, m, loop(t, 15, step), &o) {
				if s.Final {
					out = append(out, s)
				}
			}
			return out
		}
		want := finals(1<<20, false)
		for _, step := range []int{1, 777, 4096} {
			if got := finals(step, step == 777); !slices.EqualFunc(got, want, same) {
				t.Errorf("%v in steps of %d: %v, want %v", search, step, got, want)
			}
		}
		tr, err := m.Transcribe(t.Context(), loop(t, 15, 500), &set)
		if err != nil || !slices.EqualFunc(tr.Segments, want, same) || tr.Duration != 15*time.Second {
			t.Errorf("%v: Transcribe: %+v, %v", search, tr, err)
		}
	}
}

func sameSpan(x, y Segment) bool { return x.Start == y.Start && x.End == y.End && x.Final == y.Final }

// sameWords compares segments; confidences may differ by rounding, as matrix products of other heights round differently.
func sameWords(x, y Segment) bool {
	return sameSpan(x, y) && x.Text == y.Text && slices.EqualFunc(x.Words, y.Words, func(v, w Word) bool {
		return v.Text == w.Text && v.Start == w.Start && v.End == w.End && math.Abs(float64(v.Confidence-w.Confidence)) < 1e-4
	})
}

func TestConcurrentStreams(t *testing.T) {
	m := tinyModel(t)
	want, err := m.Transcribe(t.Context(), loop(t, 8, 4096), &short)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan *Transcript)
	for range 6 {
		go func() {
			tr, _ := m.Transcribe(t.Context(), loop(t, 8, 900), &short)
			got <- tr
		}()
	}
	for range 6 {
		if tr := <-got; tr.Text != want.Text {
			t.Errorf("%q, want %q", tr.Text, want.Text)
		}
	}
}

// Memory stays flat however long the sound is.
func TestMemoryIsBounded(t *testing.T) {
	m := tinyModel(t)
	var before, after runtime.MemStats
	o := short
	n := 0
	for s, err := range m.Stream(t.Context(), loop(t, 400, 4096), &o) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; before.HeapAlloc == 0 && s.Start > 60*time.Second {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); before.HeapAlloc == 0 || grown > 1<<20 {
		t.Errorf("%d bytes more after %d segments", grown, n)
	}
}

func TestStreamEnds(t *testing.T) {
	m := tinyModel(t)
	broken := errors.New("unplugged")
	src := loop(t, 5, 4096)
	src.after = func() error { return broken }
	tr, err := m.Transcribe(t.Context(), src, &short)
	if !errors.Is(err, broken) || len(tr.Segments) == 0 {
		t.Errorf("a source that fails: %v, %d segments", err, len(tr.Segments))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	endless := loop(t, 120, 4096)
	n := 0
	for _, err := range m.Stream(ctx, endless, &short) {
		if n++; n == 3 {
			cancel()
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if endless.at > 60*16000 {
		t.Errorf("cancelled, it went on for %d s", endless.at/16000)
	}
	for range m.Stream(t.Context(), loop(t, 120, 4096), &short) {
		break // leaving the loop ends it
	}
	for _, o := range []Options{{Search: 99}, {Chunk: time.Millisecond}, {Chunk: time.Hour}, {Beam: -1}, {Alternatives: -1}, {MaxSegment: time.Hour},
		{Silence: -1}, {LMWeight: math.NaN()}, {WordBonus: math.Inf(1)}} {
		if _, err := m.Transcribe(t.Context(), loop(t, 1, 100), &o); err == nil {
			t.Errorf("no error for %+v", o)
		}
	}
}

// What was hardly heard is no speech: it is left out, and a source that has nothing else yields nothing.
func TestDoubtful(t *testing.T) {
	m := tinyModel(t)
	o := short
	o.Doubtful, o.Partials = false, true
	if got := collect(t, m, loop(t, 10, 4096), &o); len(got) != 0 {
		t.Errorf("%v", got)
	}
	seg := Segment{Words: []Word{{Confidence: 0.3}}}
	s := m.engine.(*hybrid).newSession()
	s.segmenter.last, s.voice.probs = 20, slices.Repeat([]float32{0.9}, 60)
	phones := &candidate{phones: true}
	if s.believable(&seg, phones) || !s.believable(&seg, &candidate{}) {
		t.Error("one word of confidence 0.3")
	}
	if seg.Words = append(seg.Words, seg.Words[0], seg.Words[0], seg.Words[0]); !s.believable(&seg, phones) {
		t.Error("four words of confidence 0.3")
	}
	if s.believable(&seg, &candidate{phones: true, att: -2.5}) || !s.believable(&seg, &candidate{phones: true, att: -0.1}) {
		t.Error("four words of confidence 0.3 that the decoder doubts, or is sure of")
	}
	if s.voice.probs = slices.Repeat([]float32{0.1}, 60); s.believable(&seg, phones) {
		t.Error("words where nobody speaks")
	}
}

// Odd sounds are no reason to fail.
func TestOddSounds(t *testing.T) {
	m := tinyModel(t)
	nan := []float32{float32(math.NaN()), float32(math.Inf(1)), 1e30, -1e30}
	for name, c := range map[string]audio.Clip{"empty": {Rate: 16000}, "one sample": {Rate: 16000, Samples: []float32{1}}, "8 kHz": {Rate: 8000, Samples: make([]float32, 8000)},
		"NaN": {Rate: 16000, Samples: append(nan, make([]float32, 5000)...)}, "silence": {Rate: 16000, Samples: make([]float32, 99999)}} {
		tr, err := m.Transcribe(t.Context(), c.Source(), nil)
		if err != nil || tr.Duration != c.Duration() {
			t.Errorf("%s: %+v, %v", name, tr, err)
		}
	}
	if _, err := m.Transcribe(t.Context(), audio.Clip{Samples: make([]float32, 9)}.Source(), nil); err == nil {
		t.Error("no error for a sound without a rate")
	}
}

// raceDetector: the tests run under it, where a sync.Pool forgets at random.
var raceDetector bool

// Once warm, a chunk in which the text does not change allocates nothing.
func TestStreamAllocations(t *testing.T) {
	m := tinyHybrid(t)
	s := m.newSession()
	set, err := (&Options{Search: Lexicon, MaxSegment: time.Minute, Silence: time.Hour}).settings(m)
	if err != nil {
		t.Fatal(err)
	}
	s.start(set, func(Segment) error { return nil })
	x, steps := golden(t, "encoded", m.config.D).Slice(0, 16), golden(t, "conv", m.config.D).Slice(0, 32)
	ctx := t.Context()
	feed := func() {
		if s.heard > 100 {
			s.next(s.heard, false)
		}
		if err := s.hear(ctx, steps, x); err != nil {
			t.Fatal(err)
		}
	}
	for range 50 {
		feed()
	}
	if n := testing.AllocsPerRun(50, feed); n > 0 && !raceDetector {
		t.Errorf("%v allocations a chunk", n)
	}
}

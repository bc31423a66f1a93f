package vad

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// probs writes runs of frames: runs(0.9, 10, 0.1, 5) is ten frames of 0.9 and five of 0.1.
func runs(pairs ...float32) []float32 {
	var p []float32
	for i := 0; i < len(pairs); i += 2 {
		p = append(p, slices.Repeat(pairs[i:i+1], int(pairs[i+1]))...)
	}
	return p
}

// frames of 10 samples at 1 kHz: 10 ms.
func segment(p []float32, o *Options) []Span {
	s := NewSegmenter(1000, 10, o)
	return s.Flush(s.Push(nil, p), int64(len(p)*10))
}

func TestSegments(t *testing.T) {
	ms := time.Millisecond
	tight := &Options{MinSpeech: 50 * ms, MinSilence: 200 * ms, Before: -1, After: -1}
	padded := &Options{MinSpeech: 50 * ms, MinSilence: 200 * ms, Before: 100 * ms, After: 60 * ms}
	for _, c := range []struct {
		name string
		p    []float32
		o    *Options
		want []Span
	}{
		{"nothing", nil, nil, nil},
		{"silence", runs(0.1, 1000), nil, nil},
		{"one span", runs(0, 50, 0.9, 30, 0, 50), tight, []Span{{500, 800, false}}},
		{"padding", runs(0, 50, 0.9, 30, 0, 50), padded, []Span{{400, 860, false}}},
		{"speech at once and to the end", runs(0.9, 30), padded, []Span{{0, 300, false}}},
		{"a short pause is within", runs(0, 10, 0.9, 20, 0, 19, 0.9, 20, 0, 30), tight, []Span{{100, 690, false}}},
		{"a long one is between", runs(0, 10, 0.9, 20, 0, 20, 0.9, 20, 0, 30), tight, []Span{{100, 300, false}, {500, 700, false}}},
		{"padding does not overlap", runs(0, 10, 0.9, 20, 0, 20, 0.9, 20, 0, 30), &Options{MinSpeech: 50 * ms, MinSilence: 200 * ms, Before: 150 * ms, After: 150 * ms},
			[]Span{{0, 450, false}, {450, 850, false}}},
		{"clicks are nothing", runs(0, 10, 0.9, 3, 0, 10, 0.9, 4, 0, 10), tight, nil},
		{"hysteresis", runs(0, 10, 0.45, 20, 0.6, 10, 0.4, 30, 0.3, 30), tight, []Span{{300, 700, false}}},
		{"the end is before the pad", runs(0, 10, 0.9, 20, 0, 2), padded, []Span{{0, 320, false}}},
		{"NaN is silence", runs(float32(nan()), 20, 0.9, 20, float32(nan()), 30), tight, []Span{{200, 400, false}}},
	} {
		if got := segment(c.p, c.o); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func nan() float64 { z := 0.0; return z / z }

func TestLongSpeechIsCutInAPause(t *testing.T) {
	o := &Options{MaxSpeech: 2 * time.Second, Before: -1, After: -1}
	got := segment(runs(0.9, 130, 0.5, 10, 0.9, 300, 0, 100), o)
	if len(got) < 2 || got[0].Start != 0 || !got[0].Cut || got[0].End < 1300 || got[0].End > 1400 {
		t.Fatalf("%v: want the first cut at 1300 to 1400", got)
	}
	check(t, got, o, 2000)
	if last := got[len(got)-1]; last.Cut || last.End != 4400 {
		t.Errorf("%v: want the last to end at 4400", got)
	}
	for i := 1; i < len(got); i++ {
		if got[i].Start != got[i-1].End {
			t.Errorf("%v: speech is missing", got)
		}
	}
}

// check holds what spans promise.
func check(t testing.TB, spans []Span, o *Options, most int64) {
	t.Helper()
	end := int64(0)
	for _, s := range spans {
		if s.Start < end || s.End <= s.Start || s.End-s.Start > most {
			t.Fatalf("%+v: %v in %v", o, s, spans)
		}
		end = s.End
	}
}

func TestSpansOfAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		o := &Options{MaxSpeech: time.Duration(rng.IntN(5000)) * time.Millisecond, MinSilence: time.Duration(rng.IntN(600)-50) * time.Millisecond,
			MinSpeech: time.Duration(rng.IntN(300)-50) * time.Millisecond, Before: time.Duration(rng.IntN(500)) * time.Millisecond, After: time.Duration(rng.IntN(900)) * time.Millisecond}
		var p []float32
		for len(p) < 3000 {
			p = append(p, slices.Repeat([]float32{rng.Float32()}, 1+rng.IntN(80))...)
		}
		s := NewSegmenter(1000, 10, o)
		var got []Span
		for i, q := range p {
			needed := s.Needed()
			n := len(got)
			got = s.Push(got, []float32{q})
			if len(got) > n && got[n].Start < needed {
				t.Fatalf("%+v: frame %d: a span from %d, but only %d on was needed", o, i, got[n].Start, needed)
			}
		}
		got = s.Flush(got, int64(len(p)*10))
		most := o.settings().MaxSpeech.Milliseconds()
		check(t, got, o, most)
		if whole := segment(p, o); !slices.Equal(whole, got) {
			t.Fatalf("%+v: frame by frame %v, at once %v", o, got, whole)
		}
	}
}

func TestSpeaking(t *testing.T) {
	s := NewSegmenter(1000, 10, nil)
	s.Push(nil, runs(0, 100, 0.9, 9))
	if _, ok := s.Speaking(); ok {
		t.Error("90 ms are speech already")
	}
	s.Push(nil, runs(0.9, 1))
	if at, ok := s.Speaking(); !ok || at != 800 {
		t.Errorf("%d, %v: want 800", at, ok)
	}
	s.Push(nil, runs(0, 51))
	if _, ok := s.Speaking(); ok {
		t.Error("speech after a long pause")
	}
}

// TestTenHours: a segmenter keeps nothing of what is over.
func TestTenHours(t *testing.T) {
	s, rng := NewSegmenter(rate, hop, nil), rand.New(rand.NewPCG(5, 6))
	var spans []Span
	p := make([]float32, 0, 5000)
	for frames := 0; frames < 36000*rate/hop; {
		p = p[:0]
		for v := rng.Float32(); len(p) < 1+int(rng.ExpFloat64()*200) && len(p) < cap(p); {
			p = append(p, v)
		}
		frames += len(p)
		spans = s.Push(spans[:0], p)
		check(t, spans, nil, 30*rate)
	}
	if c := cap(s.probs); c > 2*30*rate/hop {
		t.Errorf("it holds %d probabilities", c)
	}
	if s.t*hop-s.Needed() > 30*rate {
		t.Errorf("it needs %d samples", s.t*hop-s.Needed())
	}
}

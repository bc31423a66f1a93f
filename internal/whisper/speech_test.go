package whisper

import (
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parley-go/parley/audio"
)

// long is so many seconds of white noise, made while it is read.
type long struct {
	left int
	rng  *rand.Rand
}

func newLong(seconds int) *long { return &long{seconds * sampleRate, rand.New(rand.NewPCG(1, 1))} }

func (l *long) Rate() int { return sampleRate }

func (l *long) Read(p []float32) (int, error) {
	n := min(len(p), l.left)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		p[i] = float32(l.rng.NormFloat64()) * 0.05
	}
	l.left -= n
	return n, nil
}

// Where nobody speaks there is no text, in any mode, and what was heard is forgotten.
func TestNobodySpeaks(t *testing.T) {
	m := tiny(t, "multilingual")
	for name, o := range map[string]Options{"sequential": {}, "batch": {Batch: 4}, "live": {Live: func(Segment) error { return nil }}, "clips": {Clips: []Clip{{time.Second, 3 * time.Second}, {5 * time.Second, 0}}}} {
		for _, src := range []audio.Source{newLong(40), audio.Clip{Rate: 16000, Samples: make([]float32, 20*16000)}.Source()} {
			if got := collect(t, m, src, o); len(got) != 0 {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
	f := newFeatures(m, newLong(120))
	f.heed(pause, time.Minute)
	lo, hi, err := f.stretch(t.Context(), 0, m.config.frames())
	if err != nil || lo != hi || len(f.rows) > 1000*f.mels {
		t.Errorf("%d, %d, %v; %d frames kept", lo, hi, err, len(f.rows)/f.mels)
	}
}

// Without the detector everything is heard, and memory stays that of some windows.
func TestLongSound(t *testing.T) {
	m := tiny(t, "english")
	f := newFeatures(m, newLong(60))
	tr := &transcription{session: m.newSession(), set: must(m.settings(Options{NoVAD: true, Temperatures: []float64{0}}))(t), sound: f,
		emit: func(Segment) error { return nil }}
	if err := tr.clip(t.Context(), 0, math.MaxInt); err != nil {
		t.Fatal(err)
	}
	if most := cap(f.rows) / f.mels; most > 4*m.config.frames() || f.end() != 6000 {
		t.Errorf("%d frames in memory, %d in all", most, f.end())
	}
	if n := len(tr.said); n > tr.room() {
		t.Errorf("%d tokens are remembered", n)
	}
}

// Short sounds are no reason to fail.
func TestOddSounds(t *testing.T) {
	nan := float32(math.NaN())
	for _, name := range names {
		m := tiny(t, name)
		for _, x := range [][]float32{nil, {1}, make([]float32, 100), make([]float32, 399), {nan, float32(math.Inf(1)), -1e30}} {
			for _, o := range []Options{{NoVAD: true, Words: true}, {}, {Batch: 2}, {Live: func(Segment) error { return nil }}} {
				collect(t, m, audio.Clip{Rate: 16000, Samples: x}.Source(), o)
			}
		}
	}
}

package whisper

import (
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/vad"
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
	f := m.newSession().open(newLong(120))
	f.heed(pause, time.Minute)
	lo, hi, err := f.stretch(t.Context(), 0, m.config.frames())
	if err != nil || lo != hi || len(f.rows) > 1000*f.mels {
		t.Errorf("%d, %d, %v; %d frames kept", lo, hi, err, len(f.rows)/f.mels)
	}
}

// Without the detector everything is heard, and memory stays that of some windows.
func TestLongSound(t *testing.T) {
	m := tiny(t, "english")
	f := m.newSession().open(newLong(60))
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

// talk is tones with silence between them: 0 to 1.2 s, 4.2 to 6 s, 6.7 to 7 s.
func talk() audio.Clip {
	c := sound(7)
	clear(c.Samples[12*1600 : 42*1600])
	clear(c.Samples[60*1600 : 67*1600])
	return c
}

// talking is a transcription of talk that takes loud for speech.
func talking(t *testing.T, m *Model, o Options, silence, longest time.Duration) (*transcription, *[]Segment) {
	t.Helper()
	o.Language, o.Temperatures = "en", []float64{0}
	o.LogProb, o.NoSpeech, o.CompressionRatio = math.NaN(), math.NaN(), math.NaN()
	set := must(m.settings(o))(t)
	set.NoVAD = true // no bounds for noise: the model is random
	s := m.newSession()
	tr := &transcription{session: s, set: set, sound: s.open(talk().Source())}
	tr.sound.speech = newSpeech(vad.Energy, silence, longest)
	var out []Segment
	tr.emit = func(s Segment) error {
		out = append(out, s)
		return nil
	}
	return tr, &out
}

// Only speech is heard, and times are those of the sound.
func TestSpeechOnly(t *testing.T) {
	m := tiny(t, "multilingual")
	for name, o := range map[string]Options{"sequential": {Words: true}, "batch": {Batch: 2, Words: true}} {
		silence := pause
		if o.Batch > 0 {
			silence = 500 * time.Millisecond
		}
		tr, out := talking(t, m, o, silence, m.longestPart())
		hear := tr.clip
		if o.Batch > 0 {
			hear = tr.batched
		}
		if err := hear(t.Context(), 0, math.MaxInt); err != nil {
			t.Fatal(err)
		}
		first, later := false, false
		last := 0.0
		for _, s := range *out {
			first, later = first || s.Start < 1.7, later || s.Start > 3.6
			if s.Start > 1.8 && s.Start < 3.6 || s.Start < last || s.End > 7.5 {
				t.Errorf("%s: segment %.2f to %.2f", name, s.Start, s.End)
			}
			last = s.Start
		}
		if !first || !later {
			t.Errorf("%s: %+v", name, *out)
		}
	}
}

// The promises of asr.Segment: a partial result is replaced by the next segment, which starts where it does; final ones come in order.
func TestLive(t *testing.T) {
	m := tiny(t, "multilingual")
	type event struct {
		Segment
		final bool
	}
	var events []event
	o := Options{Every: 200 * time.Millisecond, Live: func(s Segment) error {
		events = append(events, event{s, false})
		return nil
	}}
	tr, _ := talking(t, m, o, 300*time.Millisecond, time.Minute)
	tr.emit = func(s Segment) error {
		events = append(events, event{s, true})
		return nil
	}
	if err := tr.live(t.Context(), 0, math.MaxInt); err != nil {
		t.Fatal(err)
	}
	partials, finals := 0, 0
	last := -1.0
	for i, e := range events {
		if !e.final {
			partials++
			if i+1 == len(events) || events[i+1].Start != e.Start {
				t.Errorf("partial text %q at %v is not replaced", e.Text, e.Start)
			}
			continue
		}
		finals++
		if e.Start < last {
			t.Errorf("%v after %v", e.Start, last)
		}
		last = e.Start
	}
	if partials == 0 || finals == 0 {
		t.Errorf("%d partial and %d final texts", partials, finals)
	}
}

package asr

import (
	"context"
	"iter"
	"time"

	"github.com/parley-go/parley/audio"
)

// sampleRate of the sound that a model hears; Stream resamples others.
const sampleRate = 16000

// samplePeriod is exactly the time from one sample to the next: multiples of it do not overflow on endless sounds.
const samplePeriod = time.Second / sampleRate

// A Model is a recogniser. It is immutable and safe for concurrent use; each stream has a state of its own.
type Model struct{ engine engine }

// An engine recognises speech with the models of one family.
type engine interface {
	// stream passes on segments, and last the error if there is one, until yield returns false: see Model.Stream.
	stream(ctx context.Context, src audio.Source, opt *Options, yield func(Segment, error) bool)
}

// Transcribe returns the text of a whole sound. On an error, or when ctx ends, it returns what it has so far with the error.
func (m *Model) Transcribe(ctx context.Context, src audio.Source, opt *Options) (*Transcript, error) {
	o := Options{}
	if opt != nil {
		o = *opt
	}
	o.Partials = false
	t := &Transcript{}
	counter := &countingSource{Source: src}
	var failed error
	for s, err := range m.Stream(ctx, counter, &o) {
		if err != nil {
			failed = err
			break
		}
		t.Segments = append(t.Segments, s)
		if t.Language == "" {
			t.Language = s.Language
		}
	}
	t.Text = JoinText(t.Segments)
	if rate := src.Rate(); rate > 0 {
		t.Duration = time.Duration(float64(counter.n) / float64(rate) * float64(time.Second))
	}
	return t, failed
}

// countingSource counts the samples that pass.
type countingSource struct {
	audio.Source
	n int64
}

func (c *countingSource) Read(p []float32) (int, error) {
	n, err := c.Source.Read(p)
	c.n += int64(n)
	return n, err
}

// Stream transcribes a sound as it comes; see Segment for what it promises. It may be endless: memory stays bounded. A segment comes
// once the silence after it was heard. On an error, or when ctx ends, which is seen between chunks, the last pair holds the error.
func (m *Model) Stream(ctx context.Context, src audio.Source, opt *Options) iter.Seq2[Segment, error] {
	return func(yield func(Segment, error) bool) { m.engine.stream(ctx, src, opt, yield) }
}

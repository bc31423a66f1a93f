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
	// check is Model.Check.
	check(opt *Options) error
}

// Transcribe returns the text of a whole sound. It returns a transcript with an error too: where the sound fails, all that was heard until
// then; when ctx ends, or on an error of the model, the segments that were final.
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

// Stream transcribes a sound as it comes; see Segment for what it promises. It may be endless: memory stays bounded. A segment comes
// once the silence after it was heard. On an error, or when ctx ends, which is seen between chunks, the last pair holds the error. Where the
// sound fails, as a file that was cut off does with io.ErrUnexpectedEOF, the segment that was open comes first.
func (m *Model) Stream(ctx context.Context, src audio.Source, opt *Options) iter.Seq2[Segment, error] {
	return func(yield func(Segment, error) bool) {
		in, over := &breakable{Source: src, ctx: ctx}, false
		m.engine.stream(ctx, in, opt, func(s Segment, err error) bool {
			over = !yield(s, err) || err != nil
			return !over
		})
		if in.err != nil && !over {
			yield(Segment{}, in.err)
		}
	}
}

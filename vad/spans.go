package vad

import (
	"context"
	"io"
	"iter"

	"github.com/parley-go/parley/audio"
)

// Speech is a span with its sound.
type Speech struct {
	Span
	Samples []float32 // (End-Start), at the detector's rate; the caller's own
}

// Spans finds the speech in a sound as it comes. The sound may be endless and of any rate: it is converted to the
// detector's, which is what spans count in. Nil detector and options mean the defaults. A span comes when the pause
// after it was heard; memory is bounded by Options.MaxSpeech. On an error, or when ctx ends, the last pair holds the error.
func Spans(ctx context.Context, src audio.Source, d Detector, opt *Options) iter.Seq2[Speech, error] {
	return func(yield func(Speech, error) bool) {
		if d == nil {
			d = Default()
		}
		f := newFinder(d, opt)
		in := audio.Resample(src, d.Rate())
		buf := make([]float32, 4096)
		for {
			if err := ctx.Err(); err != nil {
				yield(Speech{}, err)
				return
			}
			n, err := in.Read(buf)
			audio.Sanitize(buf[:n])
			if !f.push(buf[:n], yield) {
				return
			}
			if err == io.EOF {
				f.flush(yield)
				return
			}
			if err != nil {
				yield(Speech{}, err)
				return
			}
		}
	}
}

// finder holds the samples that a span to come may have.
type finder struct {
	stream  Stream
	segment *Segmenter
	samples []float32 // from sample base on
	base    int64
	probs   []float32
	spans   []Span
}

func newFinder(d Detector, opt *Options) *finder {
	return &finder{stream: d.NewStream(), segment: NewSegmenter(d.Rate(), d.Hop(), opt)}
}

func (f *finder) push(samples []float32, yield func(Speech, error) bool) bool {
	f.samples = append(f.samples, samples...)
	f.probs = f.stream.Push(f.probs[:0], samples)
	f.spans = f.segment.Push(f.spans[:0], f.probs)
	if !f.emit(yield) {
		return false
	}
	if done := f.segment.Needed() - f.base; done > int64(len(f.samples)/2) {
		f.samples = f.samples[:copy(f.samples, f.samples[done:])]
		f.base += done
	}
	return true
}

func (f *finder) flush(yield func(Speech, error) bool) {
	end := f.base + int64(len(f.samples))
	f.probs = f.stream.Flush(f.probs[:0])
	f.spans = f.segment.Flush(f.segment.Push(f.spans[:0], f.probs), end)
	f.emit(yield)
}

func (f *finder) emit(yield func(Speech, error) bool) bool {
	for _, s := range f.spans {
		lo, hi := s.Start-f.base, min(s.End-f.base, int64(len(f.samples)))
		s.End = f.base + hi
		if !yield(Speech{s, append([]float32(nil), f.samples[lo:hi]...)}, nil) {
			return false
		}
	}
	return true
}

package vad

import (
	"context"
	"io"
	"iter"

	"github.com/parley-go/parley/audio"
)

// A Finder finds the speech in a sound that is pushed: a detector's stream with a Segmenter behind it. It keeps no samples.
type Finder struct {
	stream  Stream
	segment *Segmenter
	heard   int64
	probs   []float32
}

// NewFinder makes a finder. Nil detector and options mean the defaults.
func NewFinder(d Detector, opt *Options) *Finder {
	if d == nil {
		d = Default()
	}
	return &Finder{stream: d.NewStream(), segment: NewSegmenter(d.Rate(), d.Hop(), opt)}
}

// Push takes more sound, at the detector's rate, and appends the spans that have ended to dst. A span ends once the pause
// after it was heard.
func (f *Finder) Push(dst []Span, samples []float32) []Span {
	f.heard += int64(len(samples))
	f.probs = f.stream.Push(f.probs[:0], samples)
	return f.segment.Push(dst, f.probs)
}

// Flush ends the sound and appends its last span, if there is one. The finder is then ready for another sound.
func (f *Finder) Flush(dst []Span) []Span {
	f.probs = f.stream.Flush(f.probs[:0])
	old := len(dst)
	dst = f.segment.Flush(f.segment.Push(dst, f.probs), f.heard)
	for i := old; i < len(dst); i++ {
		dst[i].End = min(dst[i].End, f.heard) // the last frame may reach beyond the sound
	}
	f.heard = 0
	return dst
}

// Needed is the first sample that a span to come may start with: what is before it is in spans that were returned, or is
// not speech.
func (f *Finder) Needed() int64 { return f.segment.Needed() }

// Speaking reports whether speech is going on that will be in a span, and where that span starts.
func (f *Finder) Speaking() (start int64, ok bool) { return f.segment.Speaking() }

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
		r := recorder{finder: NewFinder(d, opt)}
		in, buf := audio.Resample(src, d.Rate()), make([]float32, 4096)
		for {
			if err := ctx.Err(); err != nil {
				yield(Speech{}, err)
				return
			}
			n, err := in.Read(buf)
			if !r.push(buf[:n], yield) {
				return
			}
			if err == io.EOF {
				r.flush(yield)
				return
			}
			if err != nil {
				yield(Speech{}, err)
				return
			}
		}
	}
}

// recorder keeps the samples that spans to come may have.
type recorder struct {
	finder  *Finder
	samples []float32 // from sample base on
	base    int64
	spans   []Span
}

func (r *recorder) push(samples []float32, yield func(Speech, error) bool) bool {
	audio.Sanitize(samples)
	r.samples = append(r.samples, samples...)
	r.spans = r.finder.Push(r.spans[:0], samples)
	if !r.emit(yield) {
		return false
	}
	if done := r.finder.Needed() - r.base; done > int64(len(r.samples)/2) {
		r.samples = r.samples[:copy(r.samples, r.samples[done:])]
		r.base += done
	}
	return true
}

func (r *recorder) flush(yield func(Speech, error) bool) {
	r.spans = r.finder.Flush(r.spans[:0])
	r.emit(yield)
}

// emit yields spans, and reports whether to go on.
func (r *recorder) emit(yield func(Speech, error) bool) bool {
	for _, s := range r.spans {
		if !yield(Speech{s, append([]float32(nil), r.samples[s.Start-r.base:s.End-r.base]...)}, nil) {
			return false
		}
	}
	return true
}

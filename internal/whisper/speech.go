package whisper

import (
	"context"
	"math"
	"time"

	"github.com/parley-go/parley/vad"
)

// speech finds the stretches of a sound in which somebody may speak, while the sound is read, so that Whisper hears no more than a
// moment of silence, noise or music, in which it would find words.
type speech struct {
	stream  vad.Stream
	segment *vad.Segmenter
	probs   []float32
	spans   []vad.Span // in samples
	found   []span     // stretches that have ended and are still to be heard, frames
}

// pause is the least silence that is skipped: shorter ones are heard as the reference hears them.
const pause = 2 * time.Second

// frames of a duration.
func frames(d time.Duration) int { return int(d * frameRate / time.Second) }

func newSpeech(d vad.Detector, silence, longest time.Duration) *speech {
	const around = 400 * time.Millisecond
	return &speech{stream: d.NewStream(), segment: vad.NewSegmenter(d.Rate(), d.Hop(), &vad.Options{
		MinSilence: silence, Before: around, After: min(around, silence), MaxSpeech: longest})}
}

// hear takes the next samples.
func (v *speech) hear(samples []float32) {
	v.probs = v.stream.Push(v.probs[:0], samples)
	v.take(v.segment.Push(v.spans[:0], v.probs))
}

// end takes the end of the sound, which has so many samples.
func (v *speech) end(samples int) {
	v.probs = v.stream.Flush(v.probs[:0])
	v.take(append(v.segment.Push(v.spans[:0], v.probs), v.segment.Flush(nil, int64(samples))...))
}

func (v *speech) take(spans []vad.Span) {
	v.spans = spans
	for _, s := range spans {
		v.found = append(v.found, span{int(s.Start / hop), int((s.End + hop - 1) / hop)})
	}
}

// speaking is where the stretch that goes on has begun.
func (v *speech) speaking() (lo int, ok bool) {
	start, ok := v.segment.Speaking()
	return int(start / hop), ok
}

// needed is the first frame that a stretch to come may have.
func (v *speech) needed() int { return int(v.segment.Needed() / hop) }

// heed makes the sound's samples go through a detector of stretches of speech between silences.
func (f *features) heed(silence, longest time.Duration) {
	f.speech = newSpeech(vad.Default(), silence, longest)
}

// stretch returns the next frames at or after seek in which somebody speaks; hi is math.MaxInt if they go on for more than a window of
// n frames. lo == hi: nobody speaks any more. Pauses too short to be skipped belong to what is around them.
func (f *features) stretch(ctx context.Context, seek, n int) (lo, hi int, err error) {
	if f.speech == nil {
		return seek, math.MaxInt, nil
	}
	short := frames(pause)
	for {
		lo, hi, ok := f.speech.find(seek, f.have()-n-short-50)
		if !ok {
			lo = max(seek, f.speech.needed())
		}
		if seek == 0 && lo <= short {
			lo = 0
		}
		switch known := hi == math.MaxInt || f.have() >= hi+short || f.ended; {
		case ok && known && f.ended && f.end() < hi+short:
			return max(lo, seek), f.end(), nil
		case ok && known:
			return max(lo, seek), hi, nil
		case f.ended:
			return seek, seek, nil
		}
		f.forget(max(lo, seek))
		if err := f.fill(ctx, f.have()+50); err != nil {
			return seek, seek, err
		}
	}
}

// find returns the first stretch that ends after seek. One that goes on counts if it began before frame full.
func (v *speech) find(seek, full int) (lo, hi int, ok bool) {
	for len(v.found) > 0 && v.found[0].hi <= seek {
		v.found = v.found[1:]
	}
	if len(v.found) > 0 {
		return v.found[0].lo, v.found[0].hi, true
	}
	if lo, ok := v.speaking(); ok && max(lo, seek) < full {
		return lo, math.MaxInt, true
	}
	return 0, 0, false
}

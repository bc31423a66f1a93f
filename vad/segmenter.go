package vad

import (
	"fmt"
	"time"
)

// Options say what a span of speech is. Nil and zero fields mean defaults; a negative duration means none (of MaxSpeech, its least: 1 s).
type Options struct {
	Threshold  float32       // speech begins at this probability; 0.5
	Release    float32       // and goes on down to this one; Threshold - 0.15
	MinSpeech  time.Duration // less speech is none; 100 ms
	MinSilence time.Duration // a longer pause ends a span; 500 ms
	Before     time.Duration // kept before speech; 200 ms
	After      time.Duration // kept behind speech, at most MinSilence; 200 ms
	MaxSpeech  time.Duration // a longer span is cut where speech is least likely; 30 s, at least 1 s
}

func (o *Options) settings() Options {
	set := Options{}
	if o != nil {
		set = *o
	}
	if set.Threshold == 0 {
		set.Threshold = 0.5
	}
	if set.Release == 0 {
		set.Release = max(set.Threshold-0.15, set.Threshold/2)
	}
	setDuration(&set.MinSpeech, 100*time.Millisecond)
	setDuration(&set.MinSilence, 500*time.Millisecond)
	setDuration(&set.Before, 200*time.Millisecond)
	setDuration(&set.After, 200*time.Millisecond)
	setDuration(&set.MaxSpeech, 30*time.Second)
	set.MaxSpeech = max(set.MaxSpeech, time.Second)
	return set
}

// setDuration puts the default into a duration of 0 and makes a negative one 0.
func setDuration(d *time.Duration, def time.Duration) {
	if *d == 0 {
		*d = def
	}
	*d = max(*d, 0)
}

// A Span is a stretch of speech with a little of what is around it: samples Start to End of the sound. Spans come in order
// and do not overlap.
type Span struct {
	Start, End int64
	Cut        bool // it ends because it was too long: speech goes on, and the next span, if there is one, may start at End
}

// A Segmenter makes spans of the probabilities of frames. A pair of thresholds keeps it from flickering (hysteresis). It
// decides on each frame when it comes, so that how probabilities are pushed makes no difference.
type Segmenter struct {
	hop                                  int64
	on, off                              float32
	minSpeech, minSilence, before, after int64     // samples
	most                                 int64     // samples
	t                                    int64     // frames so far
	begun, confirmed                     bool      // within speech; there was enough of it
	first, last, voiced                  int64     // of the speech: its first and last frame, how many frames are speech
	emitted                              int64     // end of the last span
	probs                                []float32 // since frame first
}

// NewSegmenter makes a segmenter of frames of hop samples at rate Hz. It panics on a rate or hop below 1.
func NewSegmenter(rate, hop int, opt *Options) *Segmenter {
	if rate < 1 || hop < 1 {
		panic(fmt.Sprintf("vad: NewSegmenter(%d, %d)", rate, hop))
	}
	o := opt.settings()
	samples := func(d time.Duration) int64 { return int64(d.Seconds() * float64(rate)) }
	return &Segmenter{hop: int64(hop), on: o.Threshold, off: min(o.Release, o.Threshold), minSpeech: samples(o.MinSpeech), minSilence: max(samples(o.MinSilence), int64(hop)),
		before: samples(o.Before), after: samples(o.After), most: max(samples(o.MaxSpeech), 8*int64(hop))}
}

// Push takes the probabilities of the next frames and appends the spans that they end to dst.
func (s *Segmenter) Push(dst []Span, probs []float32) []Span {
	for _, p := range probs {
		dst = s.frame(dst, p)
	}
	return dst
}

// Flush ends the sound, which had so many samples, and appends its last span, if there is one. The segmenter is then ready
// for another sound.
func (s *Segmenter) Flush(dst []Span, samples int64) []Span {
	if s.confirmed {
		dst = append(dst, s.span(min((s.last+1)*s.hop+s.after, samples), false))
	}
	s.t, s.emitted, s.begun, s.confirmed = 0, 0, false, false
	return dst
}

// Speaking reports whether speech is going on that will be in a span, and where that span starts.
func (s *Segmenter) Speaking() (start int64, ok bool) { return s.start(), s.confirmed }

// Needed is the first sample that a span to come may start with: a caller who wants the samples of spans keeps these.
func (s *Segmenter) Needed() int64 {
	if s.begun {
		return s.start()
	}
	return max(s.emitted, s.t*s.hop-s.before)
}

// start of the span that has begun.
func (s *Segmenter) start() int64 { return max(s.emitted, s.first*s.hop-s.before) }

func (s *Segmenter) frame(dst []Span, p float32) []Span {
	t := s.t
	s.t++
	if !(p >= 0) {
		p = 0
	}
	if !s.begun {
		if p < s.on {
			return dst
		}
		s.begun, s.confirmed, s.first, s.voiced, s.probs = true, false, t, 0, s.probs[:0]
	}
	s.probs = append(s.probs, p)
	if p >= s.off {
		s.last = t
		s.voiced++
	}
	s.confirmed = s.confirmed || s.voiced*s.hop >= s.minSpeech
	pause, now := (t-s.last)*s.hop, s.t*s.hop
	full := now+s.hop-s.start() > s.most
	switch {
	case !s.confirmed && (full || pause > min(s.minSilence, s.minSpeech)):
		s.begun = false
	case s.confirmed && pause >= s.minSilence:
		dst = append(dst, s.span(min((s.last+1)*s.hop+s.after, now), false))
		s.begun, s.confirmed = false, false
	case full && s.confirmed:
		dst = append(dst, s.cut())
	}
	return dst
}

// span ends the span that has begun.
func (s *Segmenter) span(end int64, cut bool) Span {
	sp := Span{s.start(), end, cut}
	s.emitted = end
	return sp
}

// pauseFrames is over how many frames the mean probability is taken to find a pause.
const pauseFrames = 12

// cut ends a span that is too long in the pause of its second half, and begins another there.
func (s *Segmenter) cut() Span {
	half := (s.start()+s.most/2)/s.hop - s.first
	at := s.first + int64(quietest(s.probs, int(max(half, 1))))
	span := s.span(at*s.hop, true)
	s.probs = s.probs[:copy(s.probs, s.probs[at-s.first:])]
	s.first = at
	if s.last < at { // nothing but the beginning of a pause
		s.begun, s.confirmed = false, false
		span.Cut = false
	}
	return span
}

// quietest returns the middle of the pauseFrames of p, from lo on, with the lowest mean, the last such place.
func quietest(p []float32, lo int) int {
	lo = min(lo, len(p)-1)
	n := min(pauseFrames, len(p)-lo)
	sum := float32(0)
	for _, v := range p[lo : lo+n] {
		sum += v
	}
	at, least := lo, sum
	for i := lo + n; i < len(p); i++ {
		sum += p[i] - p[i-n]
		if sum <= least {
			at, least = i-n+1, sum
		}
	}
	return at + n/2
}

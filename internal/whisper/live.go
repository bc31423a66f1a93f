package whisper

import (
	"context"
	"strings"
	"time"
)

// live transcribes speech while it goes on. Every so often all that was said since the last silence is heard again and offered as a
// partial text; when silence comes, or the window is full, it is decoded as carefully as a file, and final. Whisper hears whole windows
// only, so that this costs an encoding each time; on a machine too slow for that, partial texts come less often and nothing is lost.
func (t *transcription) live(ctx context.Context, lo, hi int) error {
	n := t.m.config.frames()
	t.sound.read = t.sound.read[:liveReadLen]
	for seek := lo; seek < hi; {
		u := utterance{t: t}
		begin, end, err := t.utterance(ctx, &u, seek, hi)
		if err != nil {
			return err
		}
		if begin >= end {
			return nil
		}
		end = min(end, begin+n)
		u.seek = begin
		advance, err := u.final(ctx, end)
		if err != nil {
			return err
		}
		seek = begin + max(advance, 2)
		if t.set.Progress != nil {
			t.set.Progress(time.Duration(seek) * time.Second / frameRate)
		}
	}
	return nil
}

// utterance is the speech that goes on.
type utterance struct {
	t       *transcription
	seek    int
	offered string        // the last partial text
	start   float64       // of all its partial texts and of its first final one
	any     bool          // there was a partial text
	next    int           // frame at which the next partial text is due
	last    time.Duration // that the last one took
}

// utterance waits for the end of the next speech, or until it fills a window, and offers partial texts on the way.
func (t *transcription) utterance(ctx context.Context, u *utterance, seek, hi int) (lo, end int, err error) {
	v, n := t.sound.speech, t.m.config.frames()
	for {
		if lo, end, ok := v.find(seek, 0); ok {
			return max(lo, seek), min(end, hi), nil
		}
		begin, speaking := v.speaking()
		begin = max(begin, seek)
		have := min(t.sound.have(), hi)
		switch {
		case speaking && have >= begin+n:
			return begin, begin + n, nil
		case t.sound.ended || have >= hi:
			if speaking {
				return begin, have, nil
			}
			return seek, seek, nil
		case speaking && u.next == 0:
			u.next = have + frames(t.set.Every)
		case speaking && have >= u.next:
			if err := u.offer(ctx, begin, have); err != nil {
				return seek, seek, err
			}
			u.next = max(t.sound.have(), have+frames(u.last)) + frames(t.set.Every)
		}
		if speaking {
			t.sound.forget(begin)
		} else {
			t.sound.forget(max(seek, v.needed()))
		}
		if err := t.sound.fill(ctx, t.sound.have()+8); err != nil {
			return seek, seek, err
		}
	}
}

// offer decodes the speech so far, greedily, and offers its text if it has changed.
func (u *utterance) offer(ctx context.Context, lo, hi int) error {
	t, began := u.t, time.Now()
	quick := *t.set
	quick.Temperatures, quick.pass.beam, quick.Words = []float64{0}, 1, false
	r, err := t.read(ctx, &quick, lo, hi)
	if err != nil {
		return err
	}
	u.last = time.Since(began)
	text := strings.TrimSpace(r.text)
	if quick.silent(&r) || quick.doubtful(&r) || text == u.offered {
		return nil
	}
	if !u.any {
		u.any, u.start = true, float64(lo)/frameRate
	}
	u.offered = text
	return t.set.Live(Segment{Start: u.start, End: float64(hi) / frameRate, Text: r.text, Tokens: r.tokens, Language: t.set.Language,
		AvgLogProb: r.avgLogProb, Compression: r.compression, NoSpeech: r.noSpeech})
}

// final decodes the speech up to hi and passes its segments on, the first of them in the place of the partial texts.
func (u *utterance) final(ctx context.Context, hi int) (advance int, err error) {
	t, emit, first := u.t, u.t.emit, u.any
	t.emit = func(s Segment) error {
		if first {
			first, s.Start = false, u.start
		}
		return emit(s)
	}
	defer func() { t.emit = emit }()
	if advance, err = t.hear(ctx, u.seek, hi); err != nil {
		return advance, err
	}
	if first { // nothing was said after all
		return advance, t.emit(Segment{Start: u.start, End: u.start, Language: t.set.Language})
	}
	return advance, nil
}

package whisper

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/transformer"
)

// transcription is one sound on its way to text.
type transcription struct {
	*session
	set    *settings
	sound  *features
	memory transformer.Mat // (AudioContext, D): the window, encoded
	emit   func(Segment) error

	task    task
	initial []int   // tokens of Options.Prompt
	said    []int   // tokens of the text so far that the next window may see, the last ones
	began   bool    // a window was decoded
	reset   bool    // what was said before is not to be seen, nor the initial prompt unless it is carried
	lastEnd float64 // where the words before ended, seconds
}

// Transcribe passes the segments of a sound to emit as they are found. It hears a window at a time and begins the next where the last
// segment ended (openai/whisper, transcribe.py). Memory does not depend on the length of the sound. An error of emit ends it and is
// returned.
func (m *Model) Transcribe(ctx context.Context, src audio.Source, o Options, emit func(Segment) error) error {
	set, err := m.settings(o)
	if err != nil {
		return err
	}
	s := m.sessions.Get().(*session)
	defer s.release()
	t := &transcription{session: s, set: set, sound: s.open(src), emit: emit}
	switch {
	case o.Live != nil:
		t.sound.heed(set.Silence, 10*time.Minute)
	case o.Batch > 1:
		t.sound.heed(500*time.Millisecond, m.longestPart())
	case !o.NoVAD:
		t.sound.heed(pause, 10*time.Minute)
	}
	if o.Prompt != "" {
		t.initial = m.encode(" " + strings.TrimSpace(o.Prompt))
	}
	hear := t.clip
	switch {
	case o.Live != nil:
		hear = t.live
	case o.Batch > 1:
		hear = t.batched
	}
	for _, c := range clips(o.Clips) {
		if err := hear(ctx, c.lo, c.hi); err != nil {
			return err
		}
	}
	return nil
}

// span is a run of frames.
type span struct{ lo, hi int }

// clips returns the parts to hear as frames; all is one part.
func clips(list []Clip) []span {
	if len(list) == 0 {
		return []span{{0, math.MaxInt}}
	}
	frame := func(d time.Duration) int { return int(math.Round(d.Seconds() * frameRate)) }
	var out []span
	for _, c := range list {
		s := span{frame(c.Start), math.MaxInt}
		if c.End != 0 {
			s.hi = frame(c.End)
		}
		out = append(out, s)
	}
	return out
}

// clip transcribes the frames from lo to hi, window by window, as far as somebody speaks.
func (t *transcription) clip(ctx context.Context, lo, hi int) error {
	n := t.m.config.frames()
	if err := t.sound.skip(ctx, lo); err != nil {
		return err
	}
	for seek := lo; seek < hi; {
		t.sound.forget(seek)
		start, end, err := t.sound.stretch(ctx, seek, n)
		if err != nil {
			return err
		}
		seek, end = start, min(end, hi, start+n)
		if err := t.sound.fill(ctx, end); err != nil {
			return err
		}
		if t.sound.ended {
			hi = min(hi, t.sound.end())
			end = min(end, hi)
		}
		t.sound.forget(seek)
		if seek >= end {
			break
		}
		advance, err := t.hear(ctx, seek, end)
		if err != nil {
			return err
		}
		seek += max(advance, 2)
		if t.set.Progress != nil {
			t.set.Progress(time.Duration(min(seek, hi)) * time.Second / frameRate)
		}
	}
	return nil
}

// hear transcribes the window of frames lo to hi and returns how far the next window is.
func (t *transcription) hear(ctx context.Context, lo, hi int) (advance int, err error) {
	r, err := t.read(ctx, t.set, lo, hi)
	if err != nil {
		return 0, err
	}
	return t.conclude(ctx, &r, lo, hi, false)
}

// read finds the text of the window of frames lo to hi.
func (t *transcription) read(ctx context.Context, set *settings, lo, hi int) (result, error) {
	t.sound.window(t.window(), lo, hi, t.set.Quiet)
	if err := t.encode(ctx, &t.memory); err != nil {
		return result{}, err
	}
	if err := t.search.listen(ctx, t.memory); err != nil {
		return result{}, err
	}
	if err := t.detect(ctx, 1); err != nil {
		return result{}, err
	}
	t.prompt()
	return t.decode(ctx, set, &t.task)
}

// conclude passes on the segments of the text of a window and returns how far the next one is; with all, what the text leaves
// unfinished is a segment too.
func (t *transcription) conclude(ctx context.Context, r *result, lo, hi int, all bool) (advance int, err error) {
	t.began = true
	if t.set.silent(r) {
		return hi - lo, nil
	}
	offset := float64(lo) / frameRate
	c := t.m.cutSegments(r.tokens, offset, hi-lo, all)
	t.m.describe(c.segs, r, t.set.Language)
	t.m.offer(c.segs, r, offset, hi-lo, t.set.Alternatives, all)
	if t.set.Words {
		if t.lastEnd, err = t.timeWords(ctx, t.set, c.segs, offset, hi-lo, t.lastEnd); err != nil {
			return 0, err
		}
		if end := lastWord(c.segs); !c.ended && !all && end > offset {
			c.advance = int(math.RoundToEven(end*frameRate)) - lo
		}
	}
	return c.advance, t.commit(c.segs, r)
}

// lastWord is the end of the last word, 0 if there is none.
func lastWord(segs []Segment) float64 {
	for i := len(segs) - 1; i >= 0; i-- {
		if w := segs[i].Words; len(w) > 0 {
			return w[len(w)-1].End
		}
	}
	return 0
}

// detect settles the language by the first of the windows that t.search listens to.
func (t *transcription) detect(ctx context.Context, windows int) error {
	if t.set.Language != "" {
		return nil
	}
	probs, err := t.search.languages(ctx, windows)
	if err == nil {
		t.set.Language = t.m.tokens.likeliest(probs[0], t.set.allowed)[0].Code
	}
	return err
}

// startTokens are those between what was said before and the text.
func (m *Model) startTokens(set *settings) []int {
	t := &m.tokens
	out := []int{t.start}
	if !t.multilingual {
		return out
	}
	id, _ := t.language(set.Language)
	if set.translate {
		return append(out, id, t.translate)
	}
	return append(out, id, t.transcribe)
}

// prompt sets the tokens before the text of the next window.
func (t *transcription) prompt() {
	p := t.task.prompt[:0]
	if before := t.before(); len(before) > 0 {
		p = append(append(p, t.m.tokens.prev), before...)
	}
	t.task.start = len(p)
	p = append(p, t.m.startTokens(t.set)...)
	if t.set.NoTimestamps {
		p = append(p, t.m.tokens.noTimestamps)
	}
	if prefix := strings.TrimSpace(t.set.Prefix); prefix != "" && !t.began {
		p = append(p, last(t.m.encode(" "+prefix), min(t.room(), t.m.config.TextContext-1-len(p)))...)
	}
	t.task.prompt = p
}

// room is how many tokens of other text a prompt may hold.
func (t *transcription) room() int { return t.m.config.TextContext/2 - 1 }

// before is the text that the next window is to continue.
func (t *transcription) before() []int {
	var out []int
	if !t.reset || t.set.CarryPrompt {
		out = append(out, t.initial...)
	}
	said := t.said
	if t.set.CarryPrompt {
		said = last(said, max(0, t.room()-len(t.initial)))
	}
	return last(append(out, said...), t.room())
}

// last returns the last n of x.
func last[T any](x []T, n int) []T { return x[max(0, len(x)-n):] }

// commit passes on the segments that say something.
func (t *transcription) commit(segs []Segment, r *result) error {
	for _, seg := range segs {
		if seg.Start == seg.End || strings.TrimSpace(seg.Text) == "" {
			continue
		}
		t.said = append(t.said, seg.Tokens...)
		if err := t.emit(seg); err != nil {
			return err
		}
	}
	t.said = append(t.said[:0], last(t.said, t.room())...)
	if t.set.Forget || r.temperature > 0.5 {
		t.said, t.reset = t.said[:0], true
	}
	return nil
}

package whisper

import (
	"context"
	"time"

	"github.com/parley-go/parley/transformer"
)

// longestPart is the longest stretch of speech of a batch: a window with a little room for what is around speech.
func (m *Model) longestPart() time.Duration {
	return max(time.Second, time.Duration(m.config.frames())*time.Second/frameRate-time.Second)
}

// part is a window of a batch.
type part struct {
	span
	memory transformer.Mat // (AudioContext, D)
	task   task
}

// batched transcribes stretches of speech several at a time, each for itself: what is next to each other is put into one window as long
// as it fits (Bain et al. 2023, arXiv:2303.00747, section 3.2, cut and merge). The decoder then reads its weights once for all windows.
func (t *transcription) batched(ctx context.Context, lo, hi int) error {
	parts := make([]part, t.set.Batch)
	n := 0
	flush := func() error {
		err := t.hearAll(ctx, parts[:n])
		if n > 0 && t.set.Progress != nil {
			t.set.Progress(time.Duration(parts[n-1].hi) * time.Second / frameRate)
		}
		n = 0
		return err
	}
	for seek := lo; ; {
		s, err := t.nextPart(ctx, seek, hi)
		if err != nil {
			return err
		}
		if s.lo >= s.hi {
			return flush()
		}
		parts[n].span = s
		t.sound.window(t.window(), s.lo, s.hi, t.set.Quiet)
		if err := t.encode(ctx, &parts[n].memory); err != nil {
			return err
		}
		seek = s.hi
		t.sound.forget(seek)
		if n++; n == len(parts) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// nextPart returns the stretches from seek on that fit into one window.
func (t *transcription) nextPart(ctx context.Context, seek, hi int) (span, error) {
	n := t.m.config.frames()
	lo, end, err := t.sound.stretch(ctx, seek, n)
	if err != nil || lo == end || lo >= hi {
		return span{seek, seek}, err
	}
	p := span{lo, min(end, hi, lo+n)}
	if err := t.sound.fill(ctx, lo+n+frames(pause)); err != nil {
		return p, err
	}
	for ok := true; ok && p.hi < hi && min(end, hi) <= lo+n; {
		p.hi = min(end, hi)
		_, end, ok = t.sound.speech.find(p.hi, 0)
	}
	if t.sound.ended {
		p.hi = min(p.hi, t.sound.end())
	}
	return p, nil
}

// hearAll decodes parts together, those whose text is doubtful again for themselves.
func (t *transcription) hearAll(ctx context.Context, parts []part) error {
	if len(parts) == 0 {
		return nil
	}
	memories, tasks := make([]transformer.Mat, len(parts)), make([]*task, len(parts))
	for i := range parts {
		memories[i], tasks[i] = parts[i].memory, &parts[i].task
	}
	if err := t.search.listen(ctx, memories...); err != nil {
		return err
	}
	if err := t.detect(ctx, len(parts)); err != nil {
		return err
	}
	for i := range parts {
		t.prompt()
		parts[i].task.prompt = append(parts[i].task.prompt[:0], t.task.prompt...)
		parts[i].task.start = t.task.start
	}
	p := t.set.pass
	p.temperature = t.set.Temperatures[0]
	if err := t.search.run(ctx, p, tasks...); err != nil {
		return err
	}
	for i := range parts {
		if err := t.finish(ctx, &parts[i], p.temperature); err != nil {
			return err
		}
	}
	return nil
}

// finish makes segments of the text of a part.
func (t *transcription) finish(ctx context.Context, p *part, temperature float64) error {
	r := t.m.result(&p.task, temperature)
	again := t.set.doubtful(&r) && len(t.set.Temperatures) > 1
	if again || t.set.Words {
		if err := t.search.listen(ctx, p.memory); err != nil {
			return err
		}
	}
	if again {
		rest := *t.set
		rest.Temperatures = rest.Temperatures[1:]
		var err error
		if r, err = t.decode(ctx, &rest, &p.task); err != nil {
			return err
		}
	}
	t.m.cutLoops(t.set, &r)
	_, err := t.conclude(ctx, &r, p.lo, p.hi, true)
	return err
}

package asr

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/moonshine"
	"github.com/parley-go/parley/internal/speech2text"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/vad"
)

// textEngine is a model that hears a stretch of sound at once and gives its text, Moonshine or Speech2Text, as an engine.
type textEngine struct {
	family string
	m      interface {
		Text(ctx context.Context, x []float32) (string, error)
	}
}

func openMoonshine(fsys fs.FS, opt *OpenOptions) (engine, error) {
	return openText(fsys, opt, "Moonshine", func(l weights.Loader) (e textEngine, err error) {
		e.m, err = moonshine.Open(fsys, l)
		return e, err
	})
}

func openSpeech2Text(fsys fs.FS, opt *OpenOptions) (engine, error) {
	return openText(fsys, opt, "Speech2Text", func(l weights.Loader) (e textEngine, err error) {
		e.m, err = speech2text.Open(fsys, l)
		return e, err
	})
}

func openText(fsys fs.FS, opt *OpenOptions, family string, open func(weights.Loader) (textEngine, error)) (engine, error) {
	dir, err := weights.OpenDirFS(fsys)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	l, err := opt.loader(dir, kernel.F32)
	if err != nil {
		return nil, err
	}
	e, err := open(l)
	if err != nil {
		return nil, err
	}
	e.family = family
	return &e, nil
}

// stream is Model.Stream. Each stretch of speech that the voice activity detector finds is a segment; with Options.Doubtful the whole
// sound is, cut every MaxSegment.
func (e *textEngine) stream(ctx context.Context, src audio.Source, opt *Options, yield func(Segment, error) bool) {
	set, err := e.settings(opt)
	if err == nil {
		err = e.transcribe(ctx, audio.Resample(src, sampleRate), set, yield)
	}
	if err != nil && !errors.Is(err, errStopped) {
		yield(Segment{}, err)
	}
}

func (e *textEngine) check(opt *Options) error {
	_, err := e.settings(opt)
	return err
}

// settings are Options with defaults filled in.
func (e *textEngine) settings(opt *Options) (set Options, err error) {
	if err := opt.only(e.family, "Doubtful", "Progress", "Silence", "Search", "MaxSegment", "Beam", "Language"); err != nil {
		return set, err
	}
	if opt != nil {
		set = *opt
	}
	if set.Language, err = opt.onlyLanguage(""); err != nil {
		return set, err
	}
	setDefaults(&set)
	switch {
	case set.Search != Default && set.Search != Greedy:
		return set, optionf("Search", "is %v, %s has %v", set.Search, e.family, Greedy)
	case set.Beam != 1:
		return set, optionf("Beam", "is %d, %s has none", set.Beam, e.family)
	}
	return set, set.checkSegments()
}

func setDefaults(o *Options) {
	set(&o.Beam, 1)
	set(&o.Silence, 800*time.Millisecond)
	set(&o.MaxSegment, 20*time.Second)
}

func (e *textEngine) transcribe(ctx context.Context, src audio.Source, set Options, yield func(Segment, error) bool) error {
	hear := func(start int64, x []float32) error {
		text, err := e.m.Text(ctx, x)
		if err != nil {
			return err
		}
		at := func(sample int64) time.Duration { return time.Duration(sample) * samplePeriod }
		end := start + int64(len(x))
		if text = strings.TrimSpace(text); text != "" && !yield(Segment{Text: text, Start: at(start), End: at(end), Final: true, Language: set.Language}, nil) {
			return errStopped
		}
		if set.Progress != nil {
			set.Progress(at(end))
		}
		return nil
	}
	if set.Doubtful {
		return pieces(ctx, src, int(set.MaxSegment.Seconds()*sampleRate), hear)
	}
	around := min(400*time.Millisecond, set.Silence)
	for s, err := range vad.Spans(ctx, src, nil, &vad.Options{MinSilence: set.Silence, Before: around, After: around, MaxSpeech: set.MaxSegment}) {
		if err == nil {
			err = hear(s.Start, s.Samples)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pieces passes a sound on in pieces of n samples, the last one shorter.
func pieces(ctx context.Context, src audio.Source, n int, hear func(start int64, x []float32) error) error {
	buf := make([]float32, n)
	for start := int64(0); ; start += int64(n) {
		have := 0
		var err error
		for have < n && err == nil {
			if err = ctx.Err(); err != nil {
				return err
			}
			var k int
			k, err = src.Read(buf[have:min(n, have+4096)])
			audio.Sanitize(buf[have : have+k])
			have += k
		}
		if err != nil && err != io.EOF {
			return err
		}
		if have > 0 {
			if err := hear(start, buf[:have]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/models/en"
	"github.com/parley-go/parley/tts"
)

// job is one run of the command: what the flags say.
type job struct {
	cli.Streams
	text    []string // the arguments
	voice   string   // its name; "" is the default, "list" prints all
	model   string   // a directory instead of the built-in voices
	lexicon string   // a file
	how     tts.Options
	out     string // a path, "-" or ""
	format  string // wav or raw
	play    bool
	device  string
	rate    int // of the sound, Hz; 0 is that of the voice
}

// voice is a tts.Model.
type voice interface {
	Rate() int
	Stream(ctx context.Context, text io.Reader, opt *tts.Options) iter.Seq2[tts.Chunk, error]
}

// opener loads the voice of that name, of a model directory or built in.
type opener func(model, name string) (voice, error)

// openVoice is the opener of the command. An error of a directory names it.
func openVoice(model, name string) (voice, error) {
	names, err := voices(model)
	if err != nil {
		return nil, err
	}
	if name != "" {
		at := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		switch {
		case at >= 0:
			name = names[at]
		case len(names) == 0:
			return nil, cli.Usagef("--voice %s; the voice of %s has no name", name, model)
		default:
			return nil, cli.Usagef("--voice %s; there is %s", name, strings.Join(names, ", "))
		}
	}
	if model == "" {
		return en.Voice(name)
	}
	m, err := tts.OpenWith(os.DirFS(model), &tts.OpenOptions{Voice: name})
	if err != nil {
		return nil, fmt.Errorf("--model %s: %w", model, err)
	}
	return m, nil
}

// voices names the voices of a model directory, or those that are built in.
func voices(model string) ([]string, error) {
	if model == "" {
		return en.Voices(), nil
	}
	names, err := tts.Voices(os.DirFS(model))
	if err != nil {
		return nil, fmt.Errorf("--model %s: %w", model, err)
	}
	return names, nil
}

// list prints the names of the voices, one a line, and which is the default.
func (j *job) list() error {
	names, err := voices(j.model)
	if err != nil || len(names) == 0 {
		return err
	}
	usual := names[0]
	if j.model == "" {
		usual = en.DefaultVoice
	}
	for _, name := range names {
		if name == usual {
			name += " (default)"
		}
		if _, err := fmt.Fprintln(j.Out, name); err != nil {
			return err
		}
	}
	return nil
}

// run speaks the job's text.
func (j *job) run(ctx context.Context, open opener) error {
	if strings.EqualFold(j.voice, "list") {
		return j.list()
	}
	if err := j.checkOutput(); err != nil {
		return err
	}
	text, err := j.input(ctx)
	if err != nil {
		return err
	}
	if j.lexicon != "" {
		if j.how.Lexicon, err = readLexicon(j.lexicon); err != nil {
			return err
		}
	}
	v, err := open(j.model, j.voice)
	if err != nil {
		return err
	}
	return j.speak(ctx, v, text)
}

// speak sends the sound of text to the outputs as it comes.
func (j *job) speak(ctx context.Context, v voice, text *textReader) (err error) {
	src, stop := newSpoken(v.Rate(), v.Stream(ctx, text, &j.how))
	defer stop()
	sound := audio.Resample(src, cmp.Or(j.rate, v.Rate()))
	out := &lateOutput{
		open:     func() (tee, error) { return j.open(ctx, sound.Rate()) },
		progress: cli.NewProgress(j.Streams),
		rate:     sound.Rate(),
	}
	defer func() {
		out.progress.Clear()
		err = errors.Join(err, out.close(err != nil))
	}()
	if _, err := audio.Copy(out, sound); err != nil {
		return err
	}
	out.progress.Clear()
	switch {
	case out.samples > 0 && text.leftOut > 0 && !j.how.Phonemes:
		fmt.Fprintf(j.Err, "speak: letters left out: %d; only the Latin script can be spoken\n", text.leftOut)
	case out.samples == 0 && text.leftOut > 0:
		return errNotLatin
	case out.samples == 0:
		return errNoText
	}
	return nil
}

// spoken is the stream of a voice as a Source.
type spoken struct {
	rate int
	next func() (tts.Chunk, error, bool)
	rest []float32 // of the last chunk
}

// newSpoken begins a stream, which stop ends.
func newSpoken(rate int, chunks iter.Seq2[tts.Chunk, error]) (s *spoken, stop func()) {
	s = &spoken{rate: rate}
	s.next, stop = iter.Pull2(chunks)
	return s, stop
}

func (s *spoken) Rate() int { return s.rate }

func (s *spoken) Read(p []float32) (int, error) {
	for len(s.rest) == 0 {
		chunk, err, more := s.next()
		if !more {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		s.rest = chunk.Samples
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

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

var errNoText = errors.New("nothing to speak in the text")

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

// fromStdin says that no argument is text.
func (j *job) fromStdin() bool { return len(j.text) == 0 || len(j.text) == 1 && j.text[0] == "-" }

// input is the text of the arguments, else standard input.
func (j *job) input(ctx context.Context) (io.Reader, error) {
	switch {
	case !j.fromStdin():
		text := strings.Join(j.text, " ")
		if strings.TrimSpace(text) == "" {
			return nil, errNoText
		}
		return strings.NewReader(text), nil
	case j.InTTY && len(j.text) == 0:
		return nil, cli.Usagef("no text: give it as arguments, on standard input, or type it after 'speak -'")
	}
	return cli.Interruptible(ctx, j.In), nil
}

// speak sends the sound of text to the outputs as it comes.
func (j *job) speak(ctx context.Context, v voice, text io.Reader) (err error) {
	var out tee
	progress := cli.NewProgress(j.Streams)
	defer func() {
		progress.Clear()
		err = errors.Join(err, out.close(err != nil))
	}()
	samples := 0
	for chunk, err := range v.Stream(ctx, text, &j.how) {
		if err != nil {
			return err
		}
		if out == nil {
			if out, err = j.open(ctx, v.Rate()); err != nil {
				return err
			}
		}
		if _, err := out.Write(chunk.Samples); err != nil {
			return err
		}
		samples += len(chunk.Samples)
		progress.Update(-1, fmt.Sprintf("%.0f s of sound", float64(samples)/float64(v.Rate())))
	}
	if samples == 0 {
		return errNoText
	}
	return nil
}

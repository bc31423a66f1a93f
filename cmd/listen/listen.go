package main

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/cli/fetch"
	"github.com/parley-go/parley/models/en"
)

// job is one run of the command: what the flags say.
type job struct {
	cli.Streams
	files    []string
	model    string // a directory or file, or a name of the catalogue; "" is the built-in English
	yes      bool   // load a model that is not here without asking
	format   string // text or json
	out      string // a file; "" is standard output
	words    bool
	partials bool
	device   string
	raw      int // the rate of input without a header, Hz; 0: a format to be found out
	how      asr.Options
	load     asr.OpenOptions
}

// recogniser is an asr.Model.
type recogniser interface {
	Stream(ctx context.Context, src audio.Source, opt *asr.Options) iter.Seq2[asr.Segment, error]
}

// opener loads the model of a job, or the built-in one.
type opener func(ctx context.Context, j *job) (recogniser, error)

func openModel(ctx context.Context, j *job) (recogniser, error) {
	if j.model == "" {
		return en.RecognizerWith(&j.load)
	}
	path, err := fetch.Model(ctx, j.Streams, j.model, j.yes)
	if err != nil {
		return nil, err
	}
	return asr.OpenPath(path, &j.load)
}

// run listens to everything and prints it. One file that fails does not keep the others from being heard.
func (j *job) run(ctx context.Context, open opener) (err error) {
	names := j.files
	switch {
	case len(names) > 0:
	case j.InTTY || j.device != "":
		names = []string{""}
	default:
		names = []string{"-"}
	}
	m, err := open(ctx, j)
	if err != nil {
		return err
	}
	to := j.newTarget()
	defer func() { err = errors.Join(err, to.close()) }()
	for _, name := range names {
		e := j.hear(ctx, m, name, to, len(names) > 1)
		if ctx.Err() != nil || len(names) == 1 {
			return e
		}
		if e != nil {
			fmt.Fprintf(j.Err, "listen: %v\n", e)
			err = errSome
		}
	}
	return err
}

var errSome = errors.New("not all files could be heard")

// hear recognises one sound; several says that there are others.
func (j *job) hear(ctx context.Context, m recogniser, name string, to *target, several bool) (err error) {
	s, err := j.open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	w, err := to.open()
	if err != nil {
		return err
	}
	out := j.newPrinter(w, name, several)
	var progress *cli.Progress
	if !s.live {
		progress = cli.NewProgress(j.Streams)
	}
	defer progress.Clear()
	how := j.how
	how.Partials = j.partials || j.live(name)
	for seg, err := range m.Stream(ctx, s, &how) {
		if err != nil {
			return errors.Join(failed(name, err), out.end(s.heard(), false))
		}
		if seg.Final {
			progress.Clear()
		}
		if err := out.segment(seg); err != nil {
			return err
		}
		progress.Update(s.done(), fmt.Sprintf("%.0f s of sound", s.heard().Seconds()))
	}
	progress.Clear()
	return out.end(s.heard(), true)
}

// failed names the file in an error.
func failed(name string, err error) error {
	switch name {
	case "":
		return fmt.Errorf("microphone: %w", err)
	case "-":
		return fmt.Errorf("standard input: %w", err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

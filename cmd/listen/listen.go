package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/internal/cli"
)

// job is one run of the command: what the flags say.
type job struct {
	cli.Streams
	files  []string
	model  string // a directory or file, or a name of the catalogue; "" is the built-in English
	yes    bool   // load a model that is not here without asking
	format string // text, json, srt or vtt
	out    string // a file; "" is standard output
	words  bool
	device string
	raw    int // the rate of input without a header, Hz; 0: a format to be found out
	how    asr.Options
	load   asr.OpenOptions
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
	if err := m.Check(&j.how); err != nil {
		return refused(err)
	}
	shared := newTarget(j.out, j.Out)
	defer func() { err = errors.Join(err, shared.close()) }()
	for _, name := range names {
		to := j.targetOf(name, shared)
		e := j.hear(ctx, m, name, to, len(names) > 1)
		if to != shared {
			e = errors.Join(e, to.close())
		}
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
	for seg, err := range m.Stream(ctx, s, j.options(m, name)) {
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

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/audio/device"
	"github.com/parley-go/parley/internal/cli"
)

// output is where the sound goes. close finishes it; when the work failed, without waiting for sound to be played.
type output interface {
	audio.Sink
	close(failed bool) error
}

// rawWriter writes 16-bit little-endian samples.
type rawWriter struct {
	w   io.Writer
	buf []byte
}

func (r *rawWriter) Write(p []float32) (int, error) {
	r.buf = r.buf[:0]
	for _, v := range p {
		r.buf = binary.LittleEndian.AppendUint16(r.buf, uint16(audio.Int16(v)))
	}
	if _, err := r.w.Write(r.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}

// fileOutput is a WAV or raw file, pipe or standard output. Closing it leaves a sound that can be played, however much
// of it there is.
type fileOutput struct {
	audio.Sink
	file *os.File // to be closed; nil for standard output
}

// openFile creates path, or takes standard output for "-". Where writes may block, as those to a pipe, they end with ctx.
func openFile(ctx context.Context, path, format string, rate int, std io.Writer) (*fileOutput, error) {
	o := &fileOutput{}
	w := std
	if path != "-" {
		f, err := os.Create(path)
		if err != nil {
			return nil, err
		}
		o.file, w = f, f
	}
	if !cli.IsRegular(w) {
		w = cli.InterruptibleWriter(ctx, w)
	}
	if format == "raw" {
		o.Sink = &rawWriter{w: w}
		return o, nil
	}
	wav, err := audio.NewWAVWriter(w, rate, nil)
	if err != nil {
		return nil, errors.Join(err, o.close(true))
	}
	o.Sink = wav
	return o, nil
}

func (o *fileOutput) close(bool) error {
	var err error
	if wav, ok := o.Sink.(*audio.WAVWriter); ok {
		err = wav.Close()
	}
	if o.file != nil {
		err = errors.Join(err, o.file.Close())
	}
	return err
}

// playOutput is the loudspeaker.
type playOutput struct{ *device.Output }

func (p playOutput) close(failed bool) error {
	var err error
	if !failed {
		err = p.Drain()
	}
	return errors.Join(err, p.Close())
}

// tee gives every output the same sound.
type tee []output

func (t tee) Write(p []float32) (int, error) {
	for _, o := range t {
		if n, err := o.Write(p); err != nil {
			return n, err
		}
	}
	return len(p), nil
}

func (t tee) close(failed bool) error {
	var errs []error
	for _, o := range t {
		errs = append(errs, o.close(failed))
	}
	return errors.Join(errs...)
}

// lateOutput opens the outputs with the first sound, so that text which cannot be spoken leaves an existing file as it was.
// It shows how much sound there is.
type lateOutput struct {
	tee
	open     func() (tee, error)
	progress *cli.Progress
	rate     int // Hz
	samples  int // written
}

func (o *lateOutput) Write(p []float32) (int, error) {
	if o.tee == nil {
		var err error
		if o.tee, err = o.open(); err != nil {
			return 0, err
		}
	}
	n, err := o.tee.Write(p)
	o.samples += n
	o.progress.Update(-1, fmt.Sprintf("%.0f s of sound", float64(o.samples)/float64(o.rate)))
	return n, err
}

// open opens all that the flags ask for.
func (j *job) open(ctx context.Context, rate int) (tee, error) {
	var all tee
	if j.out != "" {
		o, err := openFile(ctx, j.out, j.format, rate, j.Out)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	if j.play {
		p, err := device.Player(ctx, rate, &device.Options{Device: j.device, Name: "speak"})
		if err != nil {
			return nil, errors.Join(err, all.close(true))
		}
		all = append(all, playOutput{p})
	}
	return all, nil
}

// checkOutput settles where the sound goes and refuses to write it to a terminal or over what is still to be read.
func (j *job) checkOutput() error {
	if j.out == "" && !j.play {
		j.out = "-"
	}
	if j.out == "-" && j.OutTTY {
		return cli.Usagef("not writing sound to a terminal; use -o file.wav, > file.wav, a pipe, or --play")
	}
	if j.out != "" && j.fromStdin() && j.Overwrites(j.out, "-") {
		return cli.Usagef("-o %s would overwrite the text on standard input", j.out)
	}
	if j.out != "" && j.lexicon != "" && j.Overwrites(j.out, j.lexicon) {
		return cli.Usagef("-o %s would overwrite the lexicon", j.out)
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/audio/device"
	"github.com/parley-go/parley/internal/cli"
)

// sound is one thing to listen to.
type sound struct {
	audio.Source
	name    string // the file; "-" is standard input, "" the microphone
	live    bool   // it is spoken now, or may be
	close   func() error
	samples int64 // read so far
	file    *meter
}

// Read counts the samples.
func (s *sound) Read(p []float32) (int, error) {
	n, err := s.Source.Read(p)
	s.samples += int64(n)
	return n, err
}

// heard is how much sound was read.
func (s *sound) heard() time.Duration {
	return time.Duration(float64(s.samples) / float64(s.Rate()) * float64(time.Second))
}

// done is the share of the sound that was read, negative if nobody knows.
func (s *sound) done() float64 {
	if s.file == nil || s.file.size <= 0 {
		return -1
	}
	return float64(s.file.read) / float64(s.file.size)
}

// meter counts the bytes read of a file.
type meter struct {
	io.Reader
	read, size int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	m.read += int64(n)
	return n, err
}

// open opens a file, standard input for "-", or the microphone for "".
func (j *job) open(ctx context.Context, name string) (*sound, error) {
	switch name {
	case "":
		return j.openMicrophone(ctx)
	case "-":
		return j.openStdin(cli.Interruptible(ctx, j.In))
	}
	return j.openFile(ctx, name)
}

// decode finds out the format of r, or takes it for the raw samples that a flag says it is.
func (j *job) decode(r io.Reader) (audio.Source, error) {
	if j.raw > 0 {
		return audio.RawInt16(r, j.raw, 1), nil
	}
	return audio.Decode(r)
}

func (j *job) openFile(ctx context.Context, name string) (*sound, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s: is a directory; listen to the files in it: listen %s", name, filepath.Join(name, "*"))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	m := &meter{Reader: f, size: info.Size()}
	if !info.Mode().IsRegular() {
		m.Reader, m.size = cli.Interruptible(ctx, f), 0
	}
	src, err := j.decode(m)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w%s", name, err, wayOut(name, err)), f.Close())
	}
	return &sound{Source: src, name: name, file: m, close: f.Close}, nil
}

// wayOut tells how to listen to a sound in a format that package audio does not read.
func wayOut(name string, err error) string {
	if !errors.Is(err, audio.ErrFormat) {
		return ""
	}
	if strings.ContainsAny(name, " \"'()&$") {
		name = strconv.Quote(name)
	}
	return fmt.Sprintf("; ffmpeg reads more: ffmpeg -i %s -f wav - | listen", name)
}

func (j *job) openStdin(in io.Reader) (*sound, error) {
	src, err := j.decode(in)
	if err != nil {
		return nil, fmt.Errorf("standard input: %w%s", err, wayOut("-", err))
	}
	return &sound{Source: src, name: "-", live: true, close: func() error { return nil }}, nil
}

// openMicrophone starts recording until the first Ctrl-C, after which the last words are still recognised.
func (j *job) openMicrophone(ctx context.Context) (*sound, error) {
	if j.raw > 0 {
		return nil, cli.Usagef("--raw is for files and standard input, not for the microphone")
	}
	mic, err := device.Microphone(ctx, &device.Options{Device: j.device, Name: "listen"})
	if err != nil {
		return nil, err
	}
	cli.OnInterrupt(ctx, func() { mic.Close() })
	if j.ErrTTY {
		fmt.Fprintln(j.Err, "Listening to the microphone; Ctrl-C ends.")
	}
	return &sound{Source: mic, live: true, close: func() error {
		if lost := mic.Dropped(); lost > 0 {
			fmt.Fprintf(j.Err, "listen: %.1f s of sound were lost: this machine is too slow for the model\n", float64(lost)/float64(mic.Rate()))
		}
		return mic.Close()
	}}, nil
}

// listDevices prints what --device takes.
func listDevices(ctx context.Context, out io.Writer) error {
	all, err := device.List(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, d := range all {
		kind := "output"
		switch {
		case d.Monitor:
			kind = "monitor"
		case d.Input && d.Output:
			kind = "both"
		case d.Input:
			kind = "input"
		}
		if d.Default {
			kind += "*"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", kind, d.Name, d.Description)
	}
	return table.Flush()
}

package main

import (
	"io"
	"os"

	"github.com/parley-go/parley/internal/cli"
)

// target is where the text goes: standard output, or a file that is made once there is something to listen to.
type target struct {
	path string // "": standard output
	out  io.Writer
	file *os.File
}

func (j *job) newTarget() *target {
	if j.out == "" || j.out == "-" {
		return &target{out: j.Out}
	}
	return &target{path: j.out}
}

// open makes the file, the first time.
func (t *target) open() (io.Writer, error) {
	if t.out == nil {
		f, err := os.Create(t.path)
		if err != nil {
			return nil, err
		}
		t.out, t.file = f, f
	}
	return t.out, nil
}

func (t *target) close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}

// spare refuses to write to a file that is one of the sounds.
func (j *job) spare(path string) error {
	old, err := os.Stat(path)
	if err != nil {
		return nil // nothing is there
	}
	for _, name := range j.files {
		if in, err := os.Stat(name); err == nil && os.SameFile(in, old) {
			return cli.Usagef("-o %s would overwrite the sound", path)
		}
	}
	return nil
}

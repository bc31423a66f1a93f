package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-go/parley/internal/cli"
)

// target is where the text goes: standard output, or a file that is made once there is something to listen to.
type target struct {
	path string
	out  io.Writer // nil before the file is open
	file *os.File
}

func newTarget(path string, std io.Writer) *target {
	if path == "" || path == "-" {
		return &target{out: std}
	}
	return &target{path: path}
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

// targetOf is where the text of one of the sounds goes: into shared, but the subtitles of several files each beside it, for a player to find.
func (j *job) targetOf(name string, shared *target) *target {
	if j.subtitles() && len(j.files) > 1 {
		return &target{path: j.beside(name)}
	}
	return shared
}

// beside is the file for the subtitles of the sound called name.
func (j *job) beside(name string) string {
	return strings.TrimSuffix(name, filepath.Ext(name)) + "." + j.format
}

// subtitles says whether the format is one of those.
func (j *job) subtitles() bool { return j.format == "srt" || j.format == "vtt" }

// checkTargets refuses to write over a sound, or twice over one file.
func (j *job) checkTargets() error {
	if !j.subtitles() || len(j.files) < 2 {
		return j.spare(j.out)
	}
	if j.out != "" {
		return cli.Usagef("-o %s is for the subtitles of one file; those of several are written beside each, as %s", j.out, j.beside(j.files[0]))
	}
	of := map[string]string{}
	for _, name := range j.files {
		path := j.beside(name)
		if name == "-" {
			return cli.Usagef("subtitles of several files are written beside each, and standard input has no place")
		}
		if other, taken := of[path]; taken {
			return cli.Usagef("%s and %s would both have their subtitles in %s", other, name, path)
		}
		of[path] = name
		if err := j.spare(path); err != nil {
			return err
		}
	}
	return nil
}

// spare refuses a path that is one of the sounds.
func (j *job) spare(path string) error {
	inputs := j.files
	if len(inputs) == 0 {
		inputs = []string{"-"}
	}
	if path != "" && path != "-" && j.Overwrites(path, inputs...) {
		return cli.Usagef("%s is one of the sounds and would be overwritten", path)
	}
	return nil
}

package main

import (
	"path/filepath"
	"strings"

	"github.com/parley-go/parley/internal/cli"
)

// extensions are what the end of a file's name promises: a value of --format, or what speak cannot write. Others promise nothing.
var extensions = map[string]string{
	".wav": "wav", ".wave": "wav", ".raw": "raw", ".pcm": "raw",
	".mp3": "MP3", ".flac": "FLAC", ".ogg": "Ogg", ".oga": "Ogg", ".opus": "Opus", ".webm": "WebM", ".wma": "WMA", ".amr": "AMR",
	".m4a": "MP4", ".mp4": "MP4", ".aac": "AAC", ".aif": "AIFF", ".aiff": "AIFF", ".au": "AU", ".caf": "CAF", ".txt": "text",
}

// checkFormat settles the format of the sound: the one given, else what the name of the file promises, which must not be
// another.
func (j *job) checkFormat(given bool) error {
	if j.format != "wav" && j.format != "raw" {
		return cli.Usagef("--format %s; want wav or raw", j.format)
	}
	promised, ok := extensions[strings.ToLower(filepath.Ext(j.out))]
	switch {
	case !ok || promised == j.format:
	case promised != "wav" && promised != "raw":
		return cli.Usagef("-o %s: speak does not write %s; want .wav, or .raw or .pcm for samples without a header", j.out, promised)
	case given:
		return cli.Usagef("-o %s: the name promises another format than --format %s", j.out, j.format)
	}
	if ok {
		j.format = promised
	}
	return nil
}

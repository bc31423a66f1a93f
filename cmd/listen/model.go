package main

import (
	"context"
	"errors"
	"iter"
	"os"
	"strings"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/cli/fetch"
	"github.com/parley-go/parley/models"
	"github.com/parley-go/parley/models/en"
)

// recogniser is an asr.Model.
type recogniser interface {
	Stream(ctx context.Context, src audio.Source, opt *asr.Options) iter.Seq2[asr.Segment, error]
	Check(opt *asr.Options) error
}

// opener loads the model of a job, or the built-in one.
type opener func(ctx context.Context, j *job) (recogniser, error)

func openModel(ctx context.Context, j *job) (recogniser, error) {
	if j.model == "" {
		return en.RecognizerWith(&j.load)
	}
	if err := j.spoken(); err != nil {
		return nil, err
	}
	path, err := fetch.Model(ctx, j.Streams, j.model, j.yes)
	if err != nil {
		return nil, err
	}
	return asr.OpenPath(path, &j.load)
}

// spoken refuses a language that a model of the catalogue does not hear, before it is loaded: the files of most do not say.
func (j *job) spoken() error {
	if _, err := os.Stat(j.model); err == nil {
		return nil
	}
	m, err := models.Find(j.model)
	if err != nil || m.Speaks != "en" {
		return nil
	}
	switch strings.ToLower(j.how.Language) {
	case "", "auto", "en", "english":
		return nil
	}
	return cli.Usagef("--language is %q, but %s hears English only", j.how.Language, m.Name)
}

// flagOf are the flags whose names are not those of asr.Options in small letters.
var flagOf = map[string]string{"Hotwords": "hotword", "Whisper": "batch", "Whisper.Batch": "batch"}

// refused makes a wrong option a wrong argument.
func refused(err error) error {
	var wrong *asr.OptionError
	if !errors.As(err, &wrong) {
		return err
	}
	name, ok := flagOf[wrong.Field]
	if !ok {
		name = strings.ToLower(wrong.Field)
	}
	return cli.Usagef("--%s %s", name, wrong.Reason())
}

// options are what m is asked for with the sound called name: what the flags say, and of what else is useful that which m has.
func (j *job) options(m recogniser, name string) *asr.Options {
	how := j.how
	more := how
	if more.Words = true; j.subtitles() && m.Check(&more) == nil {
		how = more
	}
	more = how
	if more.Partials = true; j.live(name) && m.Check(&more) == nil {
		how = more
	}
	return &how
}

package asr

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/parley-go/parley/audio"
)

// cutOff is a sound that ends in an error instead of its end.
type cutOff struct {
	audio.Source
	err   func() error
	whole bool // the error comes with the last samples
	left  int
}

func (c *cutOff) Read(p []float32) (int, error) {
	n, err := c.Source.Read(p[:min(len(p), c.left)])
	if c.left -= n; c.left == 0 && (c.whole || n == 0) {
		return n, c.err()
	}
	return n, err
}

// A sound that fails is heard to where it failed: every family finishes the segment that is open, and then comes the error.
func TestSourceFails(t *testing.T) {
	said := audio.Clip{Rate: 16000, Samples: golden(t, "samples", 1).Data}
	slow, err := said.Resample(8000)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dir string
		sound     audio.Clip
		opt       *Options
	}{
		{"Parley's own", tinyDir, said, &Options{Doubtful: true}},
		{"Parley's own at 8 kHz", tinyDir, slow, &Options{Doubtful: true}},
		{"Whisper", tinyWhisper + "multilingual", bells(5), everything()},
		{"wav2vec 2.0", tinyWav2vec2 + "group", bells(5), &Options{Doubtful: true}},
		{"Moonshine", tinyMoonshine, bells(5), &Options{Doubtful: true}},
		{"Speech2Text", tinySpeech2Text, bells(5), &Options{Doubtful: true}},
	} {
		m, err := Open(c.dir)
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.Transcribe(t.Context(), c.sound.Source(), c.opt)
		if err != nil || want.Text == "" {
			t.Fatalf("%s: %+v, %v", c.name, want, err)
		}
		for _, whole := range []bool{false, true} {
			src := &cutOff{c.sound.Source(), func() error { return io.ErrUnexpectedEOF }, whole, len(c.sound.Samples)}
			got, err := m.Transcribe(t.Context(), src, c.opt)
			if !errors.Is(err, io.ErrUnexpectedEOF) || got.Text != want.Text || got.Duration != want.Duration || !slices.EqualFunc(got.Segments, want.Segments, sameSpan) {
				t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, want)
			}
		}
	}
}

// A source that fails because ctx has ended ends the stream at once.
func TestSourceIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	said := audio.Clip{Rate: 16000, Samples: golden(t, "samples", 1).Data}
	src := &cutOff{said.Source(), func() error { cancel(); return ctx.Err() }, false, len(said.Samples)}
	got, err := tinyModel(t).Transcribe(ctx, src, &Options{Doubtful: true})
	if !errors.Is(err, context.Canceled) || len(got.Segments) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/parley-go/parley/asr"
)

// speechFlags are about the sound, what is spoken and how hard to listen. The built-in model has only some of these; it says so.
func (j *job) speechFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(rawRate{&j.raw}, "raw", "the sound is 16-bit little-endian mono samples without a header, so many a second, `Hz`")
	f.StringVarP(&j.how.Language, "language", "l", "", "the `language` spoken, such as de or german, or auto (Whisper: found out by default; the built-in model hears English only)")
	f.BoolVar(&j.how.Translate, "translate", false, "Whisper: into English")
	f.StringVar(&j.how.Prompt, "prompt", "", "Whisper: `text` as if it had been said before: names, spelling, style")
	f.Var(hotwords{&j.how.Hotwords}, "hotword", "Whisper: a `word` or phrase to listen for; may be repeated")
	f.IntVar(&j.how.Beam, "beam", 0, "how many `hypotheses` to keep; more are slower and better (default 800; Whisper 1)")
	f.IntVar(&j.how.Whisper.Batch, "batch", 0, "Whisper: decode so many `windows` together, which is faster; each is heard for itself")
	f.BoolVar(&j.how.Doubtful, "doubtful", false, "keep also what is hardly speech: noises in which words were found")
	f.BoolVar(&j.how.Plain, "plain", false, "small letters without punctuation (the built-in model)")
	f.StringVar(&j.load.Precision, "precision", "", "how weights are kept: f32, bf16 or int8; a `kind` (default: that of the model)")
	f.IntVar(&j.load.Threads, "threads", 0, "the most `threads` to use (default: all)")
}

// length is a flag of a length of time. A number without a unit is seconds.
type length time.Duration

func (l *length) String() string {
	if *l == 0 {
		return ""
	}
	return time.Duration(*l).String()
}

func (l *length) Type() string { return "duration" }

func (l *length) Set(text string) error {
	if text != "" && text[len(text)-1] >= '0' && text[len(text)-1] <= '9' {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	*l = length(d)
	return err
}

// hotwords is a flag that adds one each time.
type hotwords struct{ list *[]asr.Hotword }

func (h hotwords) String() string { return "" }

func (h hotwords) Type() string { return "word" }

func (h hotwords) Set(text string) error {
	*h.list = append(*h.list, asr.Hotword{Text: text})
	return nil
}

// rawRate is a flag of samples a second.
type rawRate struct{ hz *int }

// The rates that --raw takes: what package audio takes.
const (
	minRawRate = 100
	maxRawRate = 768000
)

func (r rawRate) String() string { return "" }

func (r rawRate) Type() string { return "Hz" }

func (r rawRate) Set(text string) error {
	hz, err := strconv.Atoi(text)
	if err != nil || hz < minRawRate || hz > maxRawRate {
		return fmt.Errorf("want %d to %d", minRawRate, maxRawRate)
	}
	*r.hz = hz
	return nil
}

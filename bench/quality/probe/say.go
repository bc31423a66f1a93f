package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/parley-go/parley/models/en"
	"github.com/parley-go/parley/text"
	"github.com/parley-go/parley/tts"
)

// say speaks each sentence with a voice that is loaded already, and prints the milliseconds to its first sound and to its last.
func say(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("say", flag.ExitOnError)
	name := f.String("voice", "", "an embedded voice")
	if err := f.Parse(args); err != nil {
		return err
	}
	sentences, err := readLines(os.Stdin)
	if err != nil {
		return err
	}
	voice, err := en.VoiceWith(*name, &tts.OpenOptions{Threads: 1})
	if err != nil {
		return err
	}
	var out struct {
		First []float64 `json:"first"`
		Whole []float64 `json:"whole"`
	}
	for _, sentence := range sentences {
		start := time.Now()
		first := time.Duration(0)
		for _, err := range voice.Stream(ctx, strings.NewReader(sentence), nil) {
			if err != nil {
				return fmt.Errorf("%q: %w", sentence, err)
			}
			if first == 0 {
				first = time.Since(start)
			}
		}
		out.First = append(out.First, milliseconds(first))
		out.Whole = append(out.Whole, milliseconds(time.Since(start)))
	}
	return printJSON(out)
}

// voices prints the names of the embedded voices, the default first.
func voices(context.Context, []string) error {
	names := []string{en.DefaultVoice}
	for _, n := range en.Voices() {
		if n != en.DefaultVoice {
			names = append(names, n)
		}
	}
	return printJSON(names)
}

// phonemes prints the phonemes of each sentence.
func phonemes(_ context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("phonemes wants a voice's directory")
	}
	front, err := text.Open(os.DirFS(args[0]), nil)
	if err != nil {
		return err
	}
	sentences, err := readLines(os.Stdin)
	if err != nil {
		return err
	}
	list := make([]string, len(sentences))
	for i, s := range sentences {
		list[i] = front.Phonemes(s).Phonemes
	}
	return printJSON(list)
}

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/models/en"
)

const help = `Speak turns text into sound.

The text is the arguments, or standard input where there are none. The sound goes to standard output as WAV, or where
-o and --play send it. Speech starts before the whole text has been read.`

const examples = `  speak "Good morning." > morning.wav
  speak -v michael --play "Good evening."
  speak -o chapter.wav < chapter.txt
  echo "Dinner is ready." | speak --play --speed 1.1 --pitch +2st
  speak --format raw "Good morning." | aplay -f S16_LE -r 24000
  speak --format raw --rate 8000 "Good morning." > call.raw
  speak - --play                              type a line, hear it
  speak -- -5 degrees                         text that begins with a dash`

// The rates that --rate takes, Hz.
const (
	minRate = 8000
	maxRate = 48000
)

func newCommand(std cli.Streams, open opener) *cobra.Command {
	j := &job{Streams: std}
	speed := &number{value: 1, unit: "x", min: 0.25, max: 4}
	pitch := &number{unit: "st", min: -12, max: 12}
	volume := &number{unit: "dB", min: -60, max: 20}
	cmd := &cobra.Command{
		Use:                   "speak [flags] [text...]",
		Short:                 "Speak turns text into sound",
		Long:                  help + "\n\n" + cli.ExitHelp,
		Example:               examples,
		Version:               cli.Version(),
		DisableFlagsInUseLine: true,
		Args:                  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if done, err := cli.PrintCompletion(cmd, std.Out); done {
				return err
			}
			if err := j.checkFormat(cmd.Flags().Changed("format")); err != nil {
				return err
			}
			if j.device != "" && !j.play {
				return cli.Usagef("--device %s is for --play", j.device)
			}
			if j.rate != 0 && (j.rate < minRate || j.rate > maxRate) {
				return cli.Usagef("--rate %d; want %d to %d", j.rate, minRate, maxRate)
			}
			j.text = args
			j.how.Speed, j.how.Pitch, j.how.Volume = speed.value, pitch.value, volume.value
			return j.run(cmd.Context(), open)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.SetOut(std.Out)
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&j.voice, "voice", "v", "", "which `voice` speaks: "+strings.Join(en.Voices(), ", ")+"; list prints their names and marks the default")
	f.StringVar(&j.model, "model", "", "a model `directory` instead of the built-in voices")
	f.StringVarP(&j.out, "output", "o", "", "write the sound to `file`, .wav, or .raw or .pcm as by --format raw; - is standard output")
	f.StringVar(&j.format, "format", "wav", "`format`: wav, or raw: 16-bit little-endian mono samples without a header")
	f.IntVar(&j.rate, "rate", 0, fmt.Sprintf("samples a second of the sound, `Hz`, %d to %d: 8000 for telephony (default: that of the voice, 24000 for the built-in ones)", minRate, maxRate))
	f.BoolVar(&j.play, "play", false, "play the sound; with -o, write it as well")
	f.StringVar(&j.device, "device", "", "the `player`, by name or description; listen --list-devices names them")
	f.Var(speed, "speed", "how many `times` as fast: 1.1")
	f.Var(pitch, "pitch", "how many `semitones` higher or lower: +2st")
	f.Var(volume, "volume", "how many `decibels` louder or softer: -3dB")
	f.BoolVar(&j.how.Phonemes, "phonemes", false, "the text is phonemes, not spelling")
	f.StringVar(&j.lexicon, "lexicon", "", "a `file` of lines 'word phonemes' that go before the built-in pronunciations")
	cli.AddCompletion(cmd)
	for flag, values := range map[string][]string{"format": {"wav", "raw"}, "voice": append(en.Voices(), "list")} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(fmt.Sprintf("speak: %v", err))
		}
	}
	return cmd
}

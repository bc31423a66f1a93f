package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/kernel"
)

const help = `Listen turns sound into text.

It listens to the files (WAV, FLAC, MP3, Ogg/Opus), else to standard input where that is not a terminal, else to the
microphone until Ctrl-C. A line of text is final. On a terminal the words of live sound appear while they are spoken and
may still change; elsewhere only final text is printed, unless --partials asks for more.

JSON is one object for each sound: file, duration, complete, language, text, and segments with their words. It is printed
for a sound that fails, or is interrupted, as well, with what was heard until then and "complete": false. With --partials
it is a segment a line instead, with file and final.

Subtitles, srt or vtt, are cues of two lines of 42 columns at most and about 7 seconds, written as soon as they are final. Those
of one sound go to standard output or -o; those of several files beside each: talk.srt for talk.mp3, also over an old one.`

const examples = `  listen talk.mp3
  listen *.wav > transcripts.txt
  listen -f json interview.flac | jq .segments
  listen -f srt -o film.srt film.flac
  listen -m whisper-base.en talk.mp3          loads the model on first use, after asking
  listen -m whisper-small -l de --translate rede.mp3
  speak "Good morning." | listen
  speak --format raw "Good morning." | listen --raw 24000
  ffmpeg -i film.mkv -f wav - | listen
  listen                                      the microphone, until Ctrl-C
  listen --list-devices`

var formats = []string{"text", "json", "srt", "vtt"}

func newCommand(std cli.Streams, open opener) *cobra.Command {
	j := &job{Streams: std}
	var search string
	var devices bool
	cmd := &cobra.Command{
		Use:                   "listen [flags] [file...]",
		Short:                 "Listen turns sound into text",
		Long:                  help + "\n\n" + cli.ExitHelp + " The code is 1 as well when one file of several fails.",
		Example:               examples,
		Version:               cli.Version(),
		DisableFlagsInUseLine: true,
		Args:                  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if done, err := cli.PrintCompletion(cmd, std.Out); done {
				return err
			}
			if devices {
				return listDevices(cmd.Context(), std.Out)
			}
			j.files = args
			if err := j.check(search); err != nil {
				return err
			}
			return j.run(cmd.Context(), open)
		},
	}
	cmd.SetOut(std.Out)
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&j.model, "model", "m", "", "a `model` instead of the built-in English: a directory, a ggml file, or a name such as whisper-base.en ('parley models list')")
	f.BoolVar(&j.yes, "yes", false, "load a model that is not on this machine without asking")
	f.StringVarP(&j.format, "format", "f", "text", "`format`: text, or json: one object for each file, or the subtitles srt or vtt")
	f.StringVarP(&j.out, "output", "o", "", "write the text to `file`")
	f.BoolVar(&j.words, "words", false, "the words with their times; text: a line for each with its start and end in seconds")
	f.BoolVar(&j.how.Partials, "partials", false, "also print what may still change: text after '~ '; json: a segment a line")
	f.Var((*length)(&j.how.Chunk), "chunk", "how much sound is heard at a `time`, such as 320ms or 2 for 2 s: less gives words sooner, more better ones (80ms to 30s; default 640ms; Whisper: time between partial results, 1s)")
	f.StringVar(&search, "search", asr.Default.String(), "how words are found, a `kind` of: "+strings.Join(searchNames(), ", "))
	j.speechFlags(cmd)
	f.StringVar(&j.device, "device", "", "the `microphone`, by name or description")
	f.BoolVar(&devices, "list-devices", false, "list microphones and players")
	cli.AddCompletion(cmd)
	for flag, values := range map[string][]string{"format": formats, "search": searchNames()} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(fmt.Sprintf("listen: %v", err))
		}
	}
	return cmd
}

// check settles the flags that can be wrong whatever the model is; the model checks the others.
func (j *job) check(search string) error {
	if !slices.Contains(formats, j.format) {
		return cli.Usagef("--format %s; want one of %s", j.format, strings.Join(formats, ", "))
	}
	if j.subtitles() && j.how.Partials {
		return cli.Usagef("--partials is for text and json; subtitles are final")
	}
	if err := j.checkNumbers(); err != nil {
		return err
	}
	kind, err := asr.ParseSearch(search)
	if err != nil {
		return cli.Usagef("--search %s; want one of %s", search, strings.Join(searchNames(), ", "))
	}
	j.how.Search, j.how.Words = kind, j.words
	if j.device != "" && len(j.files) > 0 {
		return cli.Usagef("--device %s is for the microphone, but there are files", j.device)
	}
	return j.checkTargets()
}

// checkNumbers checks the flags of speechFlags and --chunk.
func (j *job) checkNumbers() error {
	_, err := kernel.ParsePrecision(j.load.Precision)
	switch {
	case j.how.Chunk != 0 && (j.how.Chunk < 80*time.Millisecond || j.how.Chunk > 30*time.Second):
		return cli.Usagef("--chunk is %v, want 80 ms to 30 s", j.how.Chunk)
	case j.how.Beam < 0 || j.how.Beam > 10000:
		return cli.Usagef("--beam is %d, want 1 to 10000", j.how.Beam)
	case j.how.Whisper.Batch < 0 || j.how.Whisper.Batch > 100:
		return cli.Usagef("--batch is %d, want 0 to 100", j.how.Whisper.Batch)
	case j.load.Threads < 0:
		return cli.Usagef("--threads is %d, want 1 or more, or 0 for all", j.load.Threads)
	case j.load.Precision != "" && err != nil:
		return cli.Usagef("--precision is %q, want f32, bf16 or int8", j.load.Precision)
	}
	return nil
}

func searchNames() []string {
	var names []string
	for s := asr.Default; s <= asr.Attention; s++ {
		names = append(names, s.String())
	}
	return names
}

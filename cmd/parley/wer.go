package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/cli/fetch"
	"github.com/parley-go/parley/internal/wer"
	"github.com/parley-go/parley/models/en"
)

const werHelp = `Wer measures the word error rate and the speed of a recogniser over a table of utterances.

The table is tab-separated with a header line that names at least the columns path and text; paths are relative to it. Errors
are counted as jiwer and NIST's sclite do: substitutions, insertions and deletions of all utterances over the words of all
references. RTF is the time of recognition over the duration of the sound, on the clock and on all processor cores together.

Normalisers make texts comparable: whisper, that of Whisper's evaluation for English; basic, that for other languages; words,
lower case without punctuation; none.`

// werJob is one run of parley bench wer: what the flags say.
type werJob struct {
	cli.Streams
	model, manifest, normalizer, search, output string
	limit                                       int
	streaming, verbose, asJSON, yes             bool
	open                                        asr.OpenOptions
	how                                         asr.Options
}

func werCommand(std cli.Streams) *cobra.Command {
	j := &werJob{Streams: std}
	cmd := &cobra.Command{
		Use: "wer --manifest FILE.tsv [-m MODEL]", Short: "Measure word error rate and speed", Long: werHelp, Args: noArgs, DisableFlagsInUseLine: true,
		Example: `  parley bench wer --manifest test.tsv
  parley bench wer -m whisper-base.en --manifest test.tsv --precision int8 --json
  parley bench wer --manifest test.tsv --streaming --chunk 320ms`,
		RunE: func(cmd *cobra.Command, _ []string) error { return j.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&j.manifest, "manifest", "", "the table, a `file`")
	f.StringVarP(&j.model, "model", "m", "", "a `model` instead of the built-in English: a directory, a ggml file or a name")
	f.StringVar(&j.normalizer, "normalizer", "whisper", "what is done to both texts before they are compared, a `kind` of: "+strings.Join(wer.Normalizers, ", "))
	f.BoolVar(&j.streaming, "streaming", false, "recognise as live sound, with partial results")
	f.DurationVar(&j.how.Chunk, "chunk", 0, "how much sound is heard at a `time`")
	f.StringVar(&j.search, "search", asr.Default.String(), "how words are found, a `kind`: see 'listen --help'")
	f.IntVar(&j.how.Beam, "beam", 0, "hypotheses kept, a `number`")
	f.Float64Var(&j.how.LMWeight, "lm", 0, "`weight` of the language model")
	f.Float64Var(&j.how.WordBonus, "bonus", 0, "`bonus` of each word")
	addOpenFlags(f, &j.open)
	f.IntVar(&j.limit, "limit", 0, "take every k-th utterance so that about a `number` remain")
	f.StringVarP(&j.output, "output", "o", "", "write path, reference and hypothesis of each utterance to a `file`, tab-separated")
	f.BoolVar(&j.verbose, "verbose", false, "print every utterance with errors")
	f.BoolVar(&j.asJSON, "json", false, "print JSON")
	f.BoolVar(&j.yes, "yes", false, "load a model that is not on this machine without asking")
	return cmd
}

// werReport is what parley bench wer --json prints.
type werReport struct {
	Model      string `json:"model"`
	Manifest   string `json:"manifest"`
	Utterances int    `json:"utterances"`
	Normalizer string `json:"normalizer"`
	Streaming  bool   `json:"streaming"`
	wer.Counts
	WER          float64 `json:"wer"` // 0.05 is 5 %
	SoundSeconds float64 `json:"sound_seconds"`
	ClockSeconds float64 `json:"clock_seconds"`
	CPUSeconds   float64 `json:"cpu_seconds"`
	RTF          float64 `json:"rtf"`
	CPURTF       float64 `json:"cpu_rtf"`
}

func (j *werJob) run(ctx context.Context) error {
	if j.manifest == "" {
		return cli.Usagef("--manifest is missing: a table of utterances")
	}
	normalizer, err := wer.NewNormalizer(j.normalizer)
	if err != nil {
		return cli.Usagef("--normalizer: %w", err)
	}
	if j.how.Search, err = asr.ParseSearch(j.search); err != nil {
		return cli.Usagef("--search: %w", err)
	}
	list, err := wer.ReadManifest(j.manifest)
	if err != nil {
		return err
	}
	m, err := openModel(ctx, j.Streams, j.model, j.yes, &j.open)
	if err != nil {
		return err
	}
	out, closeOut, err := j.openOutput()
	if err != nil {
		return err
	}
	r, err := j.measure(ctx, m, thin(list, j.limit), normalizer, out)
	if err = errors.Join(err, closeOut()); err != nil {
		return err
	}
	if j.asJSON {
		return writeJSON(j.Out, r)
	}
	_, err = fmt.Fprintf(j.Out, "%d utterances, %.2f h: %v, RTF %.4f (%.4f of a core)\n", r.Utterances, r.SoundSeconds/3600, r.Counts, r.RTF, r.CPURTF)
	return err
}

// thin takes every k-th utterance so that about n remain, all for 0.
func thin(list []wer.Utterance, n int) []wer.Utterance {
	if n <= 0 || n >= len(list) {
		return list
	}
	step := len(list) / n
	var kept []wer.Utterance
	for i := 0; i < len(list); i += step {
		kept = append(kept, list[i])
	}
	return kept
}

// measure recognises every utterance and adds up errors and time.
func (j *werJob) measure(ctx context.Context, m *asr.Model, list []wer.Utterance, n wer.Normalizer, out io.Writer) (*werReport, error) {
	r := &werReport{Model: j.model, Manifest: j.manifest, Utterances: len(list), Normalizer: j.normalizer, Streaming: j.streaming}
	progress := cli.NewProgress(j.Streams)
	defer progress.Clear()
	for i, u := range list {
		clip, err := loadClip(u.Path)
		if err != nil {
			return nil, err
		}
		clock, cpu := time.Now(), processorTime()
		text, err := j.hear(ctx, m, clip)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", u.Path, err)
		}
		r.ClockSeconds += time.Since(clock).Seconds()
		r.CPUSeconds += (processorTime() - cpu).Seconds()
		r.SoundSeconds += clip.Duration().Seconds()
		c := n.Score(u.Text, text)
		r.Counts.Add(c)
		if err := j.show(progress, out, n, u, text, c); err != nil {
			return nil, err
		}
		progress.Update(float64(i+1)/float64(len(list)), fmt.Sprintf("%d utterances, %v", i+1, r.Counts))
	}
	r.WER = r.Rate()
	r.RTF, r.CPURTF = r.ClockSeconds/r.SoundSeconds, r.CPUSeconds/r.SoundSeconds
	return r, nil
}

// hear returns the text of a sound, in one piece or as it would come from a microphone.
func (j *werJob) hear(ctx context.Context, m *asr.Model, clip audio.Clip) (string, error) {
	how := j.how
	if !j.streaming {
		t, err := m.Transcribe(ctx, clip.Source(), &how)
		if err != nil {
			return "", err
		}
		return t.Text, nil
	}
	how.Partials = true
	var final []asr.Segment
	for seg, err := range m.Stream(ctx, clip.Source(), &how) {
		if err != nil {
			return "", err
		}
		if seg.Final {
			final = append(final, seg)
		}
	}
	return asr.JoinText(final), nil
}

// show prints an utterance where the flags ask for it.
func (j *werJob) show(progress *cli.Progress, out io.Writer, n wer.Normalizer, u wer.Utterance, text string, c wer.Counts) error {
	if j.verbose && c.Errors() > 0 {
		progress.Clear()
		fmt.Fprintf(j.Err, "%s %v\n  ref: %s\n  hyp: %s\n", u.Path, c, n(u.Text), n(text))
	}
	if out == nil {
		return nil
	}
	flat := strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")
	_, err := fmt.Fprintf(out, "%s\t%s\t%s\n", u.Path, flat.Replace(u.Text), flat.Replace(text))
	return err
}

// openOutput creates the -o file; without one there is no writer.
func (j *werJob) openOutput() (io.Writer, func() error, error) {
	if j.output == "" {
		return nil, func() error { return nil }, nil
	}
	f, err := os.Create(j.output)
	if err != nil {
		return nil, nil, err
	}
	w := bufio.NewWriter(f)
	_, err = fmt.Fprintln(w, "path\ttext\thypothesis")
	return w, func() error { return errors.Join(w.Flush(), f.Close()) }, err
}

// loadClip reads a sound file.
func loadClip(path string) (audio.Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return audio.Clip{}, err
	}
	defer f.Close()
	src, err := audio.Decode(f)
	if err != nil {
		return audio.Clip{}, fmt.Errorf("%s: %w", path, err)
	}
	clip, err := audio.ReadAll(audio.Resample(src, 16000), 0)
	if err != nil {
		return audio.Clip{}, fmt.Errorf("%s: %w", path, err)
	}
	return clip, nil
}

// openModel opens the model that -m names, or the built-in one.
func openModel(ctx context.Context, std cli.Streams, name string, yes bool, opt *asr.OpenOptions) (*asr.Model, error) {
	if name == "" {
		return en.RecognizerWith(opt)
	}
	path, err := fetch.Model(ctx, std, name, yes)
	if err != nil {
		return nil, err
	}
	return asr.OpenPath(path, opt)
}

// Command wer measures a recogniser: word error rate and speed over the utterances of a table with the columns path and text.
//
//	python bench/lsdev.py ../shared/data /tmp/speech
//	go run ./bench/wer -manifest /tmp/speech/lsdev.tsv
//
// Paths are relative to the table. Texts are compared as score.go says, with the counting of NIST's sclite and of jiwer: errors of all
// utterances over words of all references. The real-time factor is processor time over the duration of the sound.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/models/en"
)

func main() {
	var c config
	flag.StringVar(&c.model, "model", "", "directory of a model; the embedded one without it")
	flag.StringVar(&c.manifest, "manifest", "", "table with the columns path and text")
	flag.IntVar(&c.limit, "n", 0, "measure every k-th utterance so that about n remain")
	flag.BoolVar(&c.verbose, "v", false, "print every utterance with errors")
	search := flag.String("search", "default", "default, lexicon, rescored, greedy, prefix or attention")
	flag.DurationVar(&c.opt.Chunk, "chunk", 0, "sound heard at a time (640ms)")
	flag.IntVar(&c.opt.Beam, "beam", 0, "hypotheses kept")
	flag.Float64Var(&c.opt.LMWeight, "lm", 0, "language model weight")
	flag.Float64Var(&c.opt.WordBonus, "bonus", 0, "word bonus")
	flag.Parse()
	err := errors.New("-manifest is missing")
	if c.manifest != "" {
		c.opt.Search, err = asr.ParseSearch(*search)
	}
	if err == nil {
		err = c.run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wer:", err)
		os.Exit(1)
	}
}

type config struct {
	model, manifest string
	limit           int
	verbose         bool
	opt             asr.Options
}

type utterance struct{ path, text string }

func (c *config) run(ctx context.Context) error {
	m, err := c.open()
	if err != nil {
		return err
	}
	list, err := readManifest(c.manifest)
	if err != nil {
		return err
	}
	if step := 1; c.limit > 0 {
		step = max(1, len(list)/c.limit)
		kept := list[:0]
		for i := 0; i < len(list); i += step {
			kept = append(kept, list[i])
		}
		list = kept
	}
	var total errorCount
	var sound, spent time.Duration
	for _, u := range list {
		clip, err := load(filepath.Join(filepath.Dir(c.manifest), u.path))
		if err != nil {
			return err
		}
		start := processorTime()
		t, err := m.Transcribe(ctx, clip.Source(), &c.opt)
		if err != nil {
			return fmt.Errorf("%s: %w", u.path, err)
		}
		spent += processorTime() - start
		sound += clip.Duration()
		e := count(normalise(u.text), normalise(t.Text))
		if c.verbose && e.errors() > 0 {
			fmt.Printf("%s %v\n  ref: %s\n  hyp: %s\n", u.path, e, strings.Join(normalise(u.text), " "), strings.Join(normalise(t.Text), " "))
		}
		total.add(e)
	}
	fmt.Printf("%d utterances, %.2f h: %v, RTF %.4f\n", len(list), sound.Hours(), total, spent.Seconds()/sound.Seconds())
	return nil
}

func (c *config) open() (*asr.Model, error) {
	if c.model != "" {
		return asr.Open(c.model)
	}
	return en.Recognizer()
}

func load(path string) (audio.Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return audio.Clip{}, err
	}
	defer f.Close()
	src, err := audio.Decode(f)
	if err != nil {
		return audio.Clip{}, fmt.Errorf("%s: %w", path, err)
	}
	return audio.ReadAll(audio.Resample(src, 16000), 0)
}

func readManifest(path string) ([]utterance, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	if !in.Scan() {
		return nil, fmt.Errorf("%s is empty", path)
	}
	names := strings.Split(in.Text(), "\t")
	p, t := slices.Index(names, "path"), slices.Index(names, "text")
	if p < 0 || t < 0 {
		return nil, fmt.Errorf("%s: no columns path and text among %q", path, names)
	}
	var list []utterance
	for in.Scan() {
		fields := strings.Split(in.Text(), "\t")
		if len(fields) != len(names) {
			return nil, fmt.Errorf("%s: %d columns in %q", path, len(fields), in.Text())
		}
		list = append(list, utterance{fields[p], fields[t]})
	}
	return list, in.Err()
}

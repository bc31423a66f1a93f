// Command vad measures detectors of speech on the test set of training/vad/testset.py: areas under the curve, misses and
// false alarms frame by frame, how soon the start of speech is seen, and spans found where nobody speaks.
//
//	python training/vad/testset.py DATA PACKED WHISPER /tmp/vad
//	go run ./bench/vad -manifest /tmp/vad/manifest.tsv [-silero silero_vad.safetensors] [-weights new.safetensors]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/wer"
	"github.com/parley-go/parley/vad"
)

func main() {
	manifest := flag.String("manifest", "", "table with the columns path, set, snr and speech")
	silero := flag.String("silero", "", "weights of silero-vad (training/vad/silero.py), to compare with")
	weights := flag.String("weights", "", "weights instead of the embedded ones")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	if err := run(*manifest, *weights, *silero, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "vad:", err)
		os.Exit(1)
	}
}

// named is a detector and how much it hears after a frame before it judges it.
type named struct {
	name  string
	d     vad.Detector
	ahead time.Duration
}

func run(manifest, weights, silero string, asJSON bool) error {
	if manifest == "" {
		return errors.New("-manifest is missing")
	}
	ours := vad.Default()
	if weights != "" {
		var err error
		if ours, err = vad.Open(weights); err != nil {
			return err
		}
	}
	detectors := []named{{"parley", ours, 32 * time.Millisecond}}
	if silero != "" {
		d, err := vad.Open(silero)
		if err != nil {
			return err
		}
		detectors = append(detectors, named{"silero", d, 0})
	}
	detectors = append(detectors, named{"energy", vad.Energy, 0})
	items, err := readManifest(manifest)
	if err != nil {
		return err
	}
	if !asJSON {
		fmt.Println("| set | SNR | detector | AUC | misses % | false alarms % | F1 | onset ms, median (90 %) | spans | s/h of speech in them |\n|---|---|---|---|---|---|---|---|---|---|")
	}
	for _, it := range items {
		clip, err := it.load()
		if err != nil {
			return err
		}
		for _, d := range detectors {
			r, err := measure(d, clip, it)
			if err != nil {
				return err
			}
			if err := r.print(asJSON); err != nil {
				return err
			}
		}
	}
	return nil
}

// item is a sound and where it is speech.
type item struct {
	path, set, snr string
	speech         [][2]int // ms
}

func readManifest(path string) ([]item, error) {
	rows, err := wer.ReadTable(path, "path", "set", "snr", "speech")
	if err != nil {
		return nil, err
	}
	var items []item
	for _, row := range rows {
		it := item{path: row["path"], set: row["set"], snr: row["snr"]}
		for _, span := range strings.FieldsFunc(row["speech"], func(r rune) bool { return r == ',' }) {
			lo, hi, _ := strings.Cut(span, "-")
			a, err1 := strconv.Atoi(lo)
			b, err2 := strconv.Atoi(hi)
			if err := errors.Join(err1, err2); err != nil {
				return nil, fmt.Errorf("%s: speech of %s: %w", path, it.path, err)
			}
			it.speech = append(it.speech, [2]int{a, b})
		}
		items = append(items, it)
	}
	return items, nil
}

func (it item) load() (audio.Clip, error) {
	f, err := os.Open(it.path)
	if err != nil {
		return audio.Clip{}, err
	}
	defer f.Close()
	src, err := audio.Decode(f)
	if err != nil {
		return audio.Clip{}, fmt.Errorf("%s: %w", it.path, err)
	}
	return audio.ReadAll(audio.Resample(src, 16000), 0)
}

// measure runs a detector over a clip.
func measure(d named, clip audio.Clip, it item) (result, error) {
	r := result{Set: it.set, SNR: it.snr, Detector: d.name, Hours: clip.Duration().Hours()}
	start := time.Now()
	probs := vad.Probabilities(d.d, clip.Samples)
	r.MicrosPerSecond = float64(time.Since(start).Microseconds()) / clip.Duration().Seconds()
	r.score(grid(probs, d.d, int(clip.Duration().Milliseconds()/10)), it.speech)
	r.onsets(probs, d, it.speech)
	for s, err := range vad.Spans(context.Background(), clip.Source(), d.d, nil) {
		if err != nil {
			return r, err
		}
		r.Spans++
		r.Speech += float64(s.End-s.Start) / 16000
	}
	return r, nil
}

// print writes a row of the table, or a line of JSON.
func (r *result) print(asJSON bool) error {
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	cell := func(format string, v float64) string {
		if r.SNR == "none" {
			return ""
		}
		return fmt.Sprintf(format, v)
	}
	_, err := fmt.Printf("| %s | %s | %s | %s | %s | %.2f | %s | %s | %d | %.0f |\n", r.Set, r.SNR, r.Detector, cell("%.4f", r.AUC), cell("%.2f", 100*r.Misses),
		100*r.FalseAlarms, cell("%.3f", r.F1), cell("%.0f", r.Onset)+cell(" (%.0f)", r.Onset90), r.Spans, r.Speech/r.Hours)
	return err
}

package asr

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/wer"
	"github.com/parley-go/parley/internal/whisper"
)

// Real weights: $PARLEY_WEIGHTS holds Whisper directories in which training/goldens/parity.py has put what transformers hears, greedily and in float32. Ours
// hears the same text in float32, but for one in 200 whose tokens may be as likely as others, and its word error is within 0.1 points of it in float32 and bf16, within 0.3 in int8.
func TestParity(t *testing.T) {
	root := os.Getenv("PARLEY_WEIGHTS")
	lists, _ := filepath.Glob(filepath.Join(root, "*", "parity.tsv"))
	if root == "" || len(lists) == 0 {
		t.Skip("SKIPPED: no real weights: PARLEY_WEIGHTS names no folder of Whisper directories with parity.tsv; see training/goldens/parity.py")
	}
	for _, list := range lists {
		rows, err := wer.ReadTable(list, "path", "text", "heard")
		if err != nil {
			t.Fatal(err)
		}
		for precision, most := range map[string]float64{"f32": 0.1, "bf16": 0.1, "int8": 0.3} {
			t.Run(filepath.Base(filepath.Dir(list))+"/"+precision, func(t *testing.T) { compareWithTransformers(t, filepath.Dir(list), precision, most, rows) })
		}
	}
}

// compareWithTransformers hears the rows of a parity.tsv; most is how far the word error may be from that of transformers, in points.
func compareWithTransformers(t *testing.T, dir, precision string, most float64, rows []map[string]string) {
	m, err := OpenWith(os.DirFS(dir), &OpenOptions{Precision: precision})
	if err != nil {
		t.Fatal(err)
	}
	normal := wer.English()
	var ours, theirs wer.Counts
	same := 0
	for _, r := range rows {
		got := hearFile(t, m, r["path"])
		if got == r["heard"] {
			same++
		} else {
			t.Logf("%s:\n  %s\n  %s", r["path"], got, r["heard"])
		}
		ours.Add(normal.Score(r["text"], got))
		theirs.Add(normal.Score(r["text"], r["heard"]))
	}
	a, b := 100*ours.Rate(), 100*theirs.Rate()
	t.Logf("%d of %d texts are those of transformers, WER %.2f %%, transformers %.2f %%", same, len(rows), a, b)
	if precision == "f32" && float64(same) < 0.995*float64(len(rows)) {
		t.Error("fewer than 99.5 %")
	}
	if math.Abs(a-b) > most {
		t.Errorf("WER differs by more than %.1f points", most)
	}
}

// hearFile hears a recording as transformers' generate does: one window, greedily, without timestamps, filled up with silence.
func hearFile(t *testing.T, m *Model, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	src, err := audio.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	off := math.NaN()
	o := whisper.Options{Language: "en", NoVAD: true, Quiet: true, NoTimestamps: true, Temperatures: []float64{0}, LogProb: off, NoSpeech: off, CompressionRatio: off}
	var text []string
	err = m.engine.(*whisperEngine).m.Transcribe(t.Context(), src, o, func(s whisper.Segment) error {
		text = append(text, strings.Fields(s.Text)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(text, " ")
}

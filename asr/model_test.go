package asr

import (
	"encoding/json"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/transformer"
)

const tinyDir = "testdata/tiny" // made by training/goldens/asr.py

func tinyModel(t testing.TB) *Model {
	t.Helper()
	m, err := Open(tinyDir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func tinyHybrid(t testing.TB) *hybrid { return tinyModel(t).engine.(*hybrid) }

// tinyAs is tinyHybrid in one precision.
func tinyAs(t testing.TB, precision string) *hybrid {
	t.Helper()
	m, err := OpenWith(os.DirFS(tinyDir), &OpenOptions{Precision: precision})
	if err != nil {
		t.Fatal(err)
	}
	return m.engine.(*hybrid)
}

// golden reads a tensor of golden.safetensors.
func golden(t testing.TB, name string, cols int) transformer.Mat {
	t.Helper()
	f, err := transformer.OpenWeights(filepath.Join(tinyDir, "golden.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := f.Float32(name, f.Shape(name)...)
	if err != nil {
		t.Fatal(err)
	}
	return transformer.MatOf(x, len(x)/cols, cols)
}

// near demands that got be want to within 1e-4, the agreement of f32 arithmetic in another order.
func near(t *testing.T, what string, got, want transformer.Mat) {
	t.Helper()
	if got.Rows != want.Rows || got.Cols != want.Cols {
		t.Fatalf("%s: (%d, %d), want (%d, %d)", what, got.Rows, got.Cols, want.Rows, want.Cols)
	}
	worst := 0.0
	for i, v := range want.Data {
		worst = max(worst, math.Abs(float64(got.Data[i]-v)))
	}
	if !(worst < 1e-4) {
		t.Errorf("%s: off by %g", what, worst)
	}
}

// encodeAll runs the samples through the streaming encoder, in pieces of n.
func encodeAll(m *hybrid, samples []float32, chunk, n int) frames {
	s := m.encoder.newStream()
	out := frames{cols: m.config.D}
	emit := func(_, x transformer.Mat) error {
		copy(out.extend(x.Rows).Data, x.Data)
		return nil
	}
	s.reset(chunk)
	for len(samples) > 0 {
		k := min(n, len(samples))
		_ = s.push(samples[:k], emit)
		samples = samples[k:]
	}
	_ = s.flush(emit)
	return out
}

// Every stage computes what model.py does, and streaming in any pieces what the chunk mask over the whole does.
func TestGolden(t *testing.T) {
	m := tinyAs(t, "f32")
	c := &m.config
	samples := golden(t, "samples", 1).Data

	s := m.encoder.newStream()
	s.reset(1 << 20)
	_ = s.push(samples, nil)
	conv := golden(t, "conv", c.D)
	near(t, "convolutions", transformer.MatOf(s.rows, len(s.rows)/c.D, c.D), conv)

	want := golden(t, "encoded", c.D)
	for _, n := range []int{len(samples), 4096, 333} {
		x := encodeAll(m, samples, c.Chunk, n)
		near(t, "encoder", x.first(x.len()), want)
	}

	phone, piece := frames{cols: c.Phones}, frames{cols: c.Pieces}
	logProbs(phone.extend(want.Rows), m.phone, want)
	logProbs(piece.extend(want.Rows), m.piece, want)
	near(t, "phone CTC", phone.first(want.Rows), golden(t, "phone", c.Phones))
	near(t, "subword CTC", piece.first(want.Rows), golden(t, "piece", c.Pieces))

	tokens := ints(golden(t, "tokens", 1).Data)
	d := m.decoder.NewState(want, 1)
	logits := m.decoder.Logits(d, m.decoder.Feed(d, tokens))
	for i := range logits.Rows {
		kernel.LogSoftmax(logits.Row(i))
	}
	near(t, "decoder", logits.Slice(startTokens-1, logits.Rows), golden(t, "decoded", c.Tokens+1+startTokens))

	if got := append(c.textStart(), m.tokens.Encode("The tree.")...); !slices.Equal(got, tokens) {
		t.Errorf("tokens %v, want %v", got, tokens)
	}
	var a aligner
	got, ctc := a.forward(piece.first(want.Rows), ints(golden(t, "labels", 1).Data), 0), golden(t, "ctc", 1).Data[0]
	if math.Abs(float64(got-ctc)) > 1e-2 {
		t.Errorf("CTC forward %v, want %v", got, ctc)
	}
}

// TestPrecisions: rounding the weights, and for int8 what they are multiplied with, hardly moves the encoder.
func TestPrecisions(t *testing.T) {
	samples := golden(t, "samples", 1).Data
	want := encodeAll(tinyAs(t, "f32"), samples, 16, 1000)
	for precision, most := range map[string]float64{"bf16": 0.01, "int8": 0.04} {
		got := encodeAll(tinyAs(t, precision), samples, 16, 1000)
		var noise, size float64
		for i, v := range want.data {
			d := float64(got.data[i] - v)
			noise, size = noise+d*d, size+float64(v)*float64(v)
		}
		if r := math.Sqrt(noise / size); !(r < most) {
			t.Errorf("%s: off by %.4f of the signal, at most %g", precision, r, most)
		} else {
			t.Logf("%s: off by %.4f of the signal", precision, r)
		}
	}
	for _, o := range []OpenOptions{{Precision: "int4"}, {Threads: -1}} {
		if _, err := OpenWith(os.DirFS(tinyDir), &o); err == nil || !strings.Contains(err.Error(), "OpenOptions") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func ints(x []float32) []int {
	out := make([]int, len(x))
	for i, v := range x {
		out[i] = int(v)
	}
	return out
}

// changed returns the tiny model's files with one of them changed; "" removes it.
func changed(t *testing.T, name, from, to string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	for _, n := range []string{"config.json", "model.safetensors", "tokenizer.json", "pieces.json", "lexicon.tsv"} {
		data, err := os.ReadFile(filepath.Join(tinyDir, n))
		if err != nil {
			t.Fatal(err)
		}
		if n == name {
			data = []byte(strings.ReplaceAll(string(data), from, to))
		}
		if n != name || from != "" {
			out[n] = &fstest.MapFile{Data: data}
		}
	}
	return out
}

func TestOpenErrors(t *testing.T) {
	for _, c := range []struct{ file, from, to, says string }{
		{"config.json", "", "", "config.json"},
		{"config.json", "parley_hybrid", "bert", "model_type"},
		{"config.json", `"d_model": 16`, `"d_model": 32`, "encoder."},
		{"config.json", `"heads": 2`, `"heads": -2`, "size"},
		{"config.json", `"heads": 2`, `"heads": 3`, "Heads"},
		{"config.json", `"layers": 2`, `"layers": 3`, "layers.2."},
		{"config.json", `"phones": 41`, `"phones": 40`, "phone"},
		{"config.json", `"sample_rate": 16000`, `"sample_rate": 8000`, "sample_rate"},
		{"model.safetensors", "", "", "model.safetensors"},
		{"tokenizer.json", "", "", "tokenizer.json"},
		{"lexicon.tsv", "\t", " ", "lexicon.tsv: line 1"},
	} {
		_, err := OpenFS(changed(t, c.file, c.from, c.to))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %q for %q: error %v, want one about %q", c.file, c.to, c.from, err, c.says)
		}
	}
	m, err := OpenFS(changed(t, "lexicon.tsv", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Transcribe(t.Context(), audio.Clip{Rate: 16000}.Source(), &Options{Search: Lexicon}); err == nil || !strings.Contains(err.Error(), "lexicon.tsv") {
		t.Errorf("search without a lexicon: %v", err)
	}
}

// The decoder may write letters that the CTC has no unit for.
func TestLettersTheCTCLacks(t *testing.T) {
	fsys := fstest.MapFS{}
	for _, name := range []string{"config.json", "lexicon.tsv", "model.safetensors", "pieces.json", "tokenizer.json"} {
		data, err := os.ReadFile(filepath.Join(tinyDir, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "tokenizer.json" {
			data = renamePiece(t, data, "at", "a.é")
		}
		fsys[name] = &fstest.MapFile{Data: data}
	}
	m, err := OpenFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	written := false
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		x, level := make([]float32, 16000+1000*int(seed)), 0.0
		for i := range x {
			if i%1600 == 0 {
				level = 0.1 * r.Float64()
			}
			x[i] = float32(r.NormFloat64() * level)
		}
		for _, search := range []Search{Default, Attention} {
			text, err := m.Transcribe(t.Context(), audio.Clip{Rate: 16000, Samples: x}.Source(), &Options{Doubtful: true, Search: search, Alternatives: 3})
			if err != nil {
				t.Fatal(err)
			}
			written = written || strings.Contains(text.Text, "é")
		}
	}
	if !written {
		t.Error("no text has the letter")
	}
}

// renamePiece changes a piece of a tokenizer.json, which then has no merges.
func renamePiece(t *testing.T, data []byte, from, to string) []byte {
	t.Helper()
	var f map[string]any
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	model := f["model"].(map[string]any)
	vocab := model["vocab"].(map[string]any)
	vocab[to], model["merges"] = vocab[from], []any{}
	delete(vocab, from)
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

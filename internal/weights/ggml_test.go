package weights

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-go/parley/internal/kernel"
)

var tinyShape = GGMLShape{Vocab: 7, AudioContext: 4, AudioD: 64, AudioHeads: 2, AudioLayers: 1, TextContext: 8, TextD: 64, TextHeads: 2, TextLayers: 1, Mels: 3, Kind: "Q5_1"}

var tinyTokens = []string{"a", "", "\xff\x00", "word"}

func randomValues(n int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// writtenGGML is a small file with a tensor of every kind.
func writtenGGML(values []float32) []byte {
	w := NewGGMLWriter(tinyShape, tinyTokens)
	for _, kind := range []string{"F32", "F16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"} {
		w.Tensor(kind, kind, values, len(values)/64, 64)
	}
	w.Tensor("encoder.conv1.bias", "F32", values[:5], 5, 1)
	return w.Bytes()
}

func TestGGML(t *testing.T) {
	values := randomValues(10 * 64)
	values[7*64] = 100
	clear(values[9*64:])
	data := writtenGGML(values)
	path := filepath.Join(t.TempDir(), "m.bin")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	parsed, err := ParseGGML("memory", data)
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := OpenGGML(path)
	if err != nil {
		t.Fatal(err)
	}
	streamed, err := OpenGGMLFS(fstest.MapFS{"m.bin": {Data: data}}, "m.bin")
	if err != nil {
		t.Fatal(err)
	}
	read, err := newGGML(contents{name: "reader", src: strings.NewReader(string(data)), size: int64(len(data))})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []*GGML{parsed, mapped, streamed, read} {
		if g.Shape != tinyShape || !slices.Equal(g.Tokens, tinyTokens) || g.Values() != 7*640+5 {
			t.Errorf("%s: %+v, %q, %d values", g.name, g.Shape, g.Tokens, g.Values())
		}
		checkKinds(t, g, values)
		if bias, err := g.Float32("model.encoder.conv1.bias", 5); err != nil || !slices.Equal(bias, values[:5]) {
			t.Errorf("bias %v, %v", bias, err)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if _, err := g.Float32("model.F32", 10, 64); err == nil {
			t.Error("read after Close")
		}
	}
}

// checkKinds compares what every kind kept of the values: within half a step of its block.
func checkKinds(t *testing.T, g *GGML, values []float32) {
	t.Helper()
	for kind, levels := range map[string]float64{"F32": math.Inf(1), "F16": 1 << 11, "Q4_0": 8, "Q4_1": 7.5, "Q5_0": 16, "Q5_1": 15.5, "Q8_0": 127} {
		name := "model." + kind
		got, err := g.Float32(name, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := g.Rows(name, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float32, 64)
		for i := range 10 {
			rows(row, i)
			if !slices.Equal(row, got[i*64:(i+1)*64]) {
				t.Errorf("%s: row %d differs from the whole", kind, i)
			}
		}
		for i, v := range values {
			most := 0.0
			for _, x := range values[i/32*32 : i/32*32+32] {
				most = max(most, math.Abs(float64(x)))
			}
			// a step at most, at the end that has no level of its own, and the rounding of scales to 16 bits
			limit := most * (1.02/levels + 1.0/1024)
			if kind == "F32" {
				limit = 0
			}
			if math.Abs(float64(got[i]-v)) > limit {
				t.Fatalf("%s: value %d is %g, want %g within %g", kind, i, got[i], v, limit)
			}
		}
	}
	for _, c := range []struct {
		name  string
		shape []int
		says  string
	}{{"model.F32", []int{64, 10}, "want shape [64 10], got [10 64]"}, {"model.F64", []int{1}, "no such tensor"}, {"model.F32", nil, "want shape []"}} {
		if _, err := g.Rows(c.name, c.shape...); err == nil || !strings.Contains(err.Error(), c.says) || g.Has("model.F64") {
			t.Errorf("%s: %v, want %s", c.name, err, c.says)
		}
	}
}

// Blocks with known bytes: the layout is ggml's and not only the writer's.
func TestGGMLBlocks(t *testing.T) {
	one := []byte{0x00, 0x3c} // 1.0
	two := []byte{0x00, 0x40}
	q := make([]byte, 16)
	q[0], q[15] = 0x1f, 0x80 // values 0, 16: 15, 1; values 15, 31: 0, 8
	high := []byte{0x01, 0, 0x00, 0x80}
	ints := make([]byte, 32)
	ints[0], ints[31] = 0x80, 0x7f
	for _, c := range []struct {
		kind int
		raw  []byte
		want map[int]float32
	}{
		{2, slices.Concat(one, q), map[int]float32{0: 7, 16: -7, 15: -8, 31: 0, 1: -8}},
		{3, slices.Concat(two, one, q), map[int]float32{0: 31, 16: 3, 15: 1, 31: 17}},
		{6, slices.Concat(two, high, q), map[int]float32{0: 30, 16: -30, 15: -32, 31: 16}},
		{7, slices.Concat(one, two, high, q), map[int]float32{0: 33, 16: 3, 15: 2, 31: 26}},
		{8, slices.Concat(two, ints), map[int]float32{0: -256, 31: 254, 1: 0}},
	} {
		k := ggmlKinds[c.kind]
		dst := make([]float32, 32)
		if len(c.raw) != k.bytes {
			t.Fatalf("kind %d: %d bytes, want %d", c.kind, len(c.raw), k.bytes)
		}
		k.decode(dst, c.raw)
		for i, want := range c.want {
			if dst[i] != want {
				t.Errorf("kind %d: value %d is %g, want %g", c.kind, i, dst[i], want)
			}
		}
	}
}

func TestGGMLMatrix(t *testing.T) {
	values := randomValues(10 * 64)
	g, err := ParseGGML("m", writtenGGML(values))
	if err != nil {
		t.Fatal(err)
	}
	m, err := As(g, kernel.F32).Matrix("model.F16", 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, 64)
	m.Row(row, 9)
	if want, _ := g.Float32("model.F16", 10, 64); !slices.Equal(row, want[9*64:]) {
		t.Error("the packed matrix has other values")
	}
}

// Names of whisper.cpp and what the loading code asks for.
func TestTransformersName(t *testing.T) {
	for name, want := range map[string]string{
		"encoder.positional_embedding":           "model.encoder.embed_positions.weight",
		"encoder.conv2.weight":                   "model.encoder.conv2.weight",
		"encoder.blocks.11.attn.key.weight":      "model.encoder.layers.11.self_attn.k_proj.weight",
		"encoder.blocks.0.attn_ln.bias":          "model.encoder.layers.0.self_attn_layer_norm.bias",
		"encoder.ln_post.weight":                 "model.encoder.layer_norm.weight",
		"decoder.blocks.3.cross_attn.out.weight": "model.decoder.layers.3.encoder_attn.out_proj.weight",
		"decoder.blocks.3.cross_attn_ln.weight":  "model.decoder.layers.3.encoder_attn_layer_norm.weight",
		"decoder.blocks.3.mlp.2.bias":            "model.decoder.layers.3.fc2.bias",
		"decoder.blocks.3.mlp_ln.bias":           "model.decoder.layers.3.final_layer_norm.bias",
		"decoder.token_embedding.weight":         "model.decoder.embed_tokens.weight",
		"decoder.ln.bias":                        "model.decoder.layer_norm.bias",
	} {
		if got := transformersName(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestGGMLErrors(t *testing.T) {
	data := writtenGGML(randomValues(640))
	patch := func(at int, v uint32) []byte {
		d := slices.Clone(data)
		binary.LittleEndian.PutUint32(d[at:], v)
		return d
	}
	head := len(NewGGMLWriter(tinyShape, tinyTokens).Bytes()) // where the first tensor starts
	filters := 48
	vocab := filters + 8 + 4*3*201
	for says, d := range map[string][]byte{
		"cut off at byte 3":                            data[:3],
		"cut off at byte 47":                           data[:47],
		"cut off in the mel filters":                   data[:100],
		"cut off in the vocabulary":                    data[:vocab+8],
		"cut off at byte":                              data[:len(data)-1][:head+20],
		"it is cut off, load it again":                 data[:len(data)-1],
		"no tensors":                                   data[:head],
		"no ggml file":                                 []byte("RIFF    WAVE"),
		"a GGUF file":                                  []byte("GGUF\x03\x00\x00\x00"),
		"n_vocab is 0":                                 patch(4, 0),
		"n_vocab is -1":                                patch(4, 0xffffffff),
		"n_audio_layer is 2000000000":                  patch(20, 2000000000),
		"n_mels is 1025":                               patch(40, 1025),
		"ftype is 10":                                  patch(44, 10),
		"mel filters (4, 201), want (3, 201)":          patch(filters, 4),
		"mel filters (3, 16384)":                       patch(filters+4, 16384),
		"the number of tokens is 8, want 1 to 7":       patch(vocab, 8),
		"token 0: its length is 1073741824":            patch(vocab+4, 1<<30),
		"the number of dimensions is 9":                patch(head, 9),
		"the length of the name is 2000":               patch(head+4, 2000),
		`"F32" is of kind 12`:                          patch(head+8, 12),
		"a dimension is 0":                             patch(head+12, 0),
		"dimensions [64] and 16777216 in a file of":    patch(head+16, 1<<24),
		`"F32" has rows of 63 values, want a multiple`: append(patch(head+8, 8)[:head+12], append([]byte{63, 0, 0, 0}, data[head+16:]...)...),
		`tensor "model.F32" appears twice`:             append(slices.Clone(data), data[head:]...),
	} {
		if _, err := ParseGGML("m.bin", d); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "m.bin") {
			t.Errorf("got %v, want %s", err, says)
		}
	}
	if _, err := OpenGGML(filepath.Join(t.TempDir(), "none.bin")); err == nil {
		t.Error("a file that is not there")
	}
}

// FuzzGGML: whatever a file holds, it is refused or its tensors can be read.
func FuzzGGML(f *testing.F) {
	shape := tinyShape
	shape.Mels = 1
	for _, kind := range []string{"F32", "F16", "Q4_0", "Q5_1", "Q8_0"} {
		w := NewGGMLWriter(shape, tinyTokens)
		w.Tensor(kind, kind, randomValues(32), 1, 32)
		f.Add(w.Bytes())
	}
	f.Add(NewGGMLWriter(tinyShape, tinyTokens).Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := ParseGGML("f", data)
		if err != nil {
			return
		}
		for name, tensor := range g.tensors {
			if _, err := g.Float32(name, tensor.shape...); err != nil {
				t.Fatal(err)
			}
		}
	})
}

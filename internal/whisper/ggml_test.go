package whisper

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/tokenizer"
	"github.com/parley-go/parley/internal/weights"
)

// tinyGGML is a model of one layer with random weights, in both formats: most matrices of the ggml file are of a kind.
func tinyGGML(t *testing.T, kind string) (*weights.GGML, *weights.File) {
	t.Helper()
	s := weights.GGMLShape{Vocab: 51865, AudioContext: 20, AudioD: 32, AudioHeads: 2, AudioLayers: 1, TextContext: 16, TextD: 32, TextHeads: 2, TextLayers: 1, Mels: 80, Kind: kind}
	g := weights.NewGGMLWriter(s, manyTokens(50257))
	hf := &weights.Writer{}
	r := rand.New(rand.NewPCG(3, 4))
	add := func(name, theirs, kind string, scale float64, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64() * scale)
		}
		ggmlShape := shape
		if strings.HasPrefix(name, "encoder.conv") && len(shape) == 1 {
			ggmlShape = []int{shape[0], 1}
		}
		g.Tensor(name, kind, x, ggmlShape...)
		if kind == "F16" {
			hf.Float16("model."+theirs, x, shape...)
		} else {
			hf.Float32("model."+theirs, x, shape...)
		}
	}
	const d = 32
	both := func(name, theirs string, scale float64, out, in int) {
		add(name+".weight", theirs+".weight", kind, scale, out, in)
		if !strings.HasSuffix(name, "key") {
			add(name+".bias", theirs+".bias", "F32", 0.1, out)
		}
	}
	norm := func(name, theirs string) {
		add(name+".weight", theirs+".weight", "F32", 1, d)
		add(name+".bias", theirs+".bias", "F32", 0.1, d)
	}
	attention := func(name, theirs string) {
		for ours, hf := range map[string]string{"query": "q_proj", "key": "k_proj", "value": "v_proj", "out": "out_proj"} {
			both(name+"."+ours, theirs+"."+hf, 0.3, d, d)
		}
	}
	add("encoder.positional_embedding", "encoder.embed_positions.weight", "F32", 0.5, s.AudioContext, d)
	add("encoder.conv1.weight", "encoder.conv1.weight", "F16", 0.1, d, s.Mels, 3)
	add("encoder.conv1.bias", "encoder.conv1.bias", "F32", 0.1, d)
	add("encoder.conv2.weight", "encoder.conv2.weight", "F16", 0.2, d, d, 3)
	add("encoder.conv2.bias", "encoder.conv2.bias", "F32", 0.1, d)
	norm("encoder.ln_post", "encoder.layer_norm")
	add("decoder.positional_embedding", "decoder.embed_positions.weight", "F32", 0.5, s.TextContext, d)
	add("decoder.token_embedding.weight", "decoder.embed_tokens.weight", kind, 0.5, s.Vocab, d)
	norm("decoder.ln", "decoder.layer_norm")
	for _, part := range []string{"encoder", "decoder"} {
		ours, theirs := part+".blocks.0.", part+".layers.0."
		attention(ours+"attn", theirs+"self_attn")
		norm(ours+"attn_ln", theirs+"self_attn_layer_norm")
		if part == "decoder" {
			attention(ours+"cross_attn", theirs+"encoder_attn")
			norm(ours+"cross_attn_ln", theirs+"encoder_attn_layer_norm")
		}
		both(ours+"mlp.0", theirs+"fc1", 0.3, 4*d, d)
		both(ours+"mlp.2", theirs+"fc2", 0.3, d, 4*d)
		norm(ours+"mlp_ln", theirs+"final_layer_norm")
	}
	file, err := weights.ParseGGML("tiny.bin", g.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := hf.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	dir, err := weights.Parse("model.safetensors", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return file, dir
}

// manyTokens are all bytes and then pairs of them.
func manyTokens(n int) []string {
	list := make([]string, 0, n)
	for b := range 256 {
		list = append(list, string([]byte{byte(b)}))
	}
	for i := 0; len(list) < n; i++ {
		list = append(list, string([]byte{byte(i >> 8), byte(i)}))
	}
	return list
}

func transcribeNoise(t *testing.T, m *Model) (ids []int, text string) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	clip := audio.Clip{Rate: sampleRate, Samples: make([]float32, sampleRate/2)}
	for i := range clip.Samples {
		clip.Samples[i] = float32(r.NormFloat64() * 0.1)
	}
	o := Options{Language: "en", Temperatures: []float64{0}, NoTimestamps: true}
	err := m.Transcribe(t.Context(), clip.Source(), o, func(s Segment) error {
		ids, text = append(ids, s.Tokens...), text+s.Text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids, text
}

// TestFromGGML: a ggml file gives the text that the same weights give as safetensors.
func TestFromGGML(t *testing.T) {
	for _, kind := range []string{"F32", "F16", "Q8_0", "Q5_1"} {
		g, dir := tinyGGML(t, kind)
		m, err := FromGGML(g, weights.As(g, kernel.F32))
		if err != nil {
			t.Fatal(err)
		}
		got, text := transcribeNoise(t, m)
		if len(got) == 0 {
			t.Errorf("%s: no tokens", kind)
		}
		if kind[0] == 'Q' {
			continue // other weights
		}
		v, err := tokenizer.FromRanks(g.Tokens)
		if err != nil {
			t.Fatal(err)
		}
		ref, err := New(m.config, weights.As(dir, kernel.F32), v)
		if err != nil {
			t.Fatal(err)
		}
		if want, wantText := transcribeNoise(t, ref); !slices.Equal(got, want) || text != wantText {
			t.Errorf("%s: tokens %v, want %v", kind, got, want)
		}
	}
}

func TestFromGGMLErrors(t *testing.T) {
	g, _ := tinyGGML(t, "F16")
	shape, tokens := g.Shape, g.Tokens
	for says, change := range map[string]func(){
		"n_text_state 64":                 func() { g.Shape.TextD = 64 },
		"a vocabulary of 50000 tokens":    func() { g.Tokens = tokens[:50000] },
		"no token for byte":               func() { g.Tokens = append([]string{"xyz"}, tokens[1:]...) },
		"no multiple of 3 and 2 heads":    func() { g.Shape.AudioHeads = 3 },
		"want shape [51866 32]":           func() { g.Shape.Vocab = 51866 },
		"encoder.layers.1.":               func() { g.Shape.AudioLayers = 2 },
		"max_target_positions is 4, want": func() { g.Shape.TextContext = 4 },
	} {
		g.Shape, g.Tokens = shape, tokens
		change()
		if _, err := FromGGML(g, weights.As(g, kernel.F32)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %s", err, says)
		}
	}
}

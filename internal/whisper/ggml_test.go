package whisper

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/tokenizer"
	"github.com/parley-go/parley/internal/weights"
)

// tinyGGML is a model of one layer with random weights; most matrices are of a kind.
func tinyGGML(t *testing.T, kind string) *weights.GGML {
	t.Helper()
	s := weights.GGMLShape{Vocab: 51865, AudioContext: 50, AudioD: 32, AudioHeads: 2, AudioLayers: 1, TextContext: 16, TextD: 32, TextHeads: 2, TextLayers: 1, Mels: 80, Kind: kind}
	g, err := weights.ParseGGML("tiny.bin", RandomGGML(s))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// safetensors are the same weights in the other format.
func safetensors(t *testing.T, g *weights.GGML) *weights.File {
	t.Helper()
	var w weights.Writer
	for _, name := range g.Names() {
		shape := g.TensorShape(name)
		if n := len(shape); shape[n-1] == 1 { // biases of convolutions
			shape = shape[:n-1]
		}
		x, err := g.Float32(name, shape...)
		if err != nil {
			t.Fatal(err)
		}
		w.Float32(name, x, shape...)
	}
	var b strings.Builder
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	f, err := weights.Parse("model.safetensors", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func transcribeNoise(t *testing.T, m *Model) (ids []int, text string) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	clip := audio.Clip{Rate: sampleRate, Samples: make([]float32, sampleRate/2)}
	for i := range clip.Samples {
		clip.Samples[i] = float32(r.NormFloat64() * 0.1)
	}
	o := Options{Language: "en", Temperatures: []float64{0}, NoTimestamps: true, NoVAD: true}
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
		g := tinyGGML(t, kind)
		m, err := FromGGML(g, weights.As(g, kernel.F32))
		if err != nil {
			t.Fatal(err)
		}
		got, text := transcribeNoise(t, m)
		if len(got) == 0 {
			t.Errorf("%s: no tokens", kind)
		}
		v, err := tokenizer.FromRanks(g.Tokens)
		if err != nil {
			t.Fatal(err)
		}
		ref, err := New(m.config, weights.As(safetensors(t, g), kernel.F32), v)
		if err != nil {
			t.Fatal(err)
		}
		if want, wantText := transcribeNoise(t, ref); !slices.Equal(got, want) || text != wantText {
			t.Errorf("%s: tokens %v, want %v", kind, got, want)
		}
	}
}

func TestFromGGMLErrors(t *testing.T) {
	g := tinyGGML(t, "F16")
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

func TestSpeed(t *testing.T) {
	g := tinyGGML(t, "Q8_0")
	m, err := FromGGML(g, weights.As(g, kernel.Int8))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []SpeedOptions{{Seconds: 1, Tokens: 5, Beam: 3, Runs: 2}, {Seconds: 1, Tokens: 20, Beam: 1, Runs: 1}, {Seconds: 0, Tokens: 5, Beam: 1, Runs: 1}, {Seconds: 1, Tokens: 5, Beam: 1}} {
		s, err := m.Speed(t.Context(), o)
		if possible := o.Tokens == 5 && o.Seconds == 1 && o.Runs > 0; possible != (err == nil) || possible && (s.Mel <= 0 || s.Encoder <= 0 || s.Prompt <= 0 || s.Total <= 0) {
			t.Errorf("%+v: %+v, %v", o, s, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Speed(ctx, SpeedOptions{Seconds: 1, Tokens: 5, Beam: 1, Runs: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPublishedShape(t *testing.T) {
	if s, err := PublishedShape("large-v3", "F16"); err != nil || s.Mels != 128 || s.TextLayers != 32 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := PublishedShape("huge", "F16"); err == nil || !strings.Contains(err.Error(), "want one of base, base.en") {
		t.Errorf("huge: %v", err)
	}
}

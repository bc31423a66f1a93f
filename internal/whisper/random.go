package whisper

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/parley-go/parley/internal/weights"
)

// published are the shapes of OpenAI's models: width, heads, layers of the encoder and of the decoder, vocabulary, mels.
var published = map[string][6]int{
	"tiny.en": {384, 6, 4, 4, 51864, 80}, "tiny": {384, 6, 4, 4, 51865, 80},
	"base.en": {512, 8, 6, 6, 51864, 80}, "base": {512, 8, 6, 6, 51865, 80},
	"small.en": {768, 12, 12, 12, 51864, 80}, "small": {768, 12, 12, 12, 51865, 80},
	"medium": {1024, 16, 24, 24, 51865, 80}, "large-v2": {1280, 20, 32, 32, 51865, 80},
	"large-v3": {1280, 20, 32, 32, 51866, 128}, "large-v3-turbo": {1280, 20, 32, 4, 51866, 128},
}

// PublishedShape is that of one of OpenAI's models, such as "base.en", with matrices of a kind: F32, F16, Q8_0 and so on.
func PublishedShape(size, kind string) (s weights.GGMLShape, err error) {
	p, ok := published[size]
	if !ok {
		var names []string
		for name := range published {
			names = append(names, name)
		}
		slices.Sort(names)
		return s, fmt.Errorf("no model of size %q, want one of %s", size, strings.Join(names, ", "))
	}
	return weights.GGMLShape{Vocab: p[4], AudioContext: 1500, AudioD: p[0], AudioHeads: p[1], AudioLayers: p[2],
		TextContext: 448, TextD: p[0], TextHeads: p[1], TextLayers: p[3], Mels: p[5], Kind: kind}, nil
}

// RandomGGML makes a file of whisper.cpp with random weights, always the same: models of any shape to test and to time.
func RandomGGML(s weights.GGMLShape) []byte {
	d := s.AudioD
	r := &randomWriter{s: s, w: weights.NewGGMLWriter(s, randomTokens(publishedTokens(s.Vocab).end)), r: rand.New(rand.NewPCG(1, 2))}
	r.add("encoder.positional_embedding", "F32", s.AudioContext, d)
	r.add("encoder.conv1.weight", "F16", d, s.Mels, 3)
	r.add("encoder.conv1.bias", "F32", d, 1)
	r.add("encoder.conv2.weight", "F16", d, d, 3)
	r.add("encoder.conv2.bias", "F32", d, 1)
	for i := range s.AudioLayers {
		name := fmt.Sprintf("encoder.blocks.%d.", i)
		r.attention(name + "attn")
		r.feedForward(name + "mlp")
	}
	r.norm("encoder.ln_post")
	r.add("decoder.positional_embedding", "F32", s.TextContext, d)
	r.add("decoder.token_embedding.weight", s.Kind, s.Vocab, d)
	for i := range s.TextLayers {
		name := fmt.Sprintf("decoder.blocks.%d.", i)
		r.attention(name + "attn")
		r.attention(name + "cross_attn")
		r.feedForward(name + "mlp")
	}
	r.norm("decoder.ln")
	return r.w.Bytes()
}

// randomTokens are all bytes and then pairs of them.
func randomTokens(n int) []string {
	list := make([]string, 0, n)
	for b := range 256 {
		list = append(list, string([]byte{byte(b)}))
	}
	for i := 0; len(list) < n; i++ {
		list = append(list, string([]byte{byte(i >> 8), byte(i)}))
	}
	return list
}

type randomWriter struct {
	s weights.GGMLShape
	w *weights.GGMLWriter
	r *rand.Rand
}

// add writes a tensor with uniform values, such that products keep their size.
func (r *randomWriter) add(name, kind string, shape ...int) {
	n, in := 1, 1
	for i, size := range shape {
		n *= size
		if i > 0 {
			in *= size
		}
	}
	scale := float32(0.1)
	if in > 1 {
		scale = float32(1.7 / math.Sqrt(float64(in)))
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = scale * (2*r.r.Float32() - 1)
	}
	r.w.Tensor(name, kind, x, shape...)
}

func (r *randomWriter) norm(name string) {
	one := make([]float32, r.s.AudioD)
	for i := range one {
		one[i] = 1
	}
	r.w.Tensor(name+".weight", "F32", one, len(one))
	r.add(name+".bias", "F32", len(one))
}

func (r *randomWriter) linear(name string, out, in int, bias bool) {
	r.add(name+".weight", r.s.Kind, out, in)
	if bias {
		r.add(name+".bias", "F32", out)
	}
}

func (r *randomWriter) attention(name string) {
	d := r.s.AudioD
	r.norm(name + "_ln")
	r.linear(name+".query", d, d, true)
	r.linear(name+".key", d, d, false)
	r.linear(name+".value", d, d, true)
	r.linear(name+".out", d, d, true)
}

func (r *randomWriter) feedForward(name string) {
	d := r.s.AudioD
	r.norm(name + "_ln")
	r.linear(name+".0", 4*d, d, true)
	r.linear(name+".2", d, 4*d, true)
}

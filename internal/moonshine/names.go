package moonshine

import (
	"strings"

	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// blockNames are the words of transformers' checkpoints, and "mlp.gate", which source makes.
var blockNames = transformer.Names{
	Layers: "layers.", Norm: "layer_norm",
	AttnNorm: "input_layernorm", Q: "self_attn.q_proj", K: "self_attn.k_proj", V: "self_attn.v_proj", Out: "self_attn.o_proj",
	FFNNorm: "post_attention_layernorm", Up: "mlp.fc1", Down: "mlp.fc2",
}

var decoderNames = func() transformer.Names {
	n := blockNames
	n.Norm, n.Embed = "norm", "embed_tokens"
	n.CrossNorm, n.CrossQ, n.CrossK, n.CrossV = "post_attention_layernorm", "encoder_attn.q_proj", "encoder_attn.k_proj", "encoder_attn.v_proj"
	n.CrossOut, n.FFNNorm, n.Gate = "encoder_attn.o_proj", "final_layernorm", "mlp.gate"
	return n
}()

// source is a checkpoint as the layers of package transformer want it: what has no bias (norms and attention) gets one of zeros, and the
// upper projection of a gated network, which has the gate below it in one matrix, is two.
type source struct{ weights.Source }

// loader returns f through source.
func loader(f weights.Loader) weights.Loader {
	return weights.WithThreads(weights.As(source{f}, f.Precision()), f.Threads())
}

// bare are the ends of names without bias.
var bare = []string{"norm.bias", "_proj.bias"}

func (s source) Float32(name string, shape ...int) ([]float32, error) {
	for _, end := range bare {
		if strings.HasSuffix(name, end) && !s.Has(name) && s.Has(strings.TrimSuffix(name, "bias")+"weight") {
			return make([]float32, shape[0]), nil
		}
	}
	whole, half := fused(name)
	if whole == "" {
		return s.Source.Float32(name, shape...)
	}
	b, err := s.Source.Float32(whole, 2*shape[0])
	if err != nil {
		return nil, err
	}
	return b[half*shape[0] : (half+1)*shape[0]], nil
}

func (s source) Rows(name string, shape ...int) (weights.Rows, error) {
	whole, half := fused(name)
	if whole == "" {
		return s.Source.Rows(name, shape...)
	}
	rows, err := s.Source.Rows(whole, 2*shape[0], shape[1])
	if err != nil {
		return nil, err
	}
	return func(dst []float32, i int) { rows(dst, half*shape[0]+i) }, nil
}

// fused returns the tensor that a decoder's "mlp.fc1" or "mlp.gate" is in, and which half of it.
func fused(name string) (whole string, half int) {
	switch {
	case !strings.Contains(name, "decoder."):
		return "", 0
	case strings.Contains(name, "mlp.gate"):
		return strings.Replace(name, "mlp.gate", "mlp.fc1", 1), 1
	case strings.Contains(name, "mlp.fc1"):
		return name, 0
	}
	return "", 0
}

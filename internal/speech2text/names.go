package speech2text

import (
	"math"
	"strings"

	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// blockNames are the words of transformers' checkpoints.
var blockNames = transformer.Names{
	Layers: "layers.", Positions: "embed_positions", Norm: "layer_norm", Embed: "embed_tokens",
	AttnNorm: "self_attn_layer_norm", Q: "self_attn.q_proj", K: "self_attn.k_proj", V: "self_attn.v_proj", Out: "self_attn.out_proj",
	CrossNorm: "encoder_attn_layer_norm", CrossQ: "encoder_attn.q_proj", CrossK: "encoder_attn.k_proj", CrossV: "encoder_attn.v_proj",
	CrossOut: "encoder_attn.out_proj",
	FFNNorm:  "final_layer_norm", Up: "fc1", Down: "fc2",
}

// source is a checkpoint with the tables of positions, which files leave out: sines, then cosines, where the first row is that of position
// pad+1 (fairseq).
type source struct {
	weights.Source
	pad int
}

// loader returns f through source.
func loader(f weights.Loader, pad int) weights.Loader {
	return weights.WithThreads(weights.As(source{f, pad}, f.Precision()), f.Threads())
}

func (s source) Float32(name string, shape ...int) ([]float32, error) {
	if !strings.HasSuffix(name, "embed_positions.weight") {
		return s.Source.Float32(name, shape...)
	}
	rows, d := shape[0], shape[1]
	x := make([]float32, rows*d)
	for i := range d / 2 {
		f := math.Exp(-math.Log(10000) * float64(i) / float64(d/2-1))
		for t := range rows {
			sin, cos := math.Sincos(float64(s.pad+1+t) * f)
			x[t*d+i], x[t*d+d/2+i] = float32(sin), float32(cos)
		}
	}
	return x, nil
}

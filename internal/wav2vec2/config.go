package wav2vec2

import (
	"cmp"
	"fmt"
	"io/fs"

	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// SampleRate of the sound that these models hear.
const SampleRate = 16000

// Config is the shape of a model, by the names of config.json. readConfig knows the defaults, which files may leave out.
type Config struct {
	ModelType      string  `json:"model_type"`
	Vocab          int     `json:"vocab_size"`
	Pad            int     `json:"pad_token_id"` // the blank
	D              int     `json:"hidden_size"`
	Layers         int     `json:"num_hidden_layers"`
	Heads          int     `json:"num_attention_heads"`
	FFN            int     `json:"intermediate_size"`
	Act            string  `json:"hidden_act"`
	Eps            float32 `json:"layer_norm_eps"`
	Stable         bool    `json:"do_stable_layer_norm"` // norms before the sublayers, not after
	StemNorm       string  `json:"feat_extract_norm"`    // "group" or "layer"
	StemAct        string  `json:"feat_extract_activation"`
	ConvDim        []int   `json:"conv_dim"`
	ConvStride     []int   `json:"conv_stride"`
	ConvKernel     []int   `json:"conv_kernel"`
	ConvBias       bool    `json:"conv_bias"`
	PosKernel      int     `json:"num_conv_pos_embeddings"`
	PosGroups      int     `json:"num_conv_pos_embedding_groups"`
	ProjectionNorm bool    `json:"feat_proj_layer_norm"` // HuBERT may have none

	PosBatchNorm bool `json:"conv_pos_batch_norm"`
	AdapterDim   int  `json:"adapter_attn_dim"`
	Adapter      bool `json:"add_adapter"`

	Normalize bool `json:"-"` // the sound to mean 0 and variance 1
}

// readConfig reads config.json and, if it is there, preprocessor_config.json.
func readConfig(fsys fs.FS) (Config, error) {
	c := Config{Vocab: 32, D: 768, Layers: 12, Heads: 12, FFN: 3072, Act: "gelu", Eps: 1e-5, StemNorm: "group", StemAct: "gelu",
		PosKernel: 128, PosGroups: 16, ProjectionNorm: true}
	if err := weights.ReadJSON(fsys, "config.json", &c); err != nil {
		return c, err
	}
	if c.ConvDim == nil && c.ConvStride == nil && c.ConvKernel == nil {
		c.ConvDim, c.ConvStride, c.ConvKernel = []int{512, 512, 512, 512, 512, 512, 512}, []int{5, 2, 2, 2, 2, 2, 2}, []int{10, 3, 3, 3, 3, 2, 2}
	}
	p := struct {
		Normalize bool `json:"do_normalize"`
		Rate      int  `json:"sampling_rate"`
	}{true, SampleRate}
	if err := weights.ReadJSONIfThere(fsys, "preprocessor_config.json", &p); err != nil {
		return c, err
	}
	if p.Rate != SampleRate {
		return c, fmt.Errorf("preprocessor_config.json: sampling_rate is %d, want %d", p.Rate, SampleRate)
	}
	c.Normalize = p.Normalize
	return c, c.check()
}

// activations by the names of transformers.
var activations = map[string]transformer.Act{"gelu": transformer.GELU, "gelu_new": transformer.GELUTanh, "relu": transformer.ReLU, "silu": transformer.SiLU, "swish": transformer.SiLU}

// check refuses shapes that no model has, and kinds that this package does not know.
func (c *Config) check() error {
	err := cmp.Or(
		weights.Sizes{"vocab_size": c.Vocab}.Within(weights.MostTokens),
		weights.Sizes{
			"hidden_size": c.D, "num_attention_heads": c.Heads, "intermediate_size": c.FFN,
			"num_conv_pos_embedding_groups": c.PosGroups,
		}.Within(weights.MostWidth),
		weights.Sizes{"num_hidden_layers": c.Layers}.Within(weights.MostLayers),
		weights.Sizes{"num_conv_pos_embeddings": c.PosKernel}.Within(1<<12),
		weights.Sizes{"the number of conv_dim": len(c.ConvDim)}.Within(32),
	)
	if err != nil {
		return err
	}
	if len(c.ConvDim) != len(c.ConvStride) || len(c.ConvDim) != len(c.ConvKernel) {
		return fmt.Errorf("config.json: %d conv_dim, %d conv_stride, %d conv_kernel: want as many of each", len(c.ConvDim), len(c.ConvStride), len(c.ConvKernel))
	}
	hop := 1
	for i, d := range c.ConvDim {
		if d < 1 || d > weights.MostWidth || c.ConvStride[i] < 1 || c.ConvStride[i] > 1000 || c.ConvKernel[i] < c.ConvStride[i] || c.ConvKernel[i] > 1<<12 {
			return fmt.Errorf("config.json: convolution %d has conv_dim %d, conv_stride %d, conv_kernel %d", i, d, c.ConvStride[i], c.ConvKernel[i])
		}
		if hop *= c.ConvStride[i]; hop > SampleRate {
			return fmt.Errorf("config.json: conv_stride %v: a frame every %d samples or more", c.ConvStride, hop)
		}
	}
	switch {
	case c.D%c.Heads != 0 || c.D%c.PosGroups != 0:
		return fmt.Errorf("config.json: hidden_size %d is no multiple of num_attention_heads %d and num_conv_pos_embedding_groups %d", c.D, c.Heads, c.PosGroups)
	case c.Pad < 0 || c.Pad >= c.Vocab:
		return fmt.Errorf("config.json: pad_token_id is %d, want one below vocab_size, %d", c.Pad, c.Vocab)
	case c.StemNorm != "group" && c.StemNorm != "layer":
		return fmt.Errorf("config.json: feat_extract_norm is %q, want \"group\" or \"layer\"", c.StemNorm)
	case c.PosBatchNorm || c.Adapter || c.AdapterDim != 0:
		return fmt.Errorf("config.json: conv_pos_batch_norm, add_adapter and adapter_attn_dim are not supported")
	case !(c.Eps > 0):
		return fmt.Errorf("config.json: layer_norm_eps is %v, want more than 0", c.Eps)
	}
	for _, a := range []string{c.Act, c.StemAct} {
		if _, ok := activations[a]; !ok {
			return fmt.Errorf("config.json: activation %q is not supported", a)
		}
	}
	return nil
}

// hop is how many samples a frame is after the one before.
func (c *Config) hop() int {
	hop := 1
	for _, s := range c.ConvStride {
		hop *= s
	}
	return hop
}

// reach is how many samples a frame sees.
func (c *Config) reach() int {
	reach, hop := 1, 1
	for i, s := range c.ConvStride {
		reach += (c.ConvKernel[i] - 1) * hop
		hop *= s
	}
	return reach
}

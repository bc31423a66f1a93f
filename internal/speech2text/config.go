package speech2text

import (
	"cmp"
	"fmt"
	"io/fs"
	"strings"

	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// SampleRate of the sound that these models hear.
const SampleRate = 16000

// Config is the shape of a model, by the names of config.json.
type Config struct {
	Vocab         int    `json:"vocab_size"`
	D             int    `json:"d_model"`
	EncoderLayers int    `json:"encoder_layers"`
	EncoderHeads  int    `json:"encoder_attention_heads"`
	EncoderFFN    int    `json:"encoder_ffn_dim"`
	DecoderLayers int    `json:"decoder_layers"`
	DecoderHeads  int    `json:"decoder_attention_heads"`
	DecoderFFN    int    `json:"decoder_ffn_dim"`
	Mels          int    `json:"input_feat_per_channel"`
	Inputs        int    `json:"input_channels"`
	ConvChannels  int    `json:"conv_channels"`
	ConvKernels   []int  `json:"conv_kernel_sizes"`
	SourceContext int    `json:"max_source_positions"`
	TextContext   int    `json:"max_target_positions"`
	Activation    string `json:"activation_function"`
	ScaleEmbed    bool   `json:"scale_embedding"`
	Pad           int    `json:"pad_token_id"`
	End           int    `json:"eos_token_id"`
	Start         int    `json:"decoder_start_token_id"`
	MaxLength     int    `json:"max_length"` // of a text, with its start; here or in generation_config.json
}

// readConfig reads config.json and, if they are there, generation_config.json and preprocessor_config.json.
func readConfig(fsys fs.FS) (Config, error) {
	c := Config{Vocab: 10000, D: 256, EncoderLayers: 12, EncoderHeads: 4, EncoderFFN: 2048, DecoderLayers: 6, DecoderHeads: 4, DecoderFFN: 2048, Mels: 80,
		Inputs: 1, ConvChannels: 1024, ConvKernels: []int{5, 5}, SourceContext: 6000, TextContext: 1024, Activation: "relu", ScaleEmbed: true, Pad: 1, End: 2,
		Start: 2, MaxLength: 200}
	if err := weights.ReadJSON(fsys, "config.json", &c); err != nil {
		return c, err
	}
	g := struct {
		MaxLength int `json:"max_length"`
	}{c.MaxLength}
	p := struct {
		Rate      int  `json:"sampling_rate"`
		Mels      int  `json:"num_mel_bins"`
		Normalize bool `json:"do_ceptral_normalize"`
		Means     bool `json:"normalize_means"`
		Vars      bool `json:"normalize_vars"`
	}{SampleRate, c.Mels, true, true, true}
	for name, into := range map[string]any{"generation_config.json": &g, "preprocessor_config.json": &p} {
		if err := weights.ReadJSONIfThere(fsys, name, into); err != nil {
			return c, err
		}
	}
	if p.Rate != SampleRate || p.Mels != c.Mels || !p.Normalize || !p.Means || !p.Vars {
		return c, fmt.Errorf("preprocessor_config.json: want %d mels of %d Hz, their means and variances normalised", c.Mels, SampleRate)
	}
	c.MaxLength = min(c.TextContext, g.MaxLength)
	return c, c.check()
}

// activations by the names of transformers.
var activations = map[string]transformer.Act{"gelu": transformer.GELU, "relu": transformer.ReLU, "silu": transformer.SiLU}

// check refuses shapes that no model has, and kinds that this package does not know.
func (c *Config) check() error {
	err := cmp.Or(
		weights.Sizes{"vocab_size": c.Vocab}.Within(weights.MostTokens),
		weights.Sizes{
			"d_model": c.D, "encoder_attention_heads": c.EncoderHeads, "encoder_ffn_dim": c.EncoderFFN,
			"decoder_attention_heads": c.DecoderHeads, "decoder_ffn_dim": c.DecoderFFN, "conv_channels": c.ConvChannels,
			"max_source_positions": c.SourceContext, "max_target_positions": c.TextContext, "max_length": c.MaxLength,
		}.Within(weights.MostWidth),
		weights.Sizes{"encoder_layers": c.EncoderLayers, "decoder_layers": c.DecoderLayers}.Within(weights.MostLayers),
		weights.Sizes{"input_feat_per_channel": c.Mels}.Within(1<<8),
		weights.Sizes{"input_channels": c.Inputs}.Within(1),
		weights.Sizes{"the number of conv_kernel_sizes": len(c.ConvKernels)}.Within(8),
	)
	if err != nil {
		return err
	}
	for _, k := range c.ConvKernels {
		if k < 1 || k > 99 || k%2 == 0 {
			return fmt.Errorf("config.json: conv_kernel_sizes %v, want odd ones up to 99", c.ConvKernels)
		}
	}
	_, known := activations[c.Activation]
	switch {
	case c.D%c.EncoderHeads != 0 || c.D%c.DecoderHeads != 0 || c.D%2 != 0 || c.D < 4 || c.ConvChannels%2 != 0:
		return fmt.Errorf("config.json: d_model %d, %d and %d heads, conv_channels %d do not divide", c.D, c.EncoderHeads, c.DecoderHeads, c.ConvChannels)
	case !known:
		return fmt.Errorf("config.json: activation_function %q is not supported", c.Activation)
	case min(c.Start, c.End, c.Pad) < 0 || max(c.Start, c.End, c.Pad) >= c.Vocab:
		return fmt.Errorf("config.json: pad_token_id %d, eos_token_id %d, decoder_start_token_id %d: want them below vocab_size, %d", c.Pad, c.End, c.Start, c.Vocab)
	}
	return nil
}

// readVocabulary returns the text of each token, "" of special ones.
func readVocabulary(fsys fs.FS, c *Config) ([]string, error) {
	var ids map[string]int
	if err := weights.ReadJSON(fsys, "vocab.json", &ids); err != nil {
		return nil, err
	}
	pieces := make([]string, c.Vocab)
	for piece, id := range ids {
		if id < 0 || id >= c.Vocab {
			return nil, fmt.Errorf("vocab.json: %q is %d, config.json says vocab_size is %d", piece, id, c.Vocab)
		}
		if !strings.HasPrefix(piece, "<") || !strings.HasSuffix(piece, ">") {
			pieces[id] = strings.ReplaceAll(piece, "▁", " ")
		}
	}
	return pieces, nil
}

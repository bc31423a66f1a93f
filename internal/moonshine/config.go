package moonshine

import (
	"cmp"
	"fmt"
	"io/fs"

	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// SampleRate of the sound that these models hear.
const SampleRate = 16000

// Config is the shape of a model, by the names of config.json.
type Config struct {
	ModelType     string  `json:"model_type"`
	Vocab         int     `json:"vocab_size"`
	D             int     `json:"hidden_size"`
	FFN           int     `json:"intermediate_size"`
	EncoderLayers int     `json:"encoder_num_hidden_layers"`
	DecoderLayers int     `json:"decoder_num_hidden_layers"`
	EncoderHeads  int     `json:"encoder_num_attention_heads"`
	DecoderHeads  int     `json:"decoder_num_attention_heads"`
	EncoderKV     int     `json:"encoder_num_key_value_heads"` // 0: EncoderHeads
	DecoderKV     int     `json:"decoder_num_key_value_heads"`
	TextContext   int     `json:"max_position_embeddings"`
	EncoderAct    string  `json:"encoder_hidden_act"`
	DecoderAct    string  `json:"decoder_hidden_act"`
	Start         int     `json:"decoder_start_token_id"`
	End           int     `json:"eos_token_id"`
	RotaryPart    float64 `json:"partial_rotary_factor"` // of the features of a head
	RotaryBase    float64 `json:"rope_theta"`
	Rotary        struct {
		Type string  `json:"rope_type"`
		Part float64 `json:"partial_rotary_factor"`
		Base float64 `json:"rope_theta"`
	} `json:"rope_parameters"` // where newer files have them

	MaxTokens int `json:"-"` // of a text, with the start
}

// readConfig reads config.json and, if they are there, generation_config.json and preprocessor_config.json.
func readConfig(fsys fs.FS) (Config, error) {
	c := Config{Vocab: 32768, D: 288, FFN: 1152, EncoderLayers: 6, DecoderLayers: 6, EncoderHeads: 8, DecoderHeads: 8, TextContext: 512,
		EncoderAct: "gelu", DecoderAct: "silu", Start: 1, End: 2, RotaryPart: 0.9, RotaryBase: 10000}
	if err := weights.ReadJSON(fsys, "config.json", &c); err != nil {
		return c, err
	}
	if c.Rotary.Part != 0 {
		c.RotaryPart = c.Rotary.Part
	}
	if c.Rotary.Base != 0 {
		c.RotaryBase = c.Rotary.Base
	}
	g := struct {
		MaxLength int `json:"max_length"`
	}{c.TextContext}
	p := struct {
		Normalize bool `json:"do_normalize"`
		Rate      int  `json:"sampling_rate"`
	}{false, SampleRate}
	for name, into := range map[string]any{"generation_config.json": &g, "preprocessor_config.json": &p} {
		if err := weights.ReadJSONIfThere(fsys, name, into); err != nil {
			return c, err
		}
	}
	if p.Rate != SampleRate || p.Normalize {
		return c, fmt.Errorf("preprocessor_config.json: sampling_rate is %d and do_normalize %v, want %d and false", p.Rate, p.Normalize, SampleRate)
	}
	c.MaxTokens = min(c.TextContext, g.MaxLength)
	return c, c.check()
}

// activations by the names of transformers.
var activations = map[string]transformer.Act{"gelu": transformer.GELU, "silu": transformer.SiLU, "swish": transformer.SiLU, "relu": transformer.ReLU}

// check refuses shapes that no model has, and kinds that this package does not know.
func (c *Config) check() error {
	err := cmp.Or(
		weights.Sizes{"vocab_size": c.Vocab}.Within(weights.MostTokens),
		weights.Sizes{
			"hidden_size": c.D, "intermediate_size": c.FFN, "encoder_num_attention_heads": c.EncoderHeads,
			"max_position_embeddings": c.TextContext,
		}.Within(weights.MostWidth),
		weights.Sizes{"encoder_num_hidden_layers": c.EncoderLayers, "decoder_num_hidden_layers": c.DecoderLayers}.Within(weights.MostLayers),
	)
	if err != nil {
		return err
	}
	h := c.EncoderHeads
	switch {
	case c.DecoderHeads != h || c.EncoderKV != 0 && c.EncoderKV != h || c.DecoderKV != 0 && c.DecoderKV != h || c.D%h != 0:
		return fmt.Errorf("config.json: %d and %d attention heads, %d and %d key_value_heads of hidden_size %d; want one number, of which hidden_size is a multiple",
			h, c.DecoderHeads, c.EncoderKV, c.DecoderKV, c.D)
	case c.rotaryDim() < 2 || c.rotaryDim()%2 != 0 || c.rotaryDim() > c.D/h || !(c.RotaryBase > 0):
		return fmt.Errorf("config.json: partial_rotary_factor is %v of heads of %d, rope_theta %v", c.RotaryPart, c.D/h, c.RotaryBase)
	case c.Rotary.Type != "" && c.Rotary.Type != "default":
		return fmt.Errorf("config.json: rope_type is %q, want \"default\"", c.Rotary.Type)
	case min(c.Start, c.End) < 0 || max(c.Start, c.End) >= c.Vocab:
		return fmt.Errorf("config.json: decoder_start_token_id is %d and eos_token_id %d, want them below vocab_size, %d", c.Start, c.End, c.Vocab)
	case c.MaxTokens < 2:
		return fmt.Errorf("generation_config.json: max_length is %d, want at least 2", c.MaxTokens)
	}
	for _, a := range []string{c.EncoderAct, c.DecoderAct} {
		if _, ok := activations[a]; !ok {
			return fmt.Errorf("config.json: activation %q is not supported", a)
		}
	}
	return nil
}

// rotaryDim is how many features of a head turn.
func (c *Config) rotaryDim() int { return int(float64(c.D/c.EncoderHeads) * c.RotaryPart) }

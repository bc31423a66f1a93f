package whisper

import (
	"cmp"
	"fmt"
	"io/fs"

	"github.com/parley-go/parley/internal/weights"
)

// Config is the shape of a model, by the names of config.json.
type Config struct {
	ModelType      string `json:"model_type"`
	Vocab          int    `json:"vocab_size"`
	Mels           int    `json:"num_mel_bins"`
	D              int    `json:"d_model"`
	EncoderLayers  int    `json:"encoder_layers"`
	EncoderHeads   int    `json:"encoder_attention_heads"`
	EncoderFFN     int    `json:"encoder_ffn_dim"`
	DecoderLayers  int    `json:"decoder_layers"`
	DecoderHeads   int    `json:"decoder_attention_heads"`
	DecoderFFN     int    `json:"decoder_ffn_dim"`
	AudioContext   int    `json:"max_source_positions"` // encoder states of a window, 20 ms each
	TextContext    int    `json:"max_target_positions"` // tokens a decoder takes
	Activation     string `json:"activation_function"`
	ScaleEmbedding bool   `json:"scale_embedding"`

	Generation Generation `json:"-"`
}

// Generation is what a model's makers say about decoding, by the names of generation_config.json. All may be missing.
type Generation struct {
	Multilingual        *bool          `json:"is_multilingual"`
	AlignmentHeads      [][2]int       `json:"alignment_heads"` // layer and head of the cross attention that follows the sound
	Suppress            []int          `json:"suppress_tokens"`
	BeginSuppress       []int          `json:"begin_suppress_tokens"`
	Languages           map[string]int `json:"lang_to_id"` // "<|en|>" to its token
	MaxInitialTimestamp *int           `json:"max_initial_timestamp_index"`
}

// readConfig reads config.json and, if it is there, generation_config.json.
func readConfig(fsys fs.FS) (Config, error) {
	var c Config
	if err := weights.ReadJSON(fsys, "config.json", &c); err != nil {
		return c, err
	}
	if err := weights.ReadJSONIfThere(fsys, "generation_config.json", &c.Generation); err != nil {
		return c, err
	}
	var p struct {
		Mels int `json:"feature_size"`
		Rate int `json:"sampling_rate"`
		Hop  int `json:"hop_length"`
		FFT  int `json:"n_fft"`
	}
	if err := weights.ReadJSONIfThere(fsys, "preprocessor_config.json", &p); err != nil {
		return c, err
	}
	if p.Mels != 0 && p.Mels != c.Mels || p.Rate != 0 && p.Rate != sampleRate || p.Hop != 0 && p.Hop != hop || p.FFT != 0 && p.FFT != 400 {
		return c, fmt.Errorf("preprocessor_config.json: %d mels of %d Hz, hop %d, FFT %d; want %d mels of %d Hz, hop %d, FFT 400", p.Mels, p.Rate, p.Hop, p.FFT, c.Mels, sampleRate, hop)
	}
	return c, nil
}

// check refuses shapes that no Whisper has.
func (c *Config) check() error {
	err := cmp.Or(
		weights.Sizes{"vocab_size": c.Vocab}.Within(weights.MostTokens),
		weights.Sizes{"num_mel_bins": c.Mels}.Within(1<<10),
		weights.Sizes{
			"d_model": c.D, "encoder_attention_heads": c.EncoderHeads, "encoder_ffn_dim": c.EncoderFFN,
			"decoder_attention_heads": c.DecoderHeads, "decoder_ffn_dim": c.DecoderFFN, "max_source_positions": c.AudioContext,
			"max_target_positions": c.TextContext,
		}.Within(weights.MostWidth),
		weights.Sizes{"encoder_layers": c.EncoderLayers, "decoder_layers": c.DecoderLayers}.Within(weights.MostLayers),
	)
	if err != nil {
		return err
	}
	switch {
	case c.D%c.EncoderHeads != 0 || c.D%c.DecoderHeads != 0:
		return fmt.Errorf("config.json: d_model %d is no multiple of %d and %d heads", c.D, c.EncoderHeads, c.DecoderHeads)
	case c.Activation != "" && c.Activation != "gelu":
		return fmt.Errorf("config.json: activation_function is %q, want \"gelu\"", c.Activation)
	case c.TextContext < 8:
		return fmt.Errorf("config.json: max_target_positions is %d, want at least 8", c.TextContext)
	}
	for _, h := range c.Generation.AlignmentHeads {
		if h[0] < 0 || h[0] >= c.DecoderLayers || h[1] < 0 || h[1] >= c.DecoderHeads {
			return fmt.Errorf("generation_config.json: alignment head %v of %d layers of %d heads", h, c.DecoderLayers, c.DecoderHeads)
		}
	}
	for _, list := range [][]int{c.Generation.Suppress, c.Generation.BeginSuppress} {
		for _, id := range list {
			if id < 0 || id >= c.Vocab {
				return fmt.Errorf("generation_config.json: suppressed token %d of a vocabulary of %d", id, c.Vocab)
			}
		}
	}
	return nil
}

// frames returns the mel frames of a window: two for each encoder state.
func (c *Config) frames() int { return 2 * c.AudioContext }

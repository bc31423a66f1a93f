package tts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// modelType is what config.json of a voice must name.
const modelType = "parley_fastpitch"

// voiceFiles is for error messages: what makes a directory one of a voice.
const voiceFiles = "config.json of model_type " + modelType + " and acoustic.safetensors"

const (
	pair        = 2 // mel frames a step
	maxSpeakers = 4096
)

// config is config.json: the shape of the acoustic model and what normalises its features.
type config struct {
	ModelType     string    `json:"model_type"`
	D             int       `json:"d"`              // width
	Heads         int       `json:"heads"`          // attention heads of D/Heads columns
	FFN           int       `json:"ffn"`            // hidden units
	Conv          int       `json:"conv"`           // taps of the depthwise convolutions
	TextLayers    int       `json:"text_layers"`    // of the text encoder
	FrameLayers   int       `json:"frame_layers"`   // of the frame encoder
	DecoderLayers int       `json:"decoder_layers"` // of the decoder
	Chunk         int       `json:"chunk"`          // steps a decoder chunk
	LeftChunks    int       `json:"left_chunks"`    // chunks before its own that a decoder step sees
	Mels          int       `json:"mels"`
	Rate          int       `json:"rate"`     // Hz
	Hop           int       `json:"hop"`      // samples a mel frame; a step has two mel frames
	Speakers      []string  `json:"speakers"` // the voices, the first one the default; none: one voice without a name
	Phonemes      string    `json:"phonemes"` // one character each; character i has id i+1, id 0 is the start and the end
	MelMean       []float32 `json:"mel_mean"` // (Mels), natural log
	MelStd        []float32 `json:"mel_std"`
	MelSpread     []float32 `json:"mel_spread"` // (Mels) what voiced frames differ by from what the model says, a standard deviation in nats; may be left out
	PitchMean     float64   `json:"pitch_mean"` // of ln Hz where voiced
	PitchStd      float64   `json:"pitch_std"`
}

func readConfig(fsys fs.FS) (*config, error) {
	raw, err := fs.ReadFile(fsys, "config.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no voice: want %s: %w", voiceFiles, err)
	}
	if err != nil {
		return nil, err
	}
	c := new(config)
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	return c, c.check()
}

// check refuses sizes that no voice has, so that a bad file is an error and not a panic or a vast allocation.
func (c *config) check() error {
	if c.ModelType != modelType {
		return fmt.Errorf("config.json: model_type is %q, want %q", c.ModelType, modelType)
	}
	for _, f := range []struct {
		name        string
		n, min, max int
	}{
		{"d", c.D, 1, 4096}, {"heads", c.Heads, 1, 64}, {"ffn", c.FFN, 1, 16384}, {"conv", c.Conv, 1, 63},
		{"text_layers", c.TextLayers, 1, 64}, {"frame_layers", c.FrameLayers, 1, 64}, {"decoder_layers", c.DecoderLayers, 1, 64},
		{"chunk", c.Chunk, 1, 1024}, {"left_chunks", c.LeftChunks, 0, 1024}, {"mels", c.Mels, 1, 512},
		{"rate", c.Rate, 8000, 96000}, {"hop", c.Hop, 1, 4096}, {"length of phonemes", len(c.Phonemes), 1, 4096},
	} {
		if f.n < f.min || f.n > f.max {
			return fmt.Errorf("config.json: %s is %d, want %d to %d", f.name, f.n, f.min, f.max)
		}
	}
	if len(c.Speakers) > maxSpeakers {
		return fmt.Errorf("config.json: %d speakers, want at most %d", len(c.Speakers), maxSpeakers)
	}
	if c.D%(2*c.Heads) != 0 {
		return fmt.Errorf("config.json: d %d is not an even number of columns for each of %d heads", c.D, c.Heads)
	}
	if len(c.MelMean) != c.Mels || len(c.MelStd) != c.Mels {
		return fmt.Errorf("config.json: %d mel_mean and %d mel_std for %d mels", len(c.MelMean), len(c.MelStd), c.Mels)
	}
	if len(c.MelSpread) != 0 && len(c.MelSpread) != c.Mels {
		return fmt.Errorf("config.json: %d mel_spread for %d mels", len(c.MelSpread), c.Mels)
	}
	if slices.ContainsFunc(c.MelSpread, func(v float32) bool { return !(v >= 0 && v <= 10) }) {
		return fmt.Errorf("config.json: mel_spread is %v, want 0 to 10 each", c.MelSpread)
	}
	if !(c.PitchStd > 0) {
		return fmt.Errorf("config.json: pitch_std is %v, want more than 0", c.PitchStd)
	}
	return nil
}

// speaker returns the number of a voice; "" is the first.
func (c *config) speaker(name string) (int, error) {
	if name == "" {
		return 0, nil
	}
	if i := slices.Index(c.Speakers, name); i >= 0 {
		return i, nil
	}
	if len(c.Speakers) == 0 {
		return 0, fmt.Errorf("no voice %q; the model has one voice, without a name", name)
	}
	return 0, fmt.Errorf("no voice %q; there is %s", name, strings.Join(c.Speakers, ", "))
}

package whisper

import (
	"fmt"

	"github.com/parley-go/parley/internal/tokenizer"
	"github.com/parley-go/parley/internal/weights"
)

// FromGGML makes a model of a file of whisper.cpp; f are the tensors of g, as the caller wants them kept.
func FromGGML(g *weights.GGML, f weights.Loader) (*Model, error) {
	s := &g.Shape
	if s.AudioD != s.TextD {
		return nil, fmt.Errorf("n_audio_state is %d and n_text_state %d, want them equal", s.AudioD, s.TextD)
	}
	c := Config{ModelType: "whisper", Vocab: s.Vocab, Mels: s.Mels, D: s.AudioD,
		EncoderLayers: s.AudioLayers, EncoderHeads: s.AudioHeads, EncoderFFN: 4 * s.AudioD, AudioContext: s.AudioContext,
		DecoderLayers: s.TextLayers, DecoderHeads: s.TextHeads, DecoderFFN: 4 * s.TextD, TextContext: s.TextContext}
	if err := c.check(); err != nil {
		return nil, err
	}
	end := publishedTokens(c.Vocab).end // the file has the text tokens only
	if len(g.Tokens) < end {
		return nil, fmt.Errorf("a vocabulary of %d tokens, want at least %d for n_vocab %d", len(g.Tokens), end, c.Vocab)
	}
	v, err := tokenizer.FromRanks(g.Tokens[:end])
	if err != nil {
		return nil, err
	}
	return New(c, f, v)
}

package moonshine

import (
	"context"
	"io/fs"
	"sync"

	"github.com/parley-go/parley/internal/tokenizer"
	"github.com/parley-go/parley/transformer"
)

// A Model writes what is said. It is immutable and safe for concurrent use.
type Model struct {
	config  Config
	vocab   *tokenizer.Tokenizer
	stem    *stem
	encoder *transformer.Encoder
	decoder *transformer.Decoder
	states  sync.Pool // of *transformer.DecoderState
}

// Open reads a directory in the layout of Hugging Face: config.json, model.safetensors, tokenizer.json, and if they are there
// generation_config.json and preprocessor_config.json.
func Open(fsys fs.FS, f transformer.Loader) (*Model, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	m := &Model{config: c}
	if m.vocab, err = tokenizer.LoadHF(fsys, "tokenizer.json"); err != nil {
		return nil, err
	}
	return m, m.load(loader(f))
}

func (m *Model) load(f transformer.Loader) (err error) {
	c := &m.config
	if m.stem, err = loadStem(transformer.Sub(f, "model.encoder."), c.D); err != nil {
		return err
	}
	block := transformer.Config{D: c.D, Heads: c.EncoderHeads, Layers: c.EncoderLayers, FFN: c.FFN, Act: activations[c.EncoderAct],
		Positions: transformer.RotaryInterleaved, RotaryDim: c.rotaryDim(), RotaryBase: c.RotaryBase, Names: blockNames}
	if m.encoder, err = transformer.LoadEncoder(f, "model.encoder.", block); err != nil {
		return err
	}
	block.Layers, block.Act, block.Gated, block.Names = c.DecoderLayers, activations[c.DecoderAct], true, decoderNames
	m.decoder, err = transformer.LoadDecoder(f, "model.decoder.", transformer.DecoderConfig{Config: block, Vocab: c.Vocab, Cross: true})
	m.states.New = func() any { return m.decoder.NewState(transformer.Mat{Cols: c.D}, 0) }
	return err
}

// Tokens of speech in a second are fewer than tokenRate: a text that is longer repeats itself, and is cut (the advice of its makers).
const tokenRate = 6.5

// Text returns what is said in a sound of 16 kHz, x, all of which is heard at once: the likeliest token after each.
func (m *Model) Text(ctx context.Context, x []float32) (string, error) {
	tokens, err := m.greedy(ctx, x, min(m.config.MaxTokens, int(tokenRate*float64(len(x))/SampleRate)))
	return m.vocab.Decode(tokens), err
}

// encode returns the states (T, D) of a sound.
func (m *Model) encode(ctx context.Context, x []float32) (transformer.Mat, error) {
	y := m.stem.frames(x)
	return y, m.encoder.Encode(ctx, y, transformer.Mask{})
}

// greedy returns the tokens of a sound, at most limit with the start, which is not among them.
func (m *Model) greedy(ctx context.Context, x []float32, limit int) ([]int, error) {
	if len(x) < Shortest {
		return nil, nil
	}
	memory, err := m.encode(ctx, x)
	if err != nil {
		return nil, err
	}
	s := m.states.Get().(*transformer.DecoderState)
	defer m.states.Put(s)
	return m.decoder.Greedy(ctx, s, memory, m.config.Start, m.config.End, limit-1)
}

package speech2text

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"sync"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/transformer"
)

// A Model writes what is said. It is immutable and safe for concurrent use.
type Model struct {
	config  Config
	pieces  []string // (Vocab)
	fbank   *fbank
	stem    stem
	encoder *transformer.Encoder
	decoder *transformer.Decoder
	states  sync.Pool // of *transformer.DecoderState
}

// Open reads a directory in the layout of Hugging Face: config.json, model.safetensors, vocab.json, and if they are there
// generation_config.json and preprocessor_config.json.
func Open(fsys fs.FS, f transformer.Loader) (*Model, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	m := &Model{config: c, fbank: newFbank(c.Mels)}
	if m.pieces, err = readVocabulary(fsys, &c); err != nil {
		return nil, err
	}
	return m, m.load(loader(f, c.Pad))
}

func (m *Model) load(f transformer.Loader) (err error) {
	c := &m.config
	if m.stem, err = loadStem(transformer.Sub(f, "model.encoder."), c); err != nil {
		return err
	}
	block := transformer.Config{D: c.D, Heads: c.EncoderHeads, Layers: c.EncoderLayers, FFN: c.EncoderFFN, Act: activations[c.Activation],
		Positions: transformer.Learned, MaxPositions: c.SourceContext, Names: blockNames}
	if m.encoder, err = transformer.LoadEncoder(f, "model.encoder.", block); err != nil {
		return err
	}
	block.Heads, block.Layers, block.FFN, block.MaxPositions = c.DecoderHeads, c.DecoderLayers, c.DecoderFFN, c.TextContext
	d := transformer.DecoderConfig{Config: block, Vocab: c.Vocab, Cross: true, EmbedScale: c.scale()}
	if f.Has("lm_head.weight") && !f.Has("model.decoder.embed_tokens.weight") {
		return fmt.Errorf("the model has lm_head.weight but no model.decoder.embed_tokens.weight")
	}
	m.decoder, err = transformer.LoadDecoder(f, "model.decoder.", d)
	m.states.New = func() any { return m.decoder.NewState(transformer.Mat{Cols: c.D}, 0) }
	return err
}

// scale is that of vectors before positions are added.
func (c *Config) scale() float32 {
	if c.ScaleEmbed {
		return float32(math.Sqrt(float64(c.D)))
	}
	return 1
}

// Text returns what is said in a sound of 16 kHz, x, all of which is heard at once: the likeliest token after each.
func (m *Model) Text(ctx context.Context, x []float32) (string, error) {
	tokens, err := m.greedy(ctx, x, m.config.MaxLength)
	var text strings.Builder
	for _, t := range tokens {
		text.WriteString(m.pieces[t])
	}
	return strings.TrimSpace(text.String()), err
}

// encode returns the states (T, D) of log-mel features.
func (m *Model) encode(ctx context.Context, features transformer.Mat) (transformer.Mat, error) {
	y := m.stem.frames(features)
	if y.Rows > m.config.SourceContext {
		return y, fmt.Errorf("speech2text: %d frames at once, the model takes %d; hear shorter pieces", y.Rows, m.config.SourceContext)
	}
	kernel.Scale(y.Data, m.config.scale())
	return y, m.encoder.Encode(ctx, y, transformer.Mask{})
}

// greedy returns the tokens of a sound, at most limit with the start, which is not among them.
func (m *Model) greedy(ctx context.Context, x []float32, limit int) ([]int, error) {
	features := m.fbank.features(x)
	if features.Rows == 0 {
		return nil, nil
	}
	memory, err := m.encode(ctx, features)
	if err != nil {
		return nil, err
	}
	s := m.states.Get().(*transformer.DecoderState)
	defer m.states.Put(s)
	return m.decoder.Greedy(ctx, s, memory, m.config.Start, m.config.End, limit-1)
}

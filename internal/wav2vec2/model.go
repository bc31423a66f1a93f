package wav2vec2

import (
	"context"
	"fmt"
	"io/fs"
	"math"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/par"
	"github.com/parley-go/parley/transformer"
)

// A Model gives probabilities of letters. It is immutable and safe for concurrent use.
type Model struct {
	config     Config
	vocab      vocabulary
	stem       *stem
	stemNorm   *transformer.Norm // or nil
	projection *transformer.Linear
	positional *positional
	norm       *transformer.Norm // before the layers, unless they are stable
	encoder    *transformer.Encoder
	head       *transformer.Linear // (V, D), the blank first
	threads    int
}

// Open reads a directory in the layout of Hugging Face: config.json, model.safetensors, vocab.json, and if they are there
// preprocessor_config.json and tokenizer_config.json.
func Open(fsys fs.FS, f transformer.Loader) (*Model, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	m := &Model{config: c, threads: f.Threads()}
	if m.vocab, err = readVocabulary(fsys, &c); err != nil {
		return nil, err
	}
	return m, m.load(f)
}

// blockNames are the words of transformers' checkpoints.
var blockNames = transformer.Names{
	Layers: "layers.", Norm: "layer_norm",
	AttnNorm: "layer_norm", Q: "attention.q_proj", K: "attention.k_proj", V: "attention.v_proj", Out: "attention.out_proj",
	FFNNorm: "final_layer_norm", Up: "feed_forward.intermediate_dense", Down: "feed_forward.output_dense",
}

func (m *Model) load(all transformer.Loader) (err error) {
	c, f := &m.config, transformer.Sub(all, m.config.ModelType+".")
	if m.stem, err = loadStem(transformer.Sub(f, "feature_extractor."), c); err != nil {
		return err
	}
	last := c.ConvDim[len(c.ConvDim)-1]
	if c.ProjectionNorm {
		if m.stemNorm, err = transformer.LoadLayerNorm(f, "feature_projection.layer_norm", last, c.Eps); err != nil {
			return err
		}
	}
	if m.projection, err = transformer.LoadLinear(f, "feature_projection.projection", c.D, last, true); err != nil {
		return err
	}
	if m.positional, err = loadPositional(transformer.Sub(f, "encoder.pos_conv_embed."), c); err != nil {
		return err
	}
	block := transformer.Config{D: c.D, Heads: c.Heads, Layers: c.Layers, FFN: c.FFN, Act: activations[c.Act], Eps: c.Eps, PostNorm: !c.Stable, Names: blockNames}
	if !c.Stable {
		block.Names.Norm = ""
		if m.norm, err = transformer.LoadLayerNorm(f, "encoder.layer_norm", c.D, c.Eps); err != nil {
			return err
		}
	}
	if m.encoder, err = transformer.LoadEncoder(f, "encoder.", block); err != nil {
		return err
	}
	if !all.Has("lm_head.weight") {
		return fmt.Errorf("the model has no lm_head.weight: it was not taught to write; use one that was fine-tuned for CTC")
	}
	return m.loadHead(all)
}

// loadHead reads the projection to units with the blank first.
func (m *Model) loadHead(f transformer.Loader) error {
	c := &m.config
	w, err := f.Float32("lm_head.weight", c.Vocab, c.D)
	if err != nil {
		return err
	}
	b, err := f.Float32("lm_head.bias", c.Vocab)
	if err != nil {
		return err
	}
	b[0], b[c.Pad] = b[c.Pad], b[0]
	if c.Pad != 0 {
		first, pad := w[:c.D], w[c.Pad*c.D:(c.Pad+1)*c.D]
		for i := range first {
			first[i], pad[i] = pad[i], first[i]
		}
	}
	m.head = transformer.NewLinearWithin(m.threads, w, b, c.Vocab, c.D)
	return nil
}

// Hop is how many samples a frame is after the one before.
func (m *Model) Hop() int { return m.config.hop() }

// Units is how many units there are.
func (m *Model) Units() int { return m.config.Vocab }

// Delimiter is the unit between words, -1 if there is none.
func (m *Model) Delimiter() int { return m.vocab.delimiter }

// LogProbs returns ln P of the units, the blank first, in each frame (T, V) of a sound of 16 kHz, x, all of which is heard at once.
// A sound too short for a frame has none.
func (m *Model) LogProbs(ctx context.Context, x []float32) (transformer.Mat, error) {
	h, err := m.encode(ctx, x)
	if err != nil {
		return transformer.Mat{}, err
	}
	y := transformer.NewMat(h.Rows, m.config.Vocab)
	m.head.Forward(y, h)
	par.ForWithin(m.threads, y.Rows, 64, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			kernel.LogSoftmax(y.Row(t))
		}
	})
	return y, nil
}

// encode returns the states (T, D) of a sound.
func (m *Model) encode(ctx context.Context, x []float32) (transformer.Mat, error) {
	if len(x) < m.config.reach() {
		return transformer.NewMat(0, m.config.D), nil
	}
	if m.config.Normalize {
		x = normalize(x)
	}
	y, err := m.stem.frames(ctx, x)
	if err != nil {
		return y, err
	}
	if m.stemNorm != nil {
		m.stemNorm.Forward(y, y)
	}
	h := transformer.NewMat(y.Rows, m.config.D)
	m.projection.Forward(h, y)
	m.positional.add(h)
	if m.norm != nil {
		m.norm.Forward(h, h)
	}
	return h, m.encoder.Encode(ctx, h, transformer.Mask{})
}

// normalize returns x with mean 0 and variance 1.
func normalize(x []float32) []float32 {
	sum, square := 0.0, 0.0
	for _, v := range x {
		sum += float64(v)
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		square += (float64(v) - mean) * (float64(v) - mean)
	}
	scale := 1 / math.Sqrt(square/float64(len(x))+1e-7)
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32((float64(v) - mean) * scale)
	}
	return y
}

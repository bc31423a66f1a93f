package transformer

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/weights"
)

// golden is a file of training/goldens/transformer.py. Comparison: every layer's output to 1e-4 of its scale.
type golden struct{ *Weights }

func openGolden(t *testing.T, name string) golden {
	t.Helper()
	f := must(OpenWeights("testdata/" + name + ".safetensors"))(t)
	t.Cleanup(func() { f.Close() })
	return golden{f}
}

func (g golden) mat(t *testing.T, name string) Mat {
	t.Helper()
	shape := g.Shape("golden." + name)
	if len(shape) != 2 {
		t.Fatalf("golden %s has shape %v", name, shape)
	}
	return MatOf(must(g.Float32("golden."+name, shape...))(t), shape[0], shape[1])
}

func (g golden) tokens(t *testing.T, name string) []int {
	t.Helper()
	values := must(g.Float32("golden."+name, g.Shape("golden."+name)...))(t)
	tokens := make([]int, len(values))
	for i, v := range values {
		tokens[i] = int(v)
	}
	return tokens
}

// encode compares every layer of e with the golden ones and returns the result.
func (g golden) encode(t *testing.T, prefix string, e *Encoder, x Mat, mask Mask) Mat {
	t.Helper()
	y := MatOf(append([]float32{}, x.Data...), x.Rows, x.Cols)
	err := e.forward(t.Context(), e.NewState(mask), y, mask, true, func(layer int, y Mat) {
		name := fmt.Sprint(prefix, "layer.", layer)
		near(t, name, y, g.mat(t, name))
	})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Forward", e.Forward(x, mask), y)
	return y
}

// decode compares every layer of d, fed all tokens at once and then one by one, and returns the states.
func (g golden) decode(t *testing.T, prefix string, d *Decoder, memory Mat, tokens []int) (states, logits Mat) {
	t.Helper()
	s := d.NewState(memory, 1)
	states, err := d.feed(context.Background(), s, func(layer int, x Mat) {
		name := fmt.Sprint(prefix, "layer.", layer)
		near(t, name, x, g.mat(t, name))
	}, tokens)
	if err != nil {
		t.Fatal(err)
	}
	one := d.NewState(memory, 1)
	for i := range tokens {
		near(t, fmt.Sprint("token ", i), d.Step(one, tokens[i:i+1]), states.Slice(i, i+1))
	}
	return states, d.Logits(s, states)
}

func TestTorchEncoder(t *testing.T) {
	for name, c := range map[string]Config{
		"torch_encoder_pre_gelu":  {D: 24, Heads: 3, Layers: 2, FFN: 32, Act: GELU, Names: TorchNames},
		"torch_encoder_post_relu": {D: 24, Heads: 3, Layers: 2, FFN: 32, Act: ReLU, Names: TorchNames, PostNorm: true},
	} {
		g := openGolden(t, name)
		if c.PostNorm {
			c.Names.Norm = ""
		}
		e := must(LoadEncoder(g, "", c))(t)
		x := g.mat(t, "input")
		near(t, name, g.encode(t, "", e, x, Mask{}), g.mat(t, "output"))
		near(t, name+" causal", e.Forward(x, Causal), g.mat(t, "causal"))
	}
}

// vectors adds a table "embed" to a Loader, so that a decoder over vectors can be fed row numbers as tokens.
type vectors struct {
	Loader
	table Mat
}

func (v vectors) Float32(name string, shape ...int) ([]float32, error) {
	if strings.HasSuffix(name, "embed.weight") {
		return v.table.Data, nil
	}
	return v.Loader.Float32(name, shape...)
}

func (v vectors) Rows(name string, shape ...int) (weights.Rows, error) {
	if strings.HasSuffix(name, "embed.weight") {
		return rowsOf(v.table.Data), nil
	}
	return v.Loader.Rows(name, shape...)
}

func TestTorchTransformer(t *testing.T) {
	for name, c := range map[string]Config{
		"torch_pre_relu":  {D: 24, Heads: 3, Layers: 2, FFN: 32, Act: ReLU},
		"torch_post_gelu": {D: 24, Heads: 3, Layers: 2, FFN: 32, Act: GELU, PostNorm: true},
	} {
		g := openGolden(t, name)
		target := g.mat(t, "target")
		c.Names = TorchNames
		e := must(LoadEncoder(g, "encoder.", c))(t)
		c.Names = TorchDecoderNames
		c.Names.Embed = "embed"
		d := must(LoadDecoder(vectors{g, target}, "decoder.", DecoderConfig{Config: c, Vocab: target.Rows, Cross: true}))(t)
		g.encode(t, "encoder.", e, g.mat(t, "input"), Mask{})
		states, _ := g.decode(t, "decoder.", d, e.Forward(g.mat(t, "input"), Mask{}), []int{0, 1, 2, 3, 4, 5, 6})
		near(t, name, states, g.mat(t, "output"))
	}
}

// allVectors returns the whole table (Tokens, D).
func allVectors(e *Embedding) Mat {
	x, tokens := NewMat(e.Tokens, e.D), make([]int, e.Tokens)
	for i := range tokens {
		tokens[i] = i
	}
	e.Forward(x, tokens)
	return x
}

// TestBERT: encoder-only, post-norm (Devlin et al. 2018, arXiv:1810.04805).
func TestBERT(t *testing.T) {
	g := openGolden(t, "bert")
	e := must(LoadEncoder(g, "encoder.", Config{D: 24, Heads: 3, Layers: 2, FFN: 32, Act: GELU, PostNorm: true, Eps: 1e-12, Names: Names{
		Layers: "layer.", AttnNorm: "attention.output.LayerNorm", Q: "attention.self.query", K: "attention.self.key", V: "attention.self.value",
		Out: "attention.output.dense", FFNNorm: "output.LayerNorm", Up: "intermediate.dense", Down: "output.dense",
	}}))(t)
	x, part, place := NewMat(10, 24), NewMat(10, 24), NewMat(10, 24)
	must(LoadEmbedding(g, "embeddings.word_embeddings", 30, 24))(t).Forward(x, g.tokens(t, "input"))
	must(LoadEmbedding(g, "embeddings.token_type_embeddings", 2, 24))(t).Forward(part, g.tokens(t, "types"))
	must(LoadEmbedding(g, "embeddings.position_embeddings", 16, 24))(t).Forward(place, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	for i := range x.Data {
		x.Data[i] += part.Data[i] + place.Data[i]
	}
	must(LoadLayerNorm(g, "embeddings.LayerNorm", 24, 1e-12))(t).Forward(x, x)
	near(t, "output", g.encode(t, "", e, x, Mask{}), g.mat(t, "output"))
}

// transposed reads weights stored (in, out), as GPT-2's.
type transposed struct{ Loader }

func (l transposed) Float32(name string, shape ...int) ([]float32, error) {
	if len(shape) != 2 || !strings.Contains(name, ".c_") {
		return l.Loader.Float32(name, shape...)
	}
	x, err := l.Loader.Float32(name, shape[1], shape[0])
	if err != nil {
		return nil, err
	}
	y := make([]float32, len(x))
	for i := range shape[0] {
		for j := range shape[1] {
			y[i*shape[1]+j] = x[j*shape[0]+i]
		}
	}
	return y, nil
}

func (l transposed) Rows(name string, shape ...int) (weights.Rows, error) {
	x, err := l.Float32(name, shape...)
	return rowsOf(x), err
}

// TestGPT2: decoder-only (Radford et al. 2019).
func TestGPT2(t *testing.T) {
	g := openGolden(t, "gpt2")
	d := must(LoadDecoder(transposed{g}, "transformer.", DecoderConfig{Vocab: 30, Config: Config{D: 24, Heads: 3, Layers: 2, FFN: 32, Act: GELUTanh,
		Positions: Learned, MaxPositions: 32, Names: Names{
			Layers: "h.", Positions: "wpe", Norm: "ln_f", Embed: "wte", AttnNorm: "ln_1", QKV: "attn.c_attn", Out: "attn.c_proj",
			FFNNorm: "ln_2", Up: "mlp.c_fc", Down: "mlp.c_proj",
		}}}))(t)
	_, logits := g.decode(t, "", d, Mat{}, g.tokens(t, "input"))
	near(t, "logits", logits, g.mat(t, "output"))
}

// TestLlama: decoder-only with rotary positions, grouped heads, RMS norms and a gate (Touvron et al. 2023, arXiv:2307.09288).
func TestLlama(t *testing.T) {
	g := openGolden(t, "llama")
	d := must(LoadDecoder(g, "", DecoderConfig{Vocab: 30, Config: Config{D: 32, Heads: 4, KVHeads: 2, Layers: 2, FFN: 32, Act: SiLU, Gated: true,
		RMSNorm: true, Eps: 1e-6, NoBias: true, Positions: RotaryHalves, Names: Names{
			Layers: "model.layers.", Norm: "model.norm", Embed: "model.embed_tokens", Head: "lm_head", AttnNorm: "input_layernorm",
			Q: "self_attn.q_proj", K: "self_attn.k_proj", V: "self_attn.v_proj", Out: "self_attn.o_proj",
			FFNNorm: "post_attention_layernorm", Up: "mlp.up_proj", Gate: "mlp.gate_proj", Down: "mlp.down_proj",
		}}}))(t)
	_, logits := g.decode(t, "", d, Mat{}, g.tokens(t, "input"))
	near(t, "logits", logits, g.mat(t, "output"))
}

// TestT5: encoder-decoder with relative positions (Raffel et al. 2020, arXiv:1910.10683), as first published and version 1.1.
func TestT5(t *testing.T) {
	const self, ffn = "layer.0.SelfAttention.", "DenseReluDense."
	for name, c := range map[string]Config{
		"t5_relu":       {Act: ReLU},
		"t5_gated_gelu": {Act: GELUTanh, Gated: true},
	} {
		g := openGolden(t, name)
		c.D, c.Heads, c.HeadDim, c.Layers, c.FFN, c.RMSNorm, c.NoBias, c.Scale, c.Eps = 24, 3, 6, 2, 32, true, true, 1, 1e-6
		c.Positions, c.Buckets, c.MaxDistance = RelativeBuckets, 8, 20
		up, gate := "wi", ""
		if c.Gated {
			up, gate = "wi_1", "wi_0"
		}
		c.Names = Names{
			Layers: "block.", Positions: "block.0." + self + "relative_attention_bias", Norm: "final_layer_norm",
			AttnNorm: "layer.0.layer_norm", Q: self + "q", K: self + "k", V: self + "v", Out: self + "o",
			FFNNorm: "layer.1.layer_norm", Up: "layer.1." + ffn + up, Gate: "layer.1." + ffn + gate, Down: "layer.1." + ffn + "wo",
		}
		e := must(LoadEncoder(g, "encoder.", c))(t)
		const cross = "layer.1.EncDecAttention."
		n := &c.Names
		n.CrossNorm, n.CrossQ, n.CrossK, n.CrossV, n.CrossOut = "layer.1.layer_norm", cross+"q", cross+"k", cross+"v", cross+"o"
		n.FFNNorm, n.Up, n.Gate, n.Down = "layer.2.layer_norm", "layer.2."+ffn+up, "layer.2."+ffn+gate, "layer.2."+ffn+"wo"
		n.Embed = "embed"
		c.OneSided = true
		source := must(LoadEmbedding(g, "shared", 30, 24))(t)
		dc := DecoderConfig{Config: c, Vocab: 30, Cross: true, HeadScale: float32(1 / math.Sqrt(24))}
		d := must(LoadDecoder(vectors{g, allVectors(source)}, "decoder.", dc))(t)
		if c.Gated {
			d.Head = must(LoadLinear(g, "lm_head", 30, 24, false))(t)
		}
		m := EncoderDecoder{source, e, d}
		memory := m.Encode(g.tokens(t, "input"))
		x := NewMat(memory.Rows, 24)
		source.Forward(x, g.tokens(t, "input"))
		near(t, name, g.encode(t, "encoder.", e, x, Mask{}), memory)
		_, logits := g.decode(t, "decoder.", d, memory, g.tokens(t, "target"))
		near(t, name, logits, g.mat(t, "output"))
	}
}

// TestWhisper: convolutions, encoder and decoder (Radford et al. 2022, arXiv:2212.04356).
func TestWhisper(t *testing.T) {
	g := openGolden(t, "whisper")
	c := Config{D: 24, Heads: 3, Layers: 2, FFN: 32, Act: GELU, NoKeyBias: true, Positions: Learned, MaxPositions: 12, Names: Names{
		Layers: "layers.", Positions: "embed_positions", Norm: "layer_norm", AttnNorm: "self_attn_layer_norm",
		Q: "self_attn.q_proj", K: "self_attn.k_proj", V: "self_attn.v_proj", Out: "self_attn.out_proj",
		FFNNorm: "final_layer_norm", Up: "fc1", Down: "fc2", Embed: "embed_tokens", CrossNorm: "encoder_attn_layer_norm",
		CrossQ: "encoder_attn.q_proj", CrossK: "encoder_attn.k_proj", CrossV: "encoder_attn.v_proj", CrossOut: "encoder_attn.out_proj",
	}}
	e := must(LoadEncoder(g, "model.encoder.", c))(t)
	c.MaxPositions = 16
	d := must(LoadDecoder(g, "model.decoder.", DecoderConfig{Config: c, Vocab: 30, Cross: true}))(t)
	conv1 := must(LoadConv1d(g, "model.encoder.conv1", ConvConfig{In: 8, Out: 24, Kernel: 3, PadLeft: 1, PadRight: 1, Act: GELU}))(t)
	conv2 := must(LoadConv1d(g, "model.encoder.conv2", ConvConfig{In: 24, Out: 24, Kernel: 3, Stride: 2, PadLeft: 1, PadRight: 1, Act: GELU}))(t)
	memory := g.encode(t, "encoder.", e, conv2.Forward(conv1.Forward(g.mat(t, "input"))), Mask{})
	_, logits := g.decode(t, "decoder.", d, memory, g.tokens(t, "target"))
	near(t, "logits", logits, g.mat(t, "output"))
}

// TestRecogniser: the whole of training/asr/model.py, at once and in chunks.
func TestRecogniser(t *testing.T) {
	g := openGolden(t, "parley_asr")
	e := must(LoadEncoder(g, "encoder.", Config{D: 24, Heads: 3, Layers: 2, FFN: 32, Act: GELU, ConvKernel: 5, Positions: SinusoidalHalves, Period: 20}))(t)
	d := must(LoadDecoder(g, "decoder.", DecoderConfig{Vocab: 30, Cross: true,
		Config: Config{D: 24, Heads: 3, Layers: 2, FFN: 32, Act: GELU, Positions: Learned, MaxPositions: 16}}))(t)
	conv1 := must(LoadConv1d(g, "encoder.conv1", ConvConfig{In: 8, Out: 24, Kernel: 3, Act: GELU}))(t)
	conv2 := must(LoadConv1d(g, "encoder.conv2", ConvConfig{In: 24, Out: 24, Kernel: 3, Stride: 2, Act: GELU}))(t)
	x := conv2.Forward(conv1.Forward(g.mat(t, "input")))
	x = x.Slice(0, x.Rows/2*2)
	memory := pairs(g.encode(t, "encoder.", e, x, Mask{}))
	near(t, "encoded", memory, g.mat(t, "encoded"))
	_, logits := g.decode(t, "decoder.", d, memory, g.tokens(t, "target"))
	near(t, "logits", logits, g.mat(t, "output"))

	mask := Mask{Chunk: 2 * 4, Left: 2 * 8}
	near(t, "masked", pairs(e.Forward(x, mask)), g.mat(t, "chunk4"))
	near(t, "streamed", pairs(streamed(e, x, mask)), g.mat(t, "chunk4"))
}

// pairs returns the means of rows 2i and 2i+1 of x.
func pairs(x Mat) Mat {
	y := NewMat(x.Rows/2, x.Cols)
	for i := range y.Rows {
		for j := range y.Cols {
			y.Row(i)[j] = (x.Row(2 * i)[j] + x.Row(2*i + 1)[j]) / 2
		}
	}
	return y
}

func streamed(e *Encoder, x Mat, mask Mask) Mat {
	r := rand.New(rand.NewPCG(1, 1))
	s, y := e.NewState(mask), NewMat(0, x.Cols)
	for lo := 0; lo < x.Rows; {
		hi := min(lo+mask.Chunk*(1+r.IntN(2)), x.Rows)
		y = join(y, e.Step(s, x.Slice(lo, hi)))
		lo = hi
	}
	return y
}

// TestAcousticBlocks: the stacks of training/acoustic/model.py, bidirectional and chunk-causal.
func TestAcousticBlocks(t *testing.T) {
	c := Config{D: 24, Heads: 3, Layers: 2, FFN: 32, Act: SiLU, ConvKernel: 5, ConvCentred: true, Positions: RotaryHalves, Names: ParleyNames}
	c.Names.Up, c.Names.Down = "up", "down"
	g := openGolden(t, "parley_text")
	e := must(LoadEncoder(g, "", c))(t)
	near(t, "text", g.encode(t, "", e, g.mat(t, "input"), Mask{}), g.mat(t, "output"))
	c.ConvCentred = false
	g = openGolden(t, "parley_frames")
	e = must(LoadEncoder(g, "", c))(t)
	mask := Mask{Chunk: 4, Left: 8}
	near(t, "frames", g.encode(t, "", e, g.mat(t, "input"), mask), g.mat(t, "output"))
	near(t, "frames streamed", streamed(e, g.mat(t, "input"), mask), g.mat(t, "output"))
}

package transformer

import (
	"fmt"
	"strings"
)

// Config is the shape of a stack of blocks. Zero values give the common choice.
type Config struct {
	D       int // columns of the residual stream
	Heads   int
	KVHeads int // heads of keys and values; 0: Heads
	HeadDim int // 0: D / Heads
	Layers  int
	FFN     int // columns inside the FFN

	PostNorm  bool
	RMSNorm   bool    // instead of LayerNorm
	Eps       float32 // of the norms; 0: 1e-5
	Scale     float32 // of attention scores; 0: 1 / sqrt(HeadDim)
	NoBias    bool    // no projection or convolution has a bias
	NoKeyBias bool    // the key projection has none (Whisper)
	Act       Act     // of the FFN
	Gated     bool    // the FFN has a gate

	ConvKernel  int  // taps of the depthwise convolution after attention; 0: no such module
	ConvCentred bool // it looks ConvKernel/2 rows ahead; otherwise it is causal

	Positions    Positions
	MaxPositions int     // rows of a learned table
	Period       int     // positions after which the sinusoidal kinds begin again; 0: never
	RotaryBase   float64 // 0: 10000
	RotaryDim    int     // features of a head that turn; 0: all
	Buckets      int     // of RelativeBuckets
	MaxDistance  int     // of RelativeBuckets
	OneSided     bool    // RelativeBuckets looks back only

	Mask    Mask // default for Encoder; a Decoder is always causal
	MemoryD int  // columns of the memory of cross attention; 0: D

	Names Names // zero: ParleyNames, of a Decoder ParleyDecoderNames
}

// withDefaults fills in the zero values and refuses what cannot be.
func (c Config) withDefaults() (Config, error) {
	if c.Names == (Names{}) {
		c.Names = ParleyNames
	}
	if c.KVHeads == 0 {
		c.KVHeads = c.Heads
	}
	if c.D < 1 || c.Heads < 1 || c.KVHeads < 1 || c.Heads%c.KVHeads != 0 || c.Layers < 0 || c.FFN < 1 {
		return c, fmt.Errorf("transformer: bad configuration: D=%d Heads=%d KVHeads=%d Layers=%d FFN=%d", c.D, c.Heads, c.KVHeads, c.Layers, c.FFN)
	}
	if c.HeadDim == 0 {
		if c.D%c.Heads != 0 {
			return c, fmt.Errorf("transformer: bad configuration: D=%d is no multiple of Heads=%d", c.D, c.Heads)
		}
		c.HeadDim = c.D / c.Heads
	}
	setDefault(&c.RotaryDim, c.HeadDim)
	setDefault(&c.MemoryD, c.D)
	setDefault(&c.Eps, 1e-5)
	setDefault(&c.RotaryBase, 10000)
	return c, c.checkPositions()
}

func setDefault[T int | float32 | float64](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

func (c Config) checkPositions() error {
	ok := true
	switch c.Positions {
	case NoPositions:
	case Sinusoidal, SinusoidalHalves:
		ok = c.D%2 == 0 && c.Period >= 0
	case Learned:
		ok = c.MaxPositions > 0
	case RotaryHalves, RotaryInterleaved:
		ok = c.RotaryDim%2 == 0 && c.RotaryDim > 0 && c.RotaryDim <= c.HeadDim && c.RotaryBase > 0
	case RelativeBuckets:
		ok = c.Buckets >= 4 && c.MaxDistance > c.Buckets
	default:
		return fmt.Errorf("transformer: unknown positions %q", c.Positions)
	}
	if !ok {
		return fmt.Errorf("transformer: bad configuration for positions %q", c.Positions)
	}
	return nil
}

// Names are the words of a checkpoint. ".weight" and ".bias" follow a name; after a name that ends in "_", as PyTorch's
// "in_proj_", they follow without the dot. The names from AttnNorm to Down stand inside a layer.
type Names struct {
	Layers    string // before the number of a layer
	Positions string // table of Learned or RelativeBuckets, in the stack
	Norm      string // after the last layer; "": none
	Embed     string // a Decoder's table of tokens
	Head      string // a Decoder's projection to logits; "": the table of tokens again

	AttnNorm, QKV     string // QKV, or Q, K and V apart
	Q, K, V, Out      string
	CrossNorm         string
	CrossQKV, CrossKV string // CrossQKV, or CrossQ and CrossKV, or CrossQ, CrossK and CrossV
	CrossQ            string
	CrossK, CrossV    string
	CrossOut          string

	ConvNorm, Depthwise, Pointwise string
	FFNNorm, Up, Gate, Down        string
}

// ParleyNames are those of the encoders that training/ makes.
var ParleyNames = Names{
	Layers: "layers.", Positions: "positions", Norm: "norm",
	AttnNorm: "attn_norm", QKV: "qkv", Out: "out",
	ConvNorm: "conv_norm", Depthwise: "depthwise", Pointwise: "pointwise",
	FFNNorm: "ffn_norm", Up: "fc1", Gate: "gate", Down: "fc2",
}

// ParleyDecoderNames are those of the decoders that training/ makes: the projection to logits is the table of tokens.
var ParleyDecoderNames = Names{
	Layers: "layers.", Positions: "positions", Norm: "norm", Embed: "embed",
	AttnNorm: "self_norm", QKV: "qkv", Out: "out",
	CrossNorm: "cross_norm", CrossQ: "q", CrossKV: "kv", CrossOut: "cross_out",
	FFNNorm: "ffn_norm", Up: "fc1", Gate: "gate", Down: "fc2",
}

// TorchNames are those of torch.nn.TransformerEncoder. For torch.nn.TransformerDecoder use TorchDecoderNames.
var TorchNames = Names{
	Layers: "layers.", Norm: "norm",
	AttnNorm: "norm1", QKV: "self_attn.in_proj_", Out: "self_attn.out_proj",
	FFNNorm: "norm2", Up: "linear1", Down: "linear2",
}

// TorchDecoderNames are those of torch.nn.TransformerDecoder.
var TorchDecoderNames = Names{
	Layers: "layers.", Norm: "norm",
	AttnNorm: "norm1", QKV: "self_attn.in_proj_", Out: "self_attn.out_proj",
	CrossNorm: "norm2", CrossQKV: "multihead_attn.in_proj_", CrossOut: "multihead_attn.out_proj",
	FFNNorm: "norm3", Up: "linear1", Down: "linear2",
}

func param(name, kind string) string {
	if strings.HasSuffix(name, "_") {
		return name + kind
	}
	return name + "." + kind
}

// loadAll runs the steps of a load until one fails.
func loadAll(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// loadNorm reads the kind of norm that c wants; no name gives nil.
func loadNorm(f Loader, c Config, name string) (*Norm, error) {
	switch {
	case name == "":
		return nil, nil
	case c.RMSNorm:
		return LoadRMSNorm(f, name, c.D, c.Eps)
	}
	return LoadLayerNorm(f, name, c.D, c.Eps)
}

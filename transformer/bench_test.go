package transformer

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The shape of the default recogniser: a frame is 40 ms.
var recogniser = Config{D: 256, Heads: 4, Layers: 6, FFN: 1024, Act: SiLU, ConvKernel: 9, Positions: RotaryHalves}

// BenchmarkEncoderStep takes a chunk of 16 frames, 640 ms of sound.
func BenchmarkEncoderStep(b *testing.B) {
	e := must(LoadEncoder(random, "", recogniser))(b)
	s := e.NewState(Mask{Chunk: 16, Left: 128})
	x := randomMat(rand.New(rand.NewPCG(1, 1)), 16, recogniser.D)
	for range 20 {
		e.Step(s, x)
	}
	b.ReportAllocs()
	for b.Loop() {
		e.Step(s, x)
	}
}

// BenchmarkEncoderForward takes 30 s of sound at once.
func BenchmarkEncoderForward(b *testing.B) {
	e := must(LoadEncoder(random, "", recogniser))(b)
	x := randomMat(rand.New(rand.NewPCG(1, 1)), 750, recogniser.D)
	for b.Loop() {
		e.Forward(x, Mask{Chunk: 16, Left: 128})
	}
}

// BenchmarkDecoderStep takes a token for each of 8 beams, 30 tokens deep, over 5 s of sound.
func BenchmarkDecoderStep(b *testing.B) {
	c := DecoderConfig{Vocab: 501, EmbedScale: float32(math.Sqrt(256)), Cross: true, HeadBias: true,
		Config: Config{D: 256, Heads: 4, Layers: 2, FFN: 1024, Act: SiLU, Positions: Learned, MaxPositions: 512}}
	d := must(LoadDecoder(random, "", c))(b)
	r := rand.New(rand.NewPCG(1, 1))
	s := d.NewState(randomMat(r, 125, 256), 8)
	for range 30 {
		d.Step(s, make([]int, 8))
	}
	tokens := make([]int, 8)
	b.ReportAllocs()
	for b.Loop() {
		d.Logits(s, d.Step(s, tokens))
		for i := range 8 {
			s.Truncate(i, 30)
		}
	}
}

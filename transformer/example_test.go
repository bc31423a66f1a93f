package transformer_test

import (
	"fmt"
	"log"

	"github.com/parley-go/parley/transformer"
)

// A recogniser's encoder takes sound as it comes: chunk after chunk, each attending to itself and to 8 rows before it.
func ExampleEncoder_Step() {
	f, err := transformer.OpenWeights("testdata/parley_asr.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	encoder, err := transformer.LoadEncoder(f, "encoder.", transformer.Config{
		D: 24, Heads: 3, Layers: 2, FFN: 32, Act: transformer.SiLU, ConvKernel: 5, Positions: transformer.RotaryHalves,
	})
	if err != nil {
		log.Fatal(err)
	}
	f.Close()

	state := encoder.NewState(transformer.Mask{Chunk: 4, Left: 8})
	chunk := transformer.NewMat(4, 24)
	for range 3 {
		y := encoder.Step(state, chunk)
		fmt.Println(y.Rows, "rows of", y.Cols, "columns;", state.Rows(), "in all")
	}
	// Output:
	// 4 rows of 24 columns; 4 in all
	// 4 rows of 24 columns; 8 in all
	// 4 rows of 24 columns; 12 in all
}

// Two beams over one memory: both take a token, then the second becomes a copy of the first.
func ExampleDecoder_Step() {
	f, err := transformer.OpenWeights("testdata/parley_asr.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	decoder, err := transformer.LoadDecoder(f, "decoder.", transformer.DecoderConfig{
		Config: transformer.Config{D: 24, Heads: 3, Layers: 2, FFN: 32, Act: transformer.SiLU, Positions: transformer.Learned, MaxPositions: 16},
		Vocab:  30, EmbedScale: 4.9, Cross: true, HeadBias: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	f.Close()

	memory := transformer.NewMat(10, 24)
	state := decoder.NewState(memory, 2)
	decoder.Step(state, []int{1, 2})
	state.Reorder([]int{0, 0})
	logits := decoder.Logits(state, decoder.Step(state, []int{3, 3}))
	fmt.Println(transformer.Argmax(logits.Row(0)) == transformer.Argmax(logits.Row(1)))
	// Output: true
}

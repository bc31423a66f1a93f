package vocoder_test

import (
	"fmt"
	"log"

	"github.com/parley-go/parley/internal/tensor"
	"github.com/parley-go/parley/vocoder"
)

func ExampleOpen() {
	v, err := vocoder.Open("../models/en/voice")
	if err != nil {
		log.Fatal(err)
	}
	mel, f0 := tensor.New(8, v.Mels()), make([]float32, 8) // a tenth of a second of loud noise
	s := v.NewStream()
	sound := s.Push(nil, mel, f0)
	fmt.Println(len(sound), "samples are ready at once")
	sound = s.Flush(sound)
	fmt.Println(len(sound), "samples at", v.Rate(), "Hz in all")
	// Output:
	// 1438 samples are ready at once
	// 2400 samples at 24000 Hz in all
}

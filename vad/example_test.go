package vad_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/vad"
)

// Print when somebody speaks.
func ExampleSpans() {
	f, err := os.Open("meeting.mp3")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	src, err := audio.Decode(f)
	if err != nil {
		log.Fatal(err)
	}
	for s, err := range vad.Spans(context.Background(), src, nil, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.2f s to %.2f s\n", float64(s.Start)/16000, float64(s.End)/16000)
	}
}

// Follow a microphone: probabilities come while samples do.
func ExampleStream() {
	d := vad.Default()
	stream, segments := d.NewStream(), vad.NewSegmenter(d.Rate(), d.Hop(), nil)
	var probs []float32
	for range 100 { // a second of silence, 10 ms at a time
		probs = stream.Push(probs[:0], make([]float32, 160))
		segments.Push(nil, probs)
	}
	_, speaking := segments.Speaking()
	fmt.Println(speaking)
	// Output: false
}

// Spans of any probabilities, here one for every 10 ms.
func ExampleSegmenter() {
	probs := make([]float32, 300)
	for i := 100; i < 160; i++ {
		probs[i] = 0.9
	}
	s := vad.NewSegmenter(16000, 160, &vad.Options{Before: 100 * time.Millisecond})
	for _, span := range s.Flush(s.Push(nil, probs), 48000) {
		fmt.Println(span.Start, span.End)
	}
	// Output: 14400 28800
}

package tts_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/parley-go/parley/models/en"
	"github.com/parley-go/parley/tts"
)

func ExampleModel_Say() {
	voice, err := en.Voice("")
	if err != nil {
		log.Fatal(err)
	}
	clip, err := voice.Say(context.Background(), "Good morning.", &tts.Options{Speed: 1.1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(clip.Rate, "Hz,", clip.Duration().Seconds() > 0.5)
	// Output: 24000 Hz, true
}

// Sound comes while the text is still being read, with the time of each word.
func ExampleModel_Stream() {
	voice, err := en.Voice("heart")
	if err != nil {
		log.Fatal(err)
	}
	text := strings.NewReader("The kettle is on. Tea in five minutes!")
	for chunk, err := range voice.Stream(context.Background(), text, nil) {
		if err != nil {
			log.Fatal(err)
		}
		if s := chunk.Sentence; s != nil {
			fmt.Printf("%s (%d words)\n", s.Text, len(s.Words))
		}
		play(chunk.Samples)
	}
	// Output:
	// The kettle is on. (4 words)
	// Tea in five minutes! (4 words)
}

func play([]float32) {}

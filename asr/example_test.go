package asr_test

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/audio"
)

func ExampleModel_Transcribe() {
	m, err := asr.Open("testdata/tiny") // or en.Recognizer() for the embedded English model
	if err != nil {
		fmt.Println(err)
		return
	}
	silence := audio.Clip{Rate: 16000, Samples: make([]float32, 24000)}
	t, err := m.Transcribe(context.Background(), silence.Source(), nil)
	fmt.Printf("%v of sound, error: %v\n", t.Duration, err)
	// Output: 1.5s of sound, error: <nil>
}

// Partial results while somebody talks: redraw the last line until a segment is final.
func ExampleModel_Stream() {
	m, err := asr.Open("testdata/tiny")
	if err != nil {
		fmt.Println(err)
		return
	}
	microphone, talk := audio.Pipe(16000)
	defer microphone.Close() // an early end of the stream, by an error, lets go of a Write that waits
	go func() {
		defer talk.Close()
		_, _ = talk.Write(make([]float32, 16000))
	}()
	for s, err := range m.Stream(context.Background(), microphone, &asr.Options{Partials: true, Chunk: 320 * time.Millisecond}) {
		switch {
		case err != nil:
			fmt.Println(err)
		case s.Final:
			fmt.Printf("\r%s\n", s.Text)
		default:
			fmt.Printf("\r%s", s.Text)
		}
	}
}

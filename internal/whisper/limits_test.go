package whisper

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/parley-go/parley/audio"
)

// A clip that ends in the middle of speech ends its part, in batches too.
func TestBatchClipEndsInSpeech(t *testing.T) {
	f := must(os.Open("../../testdata/audio/speech/heart-1.opus"))(t)
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	options := Options{Batch: 2, Clips: []Clip{{0, 1500 * time.Millisecond}}, Temperatures: []float64{0}}
	done := make(chan error, 1)
	m, src := tiny(t, "english"), audio.Resample(must(audio.Decode(f))(t), sampleRate)
	go func() { done <- m.Transcribe(ctx, src, options, func(Segment) error { return nil }) }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("does not end, nor with its context")
	}
}

// Whatever options ask for, the decoder gets no more tokens than it has positions for.
func TestTextContextIsKept(t *testing.T) {
	m := tiny(t, "multilingual")
	long := strings.Repeat("word and name ", 300)
	var special []int // all that could end the text
	for id := m.tokens.end; id < m.config.Vocab; id++ {
		special = append(special, id)
	}
	never := math.NaN()
	whole := Options{Words: true, NoTimestamps: true, MaxTokens: m.config.TextContext, Suppress: special, LogProb: never, NoSpeech: never, CompressionRatio: never}
	for name, o := range map[string]Options{"prompt and prefix": {Prompt: long, Prefix: long}, "words of a full context": whole} {
		t.Run(name, func(t *testing.T) {
			o.NoVAD, o.Language, o.Temperatures = true, "en", []float64{0}
			if err := m.Transcribe(t.Context(), sound(2).Source(), o, func(Segment) error { return nil }); err != nil {
				t.Error(err)
			}
		})
	}
}

// What comes before a clip is not kept.
func TestFarClip(t *testing.T) {
	m := tiny(t, "english")
	set := must(m.settings(Options{NoVAD: true, Temperatures: []float64{0}}))(t)
	s := m.newSession()
	f := s.open(newLong(120))
	tr := &transcription{session: s, set: set, sound: f, emit: func(Segment) error { return nil }}
	if err := tr.clip(t.Context(), 11_000, 11_100); err != nil {
		t.Fatal(err)
	}
	if kept := cap(f.rows) / f.mels; kept > 2000 {
		t.Errorf("memory for %d frames", kept)
	}
}

// A vocabulary without languages is refused for a multilingual model.
func TestMultilingualWithoutLanguages(t *testing.T) {
	m, yes := tiny(t, "english"), true
	c := m.config
	c.Generation.Multilingual = &yes
	if _, err := findTokens(&c, m.vocab); err == nil || !strings.Contains(err.Error(), "language") {
		t.Errorf("error %v", err)
	}
}

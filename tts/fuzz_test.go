package tts

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzConfig: whatever config.json says, loading gives a model or an error.
func FuzzConfig(f *testing.F) {
	weights, err := os.ReadFile("testdata/tiny/acoustic.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	config, err := os.ReadFile("testdata/tiny/config.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(config)
	f.Add([]byte(`{"model_type": "parley_fastpitch", "d": -1}`))
	f.Add([]byte(strings.ReplaceAll(string(config), `"d": 16`, `"d": 4096`)))
	f.Fuzz(func(t *testing.T, config []byte) {
		a, err := openAcoustic(fstest.MapFS{"config.json": {Data: config}, "acoustic.safetensors": {Data: weights}}, OpenOptions{})
		if err == nil && len(config) > 0 {
			a.newUtterance().plan([]int{0, 1, 0}, 0, 1, 0)
		}
	})
}

// FuzzSay: whatever the text, sound; of phonemes, sound or the error that names those that there are not.
func FuzzSay(f *testing.F) {
	for _, s := range []string{"bob abba.", "$5, 1/2 & 3:15pm", "\x00\xff", "🙂 Bob", strings.Repeat("b", 3000), "...", "a\n\nb"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	m := readingModel(f)
	f.Fuzz(func(t *testing.T, text string, phonemes bool) {
		if len(text) > 4096 {
			return
		}
		if _, err := m.Say(context.Background(), text, &Options{Phonemes: phonemes}); err != nil && !(phonemes && strings.Contains(err.Error(), "has no phonemes")) {
			t.Error(err)
		}
	})
}

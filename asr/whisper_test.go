package asr

import (
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-go/parley/audio"
)

const tinyWhisper = "../internal/whisper/testdata/" // made by training/goldens/whisper.py

func openTiny(t testing.TB, name string) *Model {
	t.Helper()
	m, err := Open(tinyWhisper + name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// bells is a sound in which the tiny models, which know nothing, find text.
func bells(seconds int) audio.Clip {
	c := audio.Clip{Rate: 16000, Samples: make([]float32, 16000*seconds)}
	for i := range c.Samples {
		t := float64(i) / 16000
		c.Samples[i] = float32(0.3 * math.Sin(2*math.Pi*(200+90*math.Floor(3*t))*t) * math.Exp(-math.Mod(3*t, 1)))
	}
	return c
}

// everything turns all guards off.
func everything() *Options {
	off := math.NaN()
	return &Options{Doubtful: true, Language: "en", Whisper: WhisperOptions{LogProb: off, NoSpeech: off, CompressionRatio: off}}
}

func TestWhisper(t *testing.T) {
	for _, name := range []string{"multilingual", "english"} {
		m, o := openTiny(t, name), everything()
		o.Words, o.Alternatives, o.Beam = true, 2, 3
		var done []time.Duration
		o.Progress = func(d time.Duration) { done = append(done, d) }
		tr, err := m.Transcribe(t.Context(), bells(5).Source(), o)
		if err != nil || tr.Duration != 5*time.Second || tr.Language != "en" || len(tr.Segments) == 0 {
			t.Fatalf("%s: %+v, %v", name, tr, err)
		}
		for _, s := range tr.Segments {
			if !s.Final || s.Text != strings.TrimSpace(s.Text) || s.Decoding == nil || len(s.Decoding.Tokens) == 0 || len(s.Alternatives) > 2 {
				t.Errorf("%s: %+v", name, s)
			}
			for _, w := range s.Words {
				if w.End < w.Start || !(w.Confidence >= 0 && w.Confidence <= 1) {
					t.Errorf("%s: word %+v", name, w)
				}
			}
		}
		if len(done) == 0 || done[len(done)-1] != 5*time.Second {
			t.Errorf("%s: progress %v", name, done)
		}
	}
}

// Every field of internal/whisper's options is reached from Options.
func TestWhisperOptionsAreComplete(t *testing.T) {
	o := Options{Words: true, Alternatives: 1, Beam: 2, Doubtful: true, Progress: func(time.Duration) {}, Chunk: 1, Silence: 1, Language: "en", Languages: []string{"en"},
		Translate: true, Prompt: "x", Hotwords: []Hotword{{Text: "x"}}, Clips: []Clip{{End: 1}}}
	w := reflect.ValueOf(&o.Whisper).Elem()
	for i := range w.NumField() {
		switch f := w.Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.String:
			f.SetString("x")
		case reflect.Int, reflect.Int64:
			f.SetInt(1)
		case reflect.Float64:
			f.SetFloat(1)
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		}
	}
	got, err := whisperOptions(&o)
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(got)
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; {
		case name == "Live" || name == "Quiet": // set by the stream; of tests
		case v.Field(i).IsZero():
			t.Errorf("whisper.Options.%s cannot be set", name)
		}
	}
}

func TestDetectLanguage(t *testing.T) {
	silence := audio.Clip{Rate: 16000, Samples: make([]float32, 48000)}
	if got, err := openTiny(t, "english").DetectLanguage(t.Context(), silence.Source()); err != nil || len(got) != 1 || got[0].Language != "en" {
		t.Errorf("English only: %v, %v", got, err)
	}
	if got, err := openTiny(t, "multilingual").DetectLanguage(t.Context(), silence.Source()); err != nil || len(got) != 0 {
		t.Errorf("silence: %v, %v", got, err)
	}
	if _, err := tinyModel(t).DetectLanguage(t.Context(), silence.Source()); err == nil {
		t.Error("no error of a model that cannot")
	}
}

// One model serves several goroutines and always gives the same text.
func TestWhisperConcurrently(t *testing.T) {
	m := openTiny(t, "multilingual")
	text := func() string {
		tr, err := m.Transcribe(t.Context(), bells(3).Source(), everything())
		if err != nil {
			t.Error(err)
			return ""
		}
		return tr.Text
	}
	want := text()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				if got := text(); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}

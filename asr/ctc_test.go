package asr

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/parley-go/parley/audio"
)

const tinyWav2vec2 = "../internal/wav2vec2/testdata/" // made by training/goldens/wav2vec2.py

func openTinyCTC(t testing.TB, name string) *Model {
	t.Helper()
	m, err := Open(tinyWav2vec2 + name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func contents(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWav2vec2(t *testing.T) {
	for _, name := range []string{"group", "stable", "hubert"} {
		m := openTinyCTC(t, name)
		for _, o := range []*Options{{Doubtful: true}, {Doubtful: true, Chunk: 2 * time.Second, MaxSegment: time.Second, Alternatives: 2, Beam: 4}} {
			var heard time.Duration
			o.Progress = func(d time.Duration) { heard = d }
			tr, err := m.Transcribe(t.Context(), bells(5).Source(), o)
			if err != nil || tr.Duration != 5*time.Second || len(tr.Segments) == 0 || heard < 4900*time.Millisecond {
				t.Fatalf("%s: %+v, %v, heard %v", name, tr, err, heard)
			}
			at := time.Duration(0)
			for _, s := range tr.Segments {
				var words []string
				for _, w := range s.Words {
					words = append(words, w.Text)
					if w.Start < at || w.End <= w.Start || w.End > tr.Duration || !(w.Confidence > 0 && w.Confidence <= 1) {
						t.Errorf("%s: word %+v after %v", name, w, at)
					}
					at = w.End
				}
				if !s.Final || s.Text != strings.Join(words, " ") || s.Start != s.Words[0].Start || s.End != at || len(s.Alternatives) > o.Alternatives {
					t.Errorf("%s: %+v", name, s)
				}
				for _, a := range s.Alternatives {
					if a.Score > 0 || a.Text == s.Text {
						t.Errorf("%s: alternative %+v of %q", name, a, s.Text)
					}
				}
			}
		}
	}
}

// Where nobody speaks there is no text, though these models write some for any sound.
func TestWav2vec2HearsSpeechOnly(t *testing.T) {
	tr, err := openTinyCTC(t, "group").Transcribe(t.Context(), audio.Clip{Rate: 16000, Samples: make([]float32, 16000*40)}.Source(), nil)
	if err != nil || tr.Text != "" {
		t.Errorf("%+v, %v", tr, err)
	}
}

func TestWav2vec2ShortSounds(t *testing.T) {
	m := openTinyCTC(t, "hubert")
	for _, n := range []int{0, 1, 100, 399, 400, 800} {
		for _, o := range []*Options{nil, {Doubtful: true}} {
			if _, err := m.Transcribe(t.Context(), audio.Clip{Rate: 16000, Samples: make([]float32, n)}.Source(), o); err != nil {
				t.Errorf("%d samples: %v", n, err)
			}
		}
	}
}

func TestWav2vec2Cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := openTinyCTC(t, "group").Transcribe(ctx, bells(5).Source(), &Options{Doubtful: true}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What the family does not have is an error that names the field.
func TestWav2vec2Options(t *testing.T) {
	m := openTinyCTC(t, "group")
	for want, o := range map[string]Options{"Options.Language": {Language: "en"}, "Options.Prompt": {Prompt: "x"}, "Options.Partials": {Partials: true},
		"Options.Whisper": {Whisper: WhisperOptions{Batch: 2}}, "Options.Hotwords": {Hotwords: []Hotword{{Text: "x"}}}, "Options.LMWeight": {LMWeight: 1},
		"Options.Search": {Search: Lexicon}, "Options.Beam": {Beam: -1}, "Options.Chunk": {Chunk: time.Millisecond}, "Options.Silence": {Silence: 1},
		"Options.MaxSegment": {MaxSegment: time.Hour}, "Options.Alternatives": {Alternatives: 101}, "Alternatives 1": {Search: Greedy, Alternatives: 1}} {
		for _, err := range m.Stream(t.Context(), bells(1).Source(), &o) {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", want, err)
			}
		}
	}
}

// A directory that is not whole, or not a model that writes, is an error that says what is wrong.
func TestWav2vec2BadDirectories(t *testing.T) {
	whole := fstest.MapFS{}
	for _, name := range []string{"config.json", "vocab.json", "model.safetensors", "preprocessor_config.json"} {
		whole[name] = &fstest.MapFile{Data: contents(t, tinyWav2vec2+"group/"+name)}
	}
	if _, err := OpenFS(whole); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, old, new, want string }{
		{"model.safetensors", "", "", "model.safetensors"},
		{"vocab.json", "", "", "vocab.json missing"},
		{"vocab.json", `"E":5`, `"E":500`, `"E" is 500`},
		{"vocab.json", `{`, `[`, "vocab.json"},
		{"config.json", `"group"`, `"batch"`, "feat_extract_norm"},
		{"config.json", `"hidden_size":24`, `"hidden_size":2000000000`, "hidden_size is 2000000000"},
		{"config.json", `"hidden_size":24`, `"hidden_size":48`, "want shape [48 12], got [24 12]"},
		{"config.json", `"conv_stride":[5,`, `"conv_stride":[0,`, "conv_stride 0"},
		{"config.json", `"gelu"`, `"mish"`, "mish"},
		{"config.json", `{`, `{"add_adapter":true,`, "add_adapter"},
		{"config.json", `"pad_token_id":0`, `"pad_token_id":99`, "pad_token_id is 99"},
		{"model.safetensors", `lm_head.weight`, `lm_head.weighs`, "lm_head.weight"},
		{"model.safetensors", `feature_projection.projection.bias`, `feature_projection.projection.bios`, "feature_projection.projection.bias"},
		{"preprocessor_config.json", `16000`, `8000`, "sampling_rate is 8000"},
	} {
		broken := fstest.MapFS{}
		for name, f := range whole {
			broken[name] = f
		}
		if c.old == "" {
			delete(broken, c.file)
		} else {
			broken[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(string(whole[c.file].Data), c.old, c.new, 1))}
		}
		if _, err := OpenFS(broken); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %q for %q: %v, want %q", c.file, c.new, c.old, err, c.want)
		}
	}
}

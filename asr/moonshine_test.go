package asr

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/parley-go/parley/audio"
)

const tinyMoonshine = "../internal/moonshine/testdata/tiny" // made by training/goldens/moonshine.py

func TestMoonshine(t *testing.T) {
	m, err := Open(tinyMoonshine)
	if err != nil {
		t.Fatal(err)
	}
	var heard time.Duration
	o := &Options{Doubtful: true, MaxSegment: 2 * time.Second, Progress: func(d time.Duration) { heard = d }}
	tr, err := m.Transcribe(t.Context(), bells(5).Source(), o)
	if err != nil || heard != 5*time.Second || len(tr.Segments) == 0 {
		t.Fatalf("%+v, %v, heard %v", tr, err, heard)
	}
	for _, s := range tr.Segments {
		if !s.Final || s.Text == "" || s.Text != strings.TrimSpace(s.Text) || s.Start%(2*time.Second) != 0 || s.End != min(s.Start+2*time.Second, 5*time.Second) {
			t.Errorf("%+v", s)
		}
	}
	tr, err = m.Transcribe(t.Context(), audio.Clip{Rate: 16000, Samples: make([]float32, 16000*40)}.Source(), nil)
	if err != nil || tr.Text != "" {
		t.Errorf("silence: %+v, %v", tr, err)
	}
	for _, n := range []int{0, 1, 100, 1000} {
		if tr, err := m.Transcribe(t.Context(), audio.Clip{Rate: 16000, Samples: make([]float32, n)}.Source(), o); err != nil {
			t.Errorf("%d samples: %+v, %v", n, tr, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Transcribe(ctx, bells(5).Source(), o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestMoonshineOptions(t *testing.T) {
	m, err := Open(tinyMoonshine)
	if err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{"Options.Language": {Language: "en"}, "Options.Words": {Words: true}, "Options.Partials": {Partials: true},
		"Beam 5": {Beam: 5}, "Options.Search": {Search: Lexicon}, "Options.Silence": {Silence: 1}, "Options.MaxSegment": {MaxSegment: time.Hour}} {
		for _, err := range m.Stream(t.Context(), bells(1).Source(), &o) {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", want, err)
			}
		}
	}
}

// A directory that is not whole is an error that says what is wrong.
func TestMoonshineBadDirectories(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"tokenizer.json", "", "", "tokenizer.json missing"},
		{"model.safetensors", "", "", "model.safetensors"},
		{"config.json", `"hidden_size":30`, `"hidden_size":2000000000`, "hidden_size is 2000000000"},
		{"config.json", `"encoder_num_attention_heads":3`, `"encoder_num_attention_heads":5`, "attention heads"},
		{"config.json", `"silu"`, `"mish"`, "mish"},
		{"config.json", `"eos_token_id":2`, `"eos_token_id":200`, "eos_token_id 200"},
		{"config.json", `"rope_type":"default"`, `"rope_type":"yarn"`, "yarn"},
		{"model.safetensors", `model.encoder.groupnorm.weight`, `model.encoder.groupnorm.weighs`, "model.encoder.groupnorm.weight"},
		{"model.safetensors", `model.decoder.layers.1.mlp.fc1.bias`, `model.decoder.layers.1.mlp.fc1.bios`, "model.decoder.layers.1.mlp.fc1.bias"},
	} {
		broken := fstest.MapFS{}
		for _, name := range []string{"config.json", "tokenizer.json", "model.safetensors"} {
			data := contents(t, tinyMoonshine+"/"+name)
			if name == c.file {
				if c.old == "" {
					continue
				}
				data = []byte(strings.Replace(string(data), c.old, c.new, 1))
			}
			broken[name] = &fstest.MapFile{Data: data}
		}
		if _, err := OpenFS(broken); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %q for %q: %v, want %q", c.file, c.new, c.old, err, c.want)
		}
	}
}

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

// Made by training/goldens/moonshine.py and speech2text.py.
const (
	tinyMoonshine   = "../internal/moonshine/testdata/tiny"
	tinySpeech2Text = "../internal/speech2text/testdata/tiny"
)

func TestWholeSpans(t *testing.T) {
	for _, dir := range []string{tinyMoonshine, tinySpeech2Text} {
		testWholeSpans(t, dir)
	}
}

func testWholeSpans(t *testing.T, dir string) {
	m, err := Open(dir)
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

func TestSpeech2TextBadDirectories(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"vocab.json", "", "", "vocab.json missing"},
		{"config.json", `"d_model":24`, `"d_model":2000000000`, "d_model is 2000000000"},
		{"config.json", `[5,5]`, `[5,4]`, "conv_kernel_sizes"},
		{"config.json", `"relu"`, `"mish"`, "mish"},
		{"vocab.json", `"a":5`, `"a":500`, `"a" is 500`},
		{"model.safetensors", `model.encoder.conv.conv_layers.0.bias`, `model.encoder.conv.conv_layers.0.bios`, "model.encoder.conv.conv_layers.0.bias"},
	} {
		openBroken(t, tinySpeech2Text, []string{"config.json", "vocab.json", "model.safetensors"}, c.file, c.old, c.new, c.want)
	}
}

// openBroken wants opening dir, with one file missing (old "") or changed, to fail.
func openBroken(t *testing.T, dir string, files []string, file, old, now, want string) {
	t.Helper()
	broken := fstest.MapFS{}
	for _, name := range files {
		data := contents(t, dir+"/"+name)
		if name == file {
			if old == "" {
				continue
			}
			data = []byte(strings.Replace(string(data), old, now, 1))
		}
		broken[name] = &fstest.MapFile{Data: data}
	}
	if _, err := OpenFS(broken); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s, %q for %q: %v, want %q", file, now, old, err, want)
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
		openBroken(t, tinyMoonshine, []string{"config.json", "tokenizer.json", "model.safetensors"}, c.file, c.old, c.new, c.want)
	}
}

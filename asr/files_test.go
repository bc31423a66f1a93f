package asr

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
)

// write makes files with some text in a new directory.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Where a path is not there, one that may be the name of a published model says how to come by it.
func TestOpenByName(t *testing.T) {
	for path, hint := range map[string]bool{"whisper-base": true, "openai/whisper-base": true, "./whisper-base": false, "/whisper-base": false, "ggml-base.bin": false} {
		_, err := Open(path)
		if err == nil || strings.Contains(err.Error(), "'parley models pull "+path+"'") != hint {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestOpenSaysWhatIsWrong: no model is opened, and the error names what is missing and what to do.
func TestOpenSaysWhatIsWrong(t *testing.T) {
	whisper := `{"model_type":"whisper"}`
	huge := `{"model_type":"whisper","vocab_size":51865,"num_mel_bins":80,"d_model":2000000000,"encoder_layers":6}`
	for _, c := range []struct {
		files map[string]string
		open  string
		says  string
	}{
		{nil, "", "the directory is empty"},
		{nil, "nothing", "no such file"},
		{map[string]string{"README.md": "", "b.txt": ""}, "", "config.json is missing: the directory holds no model, only README.md, b.txt"},
		{map[string]string{"refs/main": "", "snapshots/1/config.json": whisper}, "", "open a directory in its snapshots"},
		{map[string]string{"ggml-base.bin": "lmgg"}, "", "open ggml-base.bin itself"},
		{map[string]string{"config.json": "{"}, "", "config.json: unexpected end"},
		{map[string]string{"config.json": `{"model_type":"llama"}`}, "", `model_type is "llama", want one of`},
		{map[string]string{"config.json": whisper}, "", "model.safetensors (or model.safetensors.index.json), tokenizer.json (or vocab.json) missing; load the model again"},
		{map[string]string{"config.json": whisper, "tokenizer.json": "{}", "pytorch_model.bin": ""}, "", "convert them to safetensors"},
		{map[string]string{"config.json": whisper, "tokenizer.json": "{}", "model.safetensors": "too short"}, "", "safetensors"},
		{map[string]string{"config.json": whisper, "tokenizer.json": "{}", "model.safetensors": "\x02\x00\x00\x00\x00\x00\x00\x00{}"}, "", "tokenizer"},
		{map[string]string{"config.json": huge, "vocab.json": "{}", "model.safetensors": "\x02\x00\x00\x00\x00\x00\x00\x00{}"}, "", "merges.txt"},
		{map[string]string{"config.json": whisper}, "config.json", "is one file of a model; want the directory"},
		{map[string]string{"ggml-base.bin": "lmgg"}, "ggml-base.bin", "cut off at byte 4"},
		{map[string]string{"a.wav": "RIFF"}, "a.wav", "no ggml file of whisper.cpp"},
	} {
		path := filepath.Join(write(t, c.files), c.open)
		_, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "asr: ") || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v, want %s", c.files, err, c.says)
		}
	}
}

func TestModelBiggerThanMemory(t *testing.T) {
	defer func(old func() (int64, bool)) { memory = old }(memory)
	memory = func() (int64, bool) { return 3 << 20, true }
	var w weights.Writer
	w.Float16("a", make([]float32, 1<<20), 1<<20)
	var b strings.Builder
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	f, err := weights.Parse("model.safetensors", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := fits(f, kernel.F32); err == nil || err.Error() != "the model needs 4 MB of memory as f32 and this machine has 3 MB; use a smaller model, or precision int8, which takes 1 MB" {
		t.Errorf("f32: %v", err)
	}
	for _, p := range []kernel.Precision{kernel.BF16, kernel.Int8} {
		if err := fits(f, p); err != nil {
			t.Errorf("%v: %v", p, err)
		}
	}
	memory = func() (int64, bool) { return 0, false }
	if err := fits(f, kernel.F32); err != nil {
		t.Errorf("where nobody knows: %v", err)
	}
}

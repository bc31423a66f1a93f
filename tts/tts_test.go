package tts

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is no voice is refused by an error that names the directory and what a voice is.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, data string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	other := filepath.Dir(write("whisper/config.json", `{"model_type": "whisper"}`))
	empty := filepath.Dir(write("empty/README.md", ""))
	config, err := os.ReadFile("testdata/tiny/config.json")
	if err != nil {
		t.Fatal(err)
	}
	bare := filepath.Dir(write("bare/config.json", string(config)))
	file := write("voice.bin", "")
	const want = "want config.json of model_type parley_fastpitch"
	for _, c := range []struct {
		dir  string
		says []string
		kind error
	}{
		{"", []string{"no directory", "config.json of model_type parley_fastpitch", "models/en"}, nil},
		{filepath.Join(dir, "none"), []string{"no voice in " + filepath.Join(dir, "none")}, fs.ErrNotExist},
		{file, []string{"no voice in " + file + ": it is a file", "config.json of model_type"}, nil},
		{empty, []string{"no voice: " + want, "(in " + empty + ")"}, fs.ErrNotExist},
		{other, []string{`model_type is "whisper", want "parley_fastpitch"`, "(in " + other + ")"}, nil},
		{bare, []string{"acoustic.safetensors", "(in " + bare + ")"}, fs.ErrNotExist},
	} {
		_, err := Open(c.dir)
		if err == nil || !strings.HasPrefix(err.Error(), "tts: ") {
			t.Errorf("%q: %v", c.dir, err)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%q: %q does not say %q", c.dir, err, s)
			}
		}
		if c.kind != nil && !errors.Is(err, c.kind) {
			t.Errorf("%q: %v is no %v", c.dir, err, c.kind)
		}
	}
}

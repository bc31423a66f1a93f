package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/cli"
)

// A sound that the text would be written over is left as it was.
func TestNotOverSound(t *testing.T) {
	path := file(t, "a.wav", 800)
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for _, c := range []struct {
		std  cli.Streams
		args []string
	}{
		{cli.Streams{}, []string{"-o", path, path}},
		{cli.Streams{In: in}, []string{"-o", path}},
		{cli.Streams{In: in}, []string{"-o", path, "-"}},
	} {
		r := run(t, c.std, c.args...)
		if old, _ := os.ReadFile(path); r.code != cli.ExitUsage || !strings.Contains(r.err, "would be overwritten") || !bytes.Equal(old, wav(t, 800)) {
			t.Errorf("%q: exit %d, %q, file of %d bytes", c.args, r.code, r.err, len(old))
		}
	}
}

// --raw takes samples without a header, of files and of standard input.
func TestRaw(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.raw")
	samples := make([]byte, 2*4000+1)
	if err := os.WriteFile(path, samples, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		std  cli.Streams
		args []string
		code int
		want string // of the output or of what is said
	}{
		{cli.Streams{In: bytes.NewReader(samples)}, []string{"--raw", "16000"}, 0, `"duration":0.25,`},
		{cli.Streams{}, []string{"--raw=8000", path}, 0, `"duration":0.5,`},
		{cli.Streams{}, []string{path}, cli.ExitError, "unknown format"},
		{cli.Streams{}, []string{"--raw", "0", path}, cli.ExitUsage, "want 100 to 768000"},
		{cli.Streams{}, []string{"--raw", "16k", path}, cli.ExitUsage, "want 100 to 768000"},
		{cli.Streams{InTTY: true}, []string{"--raw", "16000"}, cli.ExitUsage, "not for the microphone"},
	} {
		r := run(t, c.std, append(c.args, "-f", "json")...)
		if r.code != c.code || !strings.Contains(r.out+r.err, c.want) {
			t.Errorf("%q: exit %d, %q, %q; want %d, %q", c.args, r.code, r.out, r.err, c.code, c.want)
		}
	}
}

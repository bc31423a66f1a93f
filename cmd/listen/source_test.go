package main

import (
	"bytes"
	"os"
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
		if old, _ := os.ReadFile(path); r.code != cli.ExitUsage || !strings.Contains(r.err, "would overwrite the sound") || !bytes.Equal(old, wav(t, 800)) {
			t.Errorf("%q: exit %d, %q, file of %d bytes", c.args, r.code, r.err, len(old))
		}
	}
}

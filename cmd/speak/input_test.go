package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/parley-go/parley/internal/cli"
)

// What is no text is refused before there is any sound.
func TestNoText(t *testing.T) {
	for _, c := range []struct{ in, says string }{
		{"RIFF\x24\x10\x01\x02WAVEfmt ", "a file of WAV; speak wants text, listen turns sound into text"},
		{"OggS\x00\x02", "a file of Ogg;"},
		{"fLaC\x00\x00\x00\x22", "a file of FLAC;"},
		{"ID3\x03\x00", "a file of MP3;"},
		{"\xff\xfeH\x00i\x00", "UTF-16"},
		{"hello\x00world", "NUL bytes"},
		{"你好世界", "only text in the Latin script can be spoken"},
		{"Ωμέγα", "only text in the Latin script can be spoken"},
		{"★", "nothing to speak in the text\n"},
	} {
		path := filepath.Join(t.TempDir(), "a.wav")
		r := run(t, cli.Streams{In: strings.NewReader(c.in)}, "-o", path)
		if _, err := os.Stat(path); r.code != cli.ExitError || !strings.Contains(r.err, c.says) || err == nil {
			t.Errorf("%q: exit %d, %q, file: %v; want %q", c.in, r.code, r.err, err, c.says)
		}
	}
	for _, text := range []string{"RIFF is a format.", "OggS", "fLaC", "ID3 tags", "R"} {
		if r := run(t, cli.Streams{In: strings.NewReader(text)}); r.code != 0 || r.err != "" {
			t.Errorf("%q: exit %d, %q", text, r.code, r.err)
		}
	}
}

// Letters that are left out are counted, however the text comes in.
func TestLeftOut(t *testing.T) {
	for text, want := range map[string]int{
		"Hello.": 0, "café Straße ﬁne ｈi ª": 0, "5 × 3 = 15 ★ 🙂": 0, "angle α, β and Ω": 0,
		"Hello 你好, world": 2, "Москва": 6, "Ελλάδα or α": 6, "नमस्ते x": 4, "שלום": 4, "a\xffb\xe4": 0,
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)), "with the end": iotest.DataErrReader(strings.NewReader(text))} {
			in := &textReader{r: r}
			if got, err := io.ReadAll(in); err != nil || string(got) != text || in.leftOut != want {
				t.Errorf("%q, %s: passed on %q, %v, and left out %d, want %d", text, name, got, err, in.leftOut, want)
			}
		}
	}
	for _, c := range []struct{ args, says string }{
		{"Hello 你好, Москва", "speak: letters left out: 8; only the Latin script can be spoken\n"},
		{"Hello", ""},
		{"--phonemes θæŋks", ""},
	} {
		r := run(t, cli.Streams{}, strings.Fields(c.args)...)
		if r.code != 0 || r.err != c.says {
			t.Errorf("%q: exit %d, said %q, want %q", c.args, r.code, r.err, c.says)
		}
	}
}

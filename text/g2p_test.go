package text

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// The tiny random model must read as PyTorch does (training/goldens/g2p.py).
func TestG2PLikePyTorch(t *testing.T) {
	g, err := LoadG2P(os.DirFS("testdata/g2p"))
	if err != nil {
		t.Fatal(err)
	}
	likePyTorch(t, g, "testdata/g2p/want.tsv", 20)
}

// The default model must read as PyTorch does, too.
func TestDefaultG2P(t *testing.T) {
	g, err := LoadG2P(os.DirFS("../models/en/voice"))
	if err != nil {
		t.Fatal(err)
	}
	likePyTorch(t, g, "testdata/g2p/heart.tsv", 10)
}

func likePyTorch(t *testing.T, g *G2P, golden string, atLeast int) {
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		word, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if got := g.Phonemes(word); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
		if got := g.Phonemes(word); got != want {
			t.Errorf("%s from memory: got %s, want %s", word, got, want)
		}
		n++
	}
	if n < atLeast {
		t.Errorf("only %d words", n)
	}
}

func TestG2POddWords(t *testing.T) {
	g, err := LoadG2P(os.DirFS("testdata/g2p"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"", "123", "привет"} {
		if p := g.Phonemes(w); p != "" {
			t.Errorf("%q: %s", w, p)
		}
	}
	if p := (*G2P)(nil).Phonemes("word"); p != "" {
		t.Errorf("no model: %s", p)
	}
	for i := range 3 * memoryWords { // memory must stay bounded
		g.remember(itoa(i), "x")
	}
	if n := len(g.recent) + len(g.older); n > 2*memoryWords {
		t.Errorf("%d words remembered", n)
	}
	g.Phonemes(strings.Repeat("ab", 500)) // cut, no panic
}

func TestLoadG2PErrors(t *testing.T) {
	if _, err := LoadG2P(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no files: %v", err)
	}
	config, err := os.ReadFile("testdata/g2p/g2p.json")
	if err != nil {
		t.Fatal(err)
	}
	tensors, err := os.ReadFile("testdata/g2p/g2p.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{"letters": strings.Replace(string(config), `abc`, `ab`, 1), "json": "{",
		"width": strings.Replace(string(config), `"d": 16`, `"d": 32`, 1)} {
		files := fstest.MapFS{"g2p.json": {Data: []byte(bad)}, "g2p.safetensors": {Data: tensors}}
		if _, err := LoadG2P(files); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

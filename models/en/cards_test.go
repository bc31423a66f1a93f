package en

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parley-go/parley/models/card"
	"github.com/parley-go/parley/vad"
)

// TestCardsFit: every file that holds what was learned is in one card, with the size that it has.
func TestCardsFit(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range append(parseCards(), place{vad.Card(), "../../vad"}) {
		for _, f := range c.Files {
			path := filepath.Join(c.folder, f.Name)
			info, err := os.Stat(path)
			if err != nil {
				t.Errorf("the card %s: %v", c.Name, err)
			} else if info.Size() != f.Bytes {
				t.Errorf("the card %s says that %s has %d bytes, it has %d: bring the card and its figures up to date", c.Name, path, f.Bytes, info.Size())
			}
			if seen[path] {
				t.Errorf("%s is in two cards", path)
			}
			seen[path] = true
		}
	}
	for _, folder := range []string{"recognizer", "voice"} {
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if path := filepath.Join(folder, f.Name()); !f.IsDir() && filepath.Ext(path) != ".json" && !seen[path] {
				t.Errorf("%s is in no card", path)
			}
		}
	}
}

// rows are the first cells of README's table of the models.
var rows = map[string]string{"recognizer": "recogniser", "language-model": "word 3-gram, lexicon", "voice": "voice", "pronunciation": "pronunciation", "vad": "voice activity"}

// TestReadmeSaysTheSame: the table of the models has the sizes and licences of the cards.
func TestReadmeSaysTheSame(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(readme), "\n")
	for _, c := range Cards() {
		at := slices.IndexFunc(lines, func(l string) bool {
			return strings.HasPrefix(l, "| "+rows[c.Name]) && strings.HasSuffix(l, "| "+c.License+" |")
		})
		if at < 0 {
			t.Errorf("README has no row '| %s ... | %s |'", rows[c.Name], c.License)
		} else if want := fmt.Sprintf("| %s |", card.MB(c.Bytes())); !strings.Contains(lines[at], want) {
			t.Errorf("README lacks %q in %s", want, lines[at])
		}
	}
	licences, err := os.ReadFile("LICENSES.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range parseCards() {
		for _, f := range c.Files {
			if !strings.Contains(string(licences), f.Name+"`") {
				t.Errorf("LICENSES.md lacks %s", f.Name)
			}
		}
	}
}

package whisper

import (
	"encoding/json"
	"os"
	"testing"
)

// Tokens are cut into the words of the reference: by characters in languages that put no spaces between words, else at spaces; punctuation
// goes to the word that it belongs to. training/goldens/whisper.py, splitting.
func TestSplitWords(t *testing.T) {
	var cases []struct {
		Language  string
		Tokens, N []int
		Words     []string
	}
	if err := json.Unmarshal(must(os.ReadFile("testdata/splits.json"))(t), &cases); err != nil {
		t.Fatal(err)
	}
	m := tiny(t, "multilingual")
	for _, c := range cases {
		words := m.splitWords(c.Tokens, c.Language)
		attach(words)
		if len(words) != len(c.Words) {
			t.Errorf("%s %v: %+v, want %q", c.Language, c.Tokens, words, c.Words)
			continue
		}
		for i, w := range words {
			if w.Text != c.Words[i] || w.tokens != c.N[i] {
				t.Errorf("%s %v: word %d is %q of %d tokens, want %q of %d", c.Language, c.Tokens, i, w.Text, w.tokens, c.Words[i], c.N[i])
			}
		}
	}
}

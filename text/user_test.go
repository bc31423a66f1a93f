package text

import (
	"os"
	"testing"
)

// A user's word is found as it is written, also with accents and curly apostrophes.
func TestLexiconFindsWordsAsWritten(t *testing.T) {
	f, err := Open(os.DirFS("../models/en/voice"), &Options{Lexicon: map[string]string{"Beyoncé": "biˈjɑnseɪ", "O’Brien": "əbɹˈIən", "naive": "nˈIv"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"Beyoncé", "Beyonce", "O’Brien", "O'Brien", "naive", "naïve"} {
		if p, source := f.Pronounce(w); source != FromUser {
			t.Errorf("%s: %q, source %v", w, p, source)
		}
	}
}

package text

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// ReadLexicon reads a user's lexicon: one word a line, a tab, its phonemes; empty lines and lines that start with # are
// skipped. Phonemes are those of Alphabet, or IPA. name is for error messages.
func ReadLexicon(name string, r io.Reader) (map[string]string, error) {
	words := map[string]string{}
	s := bufio.NewScanner(r)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		w, p, ok := strings.Cut(line, "\t")
		if !ok {
			return nil, fmt.Errorf("text: %s:%d: want a word, a tab and its phonemes", name, n)
		}
		p, err := FromIPA(p)
		if err != nil {
			return nil, fmt.Errorf("text: %s:%d: %w", name, n, err)
		}
		words[strings.TrimSpace(w)] = p
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("text: %s: %w", name, err)
	}
	return words, nil
}

// checkLexicon brings a user's phonemes into the alphabet.
func checkLexicon(words map[string]string) (map[string]string, error) {
	checked := make(map[string]string, len(words))
	for w, p := range words {
		q, err := FromIPA(p)
		if err != nil {
			return nil, fmt.Errorf("text: pronunciation of %q: %w", w, err)
		}
		checked[unaccent(fold(w).text)] = q
	}
	return checked, nil
}

var ipa = strings.NewReplacer("eɪ", "A", "aɪ", "I", "oʊ", "O", "əʊ", "O", "aʊ", "W", "ɔɪ", "Y", "tʃ", "ʧ", "dʒ", "ʤ", "t͡ʃ", "ʧ", "d͡ʒ", "ʤ",
	"r", "ɹ", "g", "ɡ", "ɝ", "ɜɹ", "ɚ", "əɹ", "ɫ", "l", "ɒ", "ɑ", "o", "O", "e", "ɛ", "'", "ˈ", "ː", "", "ˑ", "", ".", "", "/", "", "[", "", "]", "", "l̩", "ᵊl", "n̩", "ᵊn")

// FromIPA brings phonemes in IPA or in Alphabet, with spaces between words if there are several, into Alphabet. A stress mark
// moves from the start of its syllable, where IPA has it, to the vowel.
func FromIPA(s string) (string, error) {
	p := stressVowels(strings.Join(strings.Fields(ipa.Replace(s)), " "))
	for _, r := range p {
		if r != ' ' && !strings.ContainsRune(Alphabet, r) {
			return "", fmt.Errorf("phoneme %q is not one of %s", r, Alphabet)
		}
	}
	if p == "" {
		return "", fmt.Errorf("no phonemes in %q", s)
	}
	return p, nil
}

// stressVowels moves stress marks to the vowels that they stress; one without a vowel goes.
func stressVowels(p string) string {
	var b strings.Builder
	mark := ""
	for _, r := range p {
		switch {
		case r == 'ˈ' || r == 'ˌ':
			mark = string(r)
			continue
		case strings.ContainsRune(vowels+"ɐᵊ", r):
			b.WriteString(mark)
			mark = ""
		}
		b.WriteRune(r)
	}
	return b.String()
}

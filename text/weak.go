package text

import "strings"

// vowels that make "the" /ði/ and "to" /tʊ/ when the next word starts with one.
const vowels = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ"

// following is what a weak form sees of what comes after its word.
type following int

const (
	pause following = iota // a mark, or the end
	vowel
	consonant
)

// startOf classifies the start of a word's phonemes.
func startOf(phonemes string) following {
	for _, r := range phonemes {
		if r == 'ˈ' || r == 'ˌ' {
			continue
		}
		if strings.ContainsRune(vowels, r) {
			return vowel
		}
		break
	}
	return consonant
}

// weakForm returns the reading of a function word before next, in the same way as the speech that the voices learnt from.
func weakForm(word string, next following) (string, bool) {
	if word == "I" {
		return "ˌI", true
	}
	forms, ok := weakForms[word]
	if !ok {
		forms, ok = weakForms[strings.ToLower(word)]
	}
	return forms[next], ok
}

// weakForms at a pause, before a vowel, before a consonant.
var weakForms = map[string][3]string{
	"a":   {"ɐ", "ɐ", "ɐ"},
	"an":  {"ɐn", "ɐn", "ɐn"},
	"the": {"ðə", "ði", "ðə"},
	"to":  {"tu", "tʊ", "tə"},
	"in":  {"ˈɪn", "ɪn", "ɪn"},
}

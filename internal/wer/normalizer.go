package wer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Normalizer makes texts comparable; its result is split at white space.
type Normalizer func(text string) string

// Normalizers are the kinds by name.
var Normalizers = []string{"whisper", "basic", "words", "none"}

// NewNormalizer returns the normaliser of a name:
//
//	whisper  Whisper's for English (Radford et al. 2022, arXiv:2212.04356, appendix C)
//	basic    Whisper's for other languages: lower case, no brackets, no punctuation
//	words    lower case; letters, digits, and apostrophes within words; everything else separates
//	none     the text as it is
func NewNormalizer(name string) (Normalizer, error) {
	switch name {
	case "whisper":
		return English(), nil
	case "basic":
		return Basic, nil
	case "words":
		return Words, nil
	case "none":
		return func(text string) string { return text }, nil
	}
	return nil, fmt.Errorf("unknown normaliser %q, want one of %s", name, strings.Join(Normalizers, ", "))
}

// Score normalises a reference and a hypothesis and aligns their words.
func (n Normalizer) Score(ref, hyp string) Counts {
	return Align(strings.Fields(n(ref)), strings.Fields(n(hyp)))
}

// Words keeps letters and digits in lower case, and apostrophes within words.
func Words(text string) string {
	text = strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	words := strings.FieldsFunc(text, func(r rune) bool { return r != '\'' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		words[i] = strings.Trim(w, "'")
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// Basic is Whisper's normaliser for any language.
func Basic(text string) string {
	text = norm.NFKC.String(withoutBrackets(strings.ToLower(text)))
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.M, unicode.S, unicode.P) {
			return ' '
		}
		return r
	}, text)
	return spaces.ReplaceAllString(strings.ToLower(text), " ")
}

var (
	brackets    = regexp.MustCompile(`[<\[][^>\]]*[>\]]`)
	parentheses = regexp.MustCompile(`\([^)]+?\)`)
	spaces      = regexp.MustCompile(`[\s\p{Z}\x{85}\x{1c}-\x{1f}]+`)
)

// withoutBrackets removes what stands in brackets or parentheses: remarks of transcribers.
func withoutBrackets(text string) string {
	return parentheses.ReplaceAllString(brackets.ReplaceAllString(text, ""), "")
}

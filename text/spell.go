package text

import (
	"strings"
	"unicode"
)

// spelt are words in capitals that are read letter by letter although a lexicon has them.
var spelt = set("US USA UK UN EU ID IT AM PM AD BC CE OS TV PC CD DVD VIP CEO CFO CTO CIA FBI DNA RNA GPS PDF URL USB HTML HTTP HTTPS WWW API CPU GPU " +
	"AA ER GI IP MA PA LA MS MD PR HR DC MP IQ EQ FM AC DJ MC ATM BBC NBC CBS CNN ABC NBA NFL MLB NHL")

// letter returns the name of a letter, empty when it has none.
func (f *Frontend) letter(r rune) string {
	e, _ := f.lexicon.Lookup(string(unicode.ToUpper(r)))
	return e.Phonemes
}

// spell reads a word letter by letter, with the main stress on the last letter. Characters without a name are skipped.
func (f *Frontend) spell(w string) string {
	var b strings.Builder
	for _, r := range w {
		b.WriteString(strings.ReplaceAll(f.letter(r), "ˈ", "ˌ"))
	}
	s := b.String()
	if i := strings.LastIndex(s, "ˌ"); i >= 0 {
		s = s[:i] + "ˈ" + s[i+len("ˌ"):]
	}
	return s
}

// acronymPlural reads "CDs" and "CD's".
func (f *Frontend) acronymPlural(w string) (string, bool) {
	stem := strings.TrimSuffix(strings.TrimSuffix(w, "s"), "'")
	if len(stem) == len(w) || len(stem) < 2 || !allCapitals(stem) {
		return "", false
	}
	p := f.spell(stem)
	if e, ok := f.lexicon.Lookup(stem); ok && !spelt[stem] {
		p = e.Phonemes
	}
	return p + sibilant(p), p != ""
}

// pronounceable reports whether a word has a vowel letter and so can be said.
func pronounceable(w string) bool { return strings.ContainsAny(w, "aeiouyAEIOUY") }

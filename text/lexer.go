package text

import (
	"unicode"
	"unicode/utf8"
)

// kinds of tok
const (
	word   = 'w' // letters, with apostrophes and hyphens inside: don't, mother-in-law
	digits = 'd' // 0-9
	symbol = 's' // one other character
)

// tok is a piece of folded text.
type tok struct {
	text       string
	start, end int // bytes of the source
	kind       byte
	space      bool // white space before it
	line       bool // the first of its line
}

// lex cuts folded text into tokens, in one pass.
func lex(f folded) []tok {
	toks := make([]tok, 0, len(f.text)/4+1)
	space, line := true, true
	for i := 0; i < len(f.text); {
		r, n := utf8.DecodeRuneInString(f.text[i:])
		if unicode.IsSpace(r) {
			space, line = true, line || r == '\n'
			i += n
			continue
		}
		kind, end := byte(symbol), i+n
		switch {
		case isDigit(f.text[i]):
			kind = digits
			for end < len(f.text) && isDigit(f.text[end]) {
				end++
			}
		case unicode.IsLetter(r):
			kind, end = word, wordEnd(f.text, end)
		}
		toks = append(toks, tok{f.text[i:end], f.source(i), f.source(end), kind, space, line})
		space, line, i = false, false, end
	}
	return toks
}

// wordEnd returns where the word that goes on at i ends. An apostrophe or hyphen belongs to it when a letter follows.
func wordEnd(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == '\'' || r == '-' {
			if next, _ := utf8.DecodeRuneInString(s[i+n:]); !unicode.IsLetter(next) {
				return i
			}
		} else if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) {
			return i
		}
		i += n
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// latin reports whether the word has a letter of the Latin alphabet.
func latin(s string) bool {
	for _, r := range s {
		if r < utf8.RuneSelf && unicode.IsLetter(r) || unicode.Is(unicode.Latin, r) {
			return true
		}
	}
	return false
}

package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitter cuts text into words; first tells whether text starts the input.
type splitter func(text string, first bool) []string

const metaspace = "▁" // U+2581, a space in a piece

// splitMetaspace writes spaces as metaspaces and, if split is set, starts a word at each.
func splitMetaspace(scheme string, replacement string, split bool) splitter {
	return func(text string, first bool) []string {
		text = strings.ReplaceAll(text, " ", replacement)
		if (scheme == "always" || scheme == "first" && first) && !strings.HasPrefix(text, replacement) {
			text = replacement + text
		}
		if !split {
			return []string{text}
		}
		var words []string
		for text != "" {
			end := len(text)
			if i := strings.Index(text[1:], replacement); i >= 0 {
				end = i + 1
			}
			words, text = append(words, text[:end]), text[end:]
		}
		return words
	}
}

// splitByteLevel cuts text as GPT-2 does if useRegex is set, and spells every byte as a printable character.
func splitByteLevel(addPrefixSpace, useRegex bool) splitter {
	return func(text string, _ bool) []string {
		if addPrefixSpace && !strings.HasPrefix(text, " ") {
			text = " " + text
		}
		words := []string{text}
		if useRegex {
			words = splitGPT2(text)
		}
		for i, w := range words {
			words[i] = spellBytes(w)
		}
		return words
	}
}

// splitGPT2 finds the matches of (Radford et al. 2019, encoder.py)
// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
func splitGPT2(text string) []string {
	var words []string
	for text != "" {
		n := wordGPT2(text)
		words, text = append(words, text[:n]), text[n:]
	}
	return words
}

// wordGPT2 returns the bytes of the match that text starts with.
func wordGPT2(text string) int {
	for _, c := range [...]string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"} {
		if strings.HasPrefix(text, c) {
			return len(c)
		}
	}
	skip := 0
	if text[0] == ' ' {
		skip = 1
	}
	if r, _ := utf8.DecodeRuneInString(text[skip:]); skip < len(text) && !unicode.IsSpace(r) {
		return skip + runOf(text[skip:], classOf(r))
	}
	n := runOf(text, space)
	if n < len(text) { // the last space belongs to the word that follows
		if _, last := utf8.DecodeLastRuneInString(text[:n]); last < n {
			n -= last
		}
	}
	return n
}

type class int

const (
	space class = iota
	letter
	number
	other
)

func classOf(r rune) class {
	switch {
	case unicode.IsSpace(r):
		return space
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	}
	return other
}

// runOf returns the bytes of the characters of class c that text starts with.
func runOf(text string, c class) int {
	for i, r := range text {
		if classOf(r) != c {
			return i
		}
	}
	return len(text)
}

// splitWhitespace drops white space and cuts there.
func splitWhitespace(text string, _ bool) []string { return strings.Fields(text) }

// splitAll cuts the words of each stage further in the next.
func splitAll(stages []splitter) splitter {
	return func(text string, first bool) []string {
		words := []string{text}
		for _, stage := range stages {
			var next []string
			for i, w := range words {
				next = append(next, stage(w, first && i == 0)...)
			}
			words = next
		}
		return words
	}
}

// byteSpelling gives every byte a printable character: itself where it has one in Latin-1, else U+0100 onward.
var byteSpelling = func() (spell [256]rune) {
	next := rune(0x100)
	for b := range spell {
		if b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae {
			spell[b] = rune(b)
		} else {
			spell[b] = next
			next++
		}
	}
	return spell
}()

var spelledByte = func() map[rune]byte {
	m := make(map[rune]byte, 256)
	for b, r := range byteSpelling {
		m[r] = byte(b)
	}
	return m
}()

func spellBytes(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(byteSpelling[s[i]])
	}
	return b.String()
}

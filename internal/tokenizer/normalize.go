package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// normalizer rewrites text before it is split.
type normalizer func(string) string

func normalizeAll(stages []normalizer) normalizer {
	return func(s string) string {
		for _, stage := range stages {
			s = stage(s)
		}
		return s
	}
}

func prepend(prefix string) normalizer {
	return func(s string) string {
		if s == "" {
			return s
		}
		return prefix + s
	}
}

func replaceString(old, new string) normalizer {
	return func(s string) string { return strings.ReplaceAll(s, old, new) }
}

// lossy replaces each maximal part of s that is not UTF-8 by U+FFFD (Unicode 16, section 3.9.6).
func lossy(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			n = badPrefix(s)
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}

// badPrefix returns the length of the longest start of s, 1 to 3 bytes, that could begin a character; 1 if none could.
func badPrefix(s string) int {
	n := 1
	for n < min(len(s), 3) && couldBegin(s[:n+1]) {
		n++
	}
	return n
}

// couldBegin reports whether some continuation bytes make s one valid character.
func couldBegin(s string) bool {
	for _, tail := range [...]string{"\x80", "\xbf", "\x80\x80", "\xbf\xbf"} {
		if r, n := utf8.DecodeRuneInString(s + tail); r != utf8.RuneError && n == len(s)+len(tail) {
			return true
		}
	}
	return false
}

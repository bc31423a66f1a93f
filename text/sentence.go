package text

import (
	"io"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSentence is the length in bytes at which text without an end of sentence is cut, at the best place found.
const maxSentence = 600

// A Sentence is a piece of text to be spoken in one go.
type Sentence struct {
	Text   string // without white space around it
	Offset int64  // of Text in the input, in bytes
	Break  bool   // a paragraph ends here: a longer pause
}

// A Splitter cuts a stream of text into sentences. It holds little more than one sentence, however long the input.
type Splitter struct {
	r      io.Reader
	buf    []byte // text not yet returned
	offset int64  // of buf in the input
	err    error
}

// NewSplitter returns a Splitter that reads from r.
func NewSplitter(r io.Reader) *Splitter { return &Splitter{r: r} }

// Next returns the next sentence, or io.EOF after the last one. A sentence is returned as soon as what follows it shows
// that it has ended, or when the reader has nothing more.
func (s *Splitter) Next() (Sentence, error) {
	for {
		end, brk := sentenceEnd(s.buf, s.err != nil)
		if end > 0 {
			text, skipped := trim(s.buf[:end])
			out := Sentence{text, s.offset + int64(skipped), brk}
			s.buf, s.offset = s.buf[end:], s.offset+int64(end)
			if text != "" {
				return out, nil
			}
			continue
		}
		if s.err != nil {
			return Sentence{}, s.err
		}
		s.fill()
	}
}

// fill appends what the reader has ready.
func (s *Splitter) fill() {
	const chunk = 2048
	s.buf = slices.Grow(s.buf, chunk)
	n, err := s.r.Read(s.buf[len(s.buf) : len(s.buf)+chunk])
	s.buf, s.err = s.buf[:len(s.buf)+n], err
}

// Sentences yields the sentences of a text.
func Sentences(text string) iter.Seq[Sentence] {
	return func(yield func(Sentence) bool) {
		s := NewSplitter(strings.NewReader(text))
		for {
			sentence, err := s.Next()
			if err != nil || !yield(sentence) {
				return
			}
		}
	}
}

// trim cuts white space off and says how many bytes in front.
func trim(b []byte) (text string, skipped int) {
	left := strings.TrimLeftFunc(string(b), unicode.IsSpace)
	return strings.TrimRightFunc(left, unicode.IsSpace), len(b) - len(left)
}

// sentenceEnd returns how many bytes at the start of b are one sentence, zero when more input could change that;
// last says that there is no more.
func sentenceEnd(b []byte, last bool) (end int, brk bool) {
	started := false
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == '\n':
			if brk, known := blankLine(b[i+1:], last); started && !(known && (last || brk || fullLineStart(b[i+1:]))) {
				return 0, false
			} else if started && (brk || lineEnds(b, i)) {
				return i + 1, brk
			}
		case isTerminal(r):
			after, known := closing(b, i+n, last)
			if !known {
				return tooLong(b)
			}
			if after > 0 && r == '.' && !last && mayBeStreet(b[:i]) && !hasWholeWord(b[after:]) {
				return tooLong(b)
			}
			if after > 0 && endsSentence(b, i, r, after) {
				brk, _ := blankLine(b[lineBreak(b, after):], true)
				return after, brk && lineBreak(b, after) > after
			}
		}
		started = started || !unicode.IsSpace(r)
		if i >= maxSentence {
			return tooLong(b)
		}
		i += n
	}
	if last {
		return len(b), true
	}
	return 0, false
}

func isTerminal(r rune) bool { return strings.ContainsRune(".?!…。！？", r) }

// closing skips further terminals, quotes and brackets after a terminal; it returns where white space or the end of the
// text follows, -1 when something else does, and known == false when the input stops before that is clear.
func closing(b []byte, i int, last bool) (after int, known bool) {
	if i+64 < len(b) { // a longer run is no end of a sentence
		b, last = b[:i+64], true
	}
	for i < len(b) {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case unicode.IsSpace(r):
			return i, last || hasWordAfter(b[i:])
		case strings.ContainsRune("。！？", r) || isTerminal(r) || strings.ContainsRune("\"'”’»)]}*_", r):
			i += n
		case r >= 0x2e80 && unicode.IsLetter(r): // Chinese and Japanese write no space
			return i, true
		default:
			return -1, true
		}
	}
	return i, last
}

// hasWordAfter reports whether the first letter after white space and opening quotes is there, or so much space that it
// does not matter.
func hasWordAfter(b []byte) bool {
	rest := skipOpening(b)
	return len(b) > 200 || utf8.FullRuneInString(rest) || strings.Count(string(b), "\n") > 1
}

// skipOpening cuts white space, then opening quotes and brackets off the start.
func skipOpening(b []byte) string {
	return strings.TrimLeft(strings.TrimLeftFunc(string(b[:min(len(b), 200)]), unicode.IsSpace), "\"'“‘«([*_")
}

// lineBreak returns the position after the line break that follows i and blanks, or i.
func lineBreak(b []byte, i int) int {
	for k := i; k < len(b); k++ {
		switch b[k] {
		case '\n':
			return k + 1
		case ' ', '\t', '\r':
		default:
			return i
		}
	}
	return i
}

// blankLine reports whether the line at the start of b is empty, and whether that is known yet.
func blankLine(b []byte, last bool) (blank, known bool) {
	for _, c := range b {
		switch c {
		case '\n':
			return true, true
		case ' ', '\t', '\r':
		default:
			return false, true
		}
	}
	return last, last
}

// fullLineStart reports whether the first character of a line that is not blank has arrived as a whole.
func fullLineStart(b []byte) bool {
	return utf8.FullRuneInString(strings.TrimLeft(string(b[:min(len(b), 200)]), " \t\r"))
}

// lineEnds reports whether the line that ends at i is a heading or an item of a list: it is short, and the next line
// starts with a capital, a digit or a bullet.
func lineEnds(b []byte, i int) bool {
	next := strings.TrimLeft(string(b[i+1:min(len(b), i+200)]), " \t\r")
	r, _ := utf8.DecodeRuneInString(next)
	if strings.ContainsRune("-*•–#", r) {
		return true
	}
	start := strings.LastIndexByte(string(b[:i]), '\n') + 1
	return i-start < 40 && (unicode.IsUpper(r) || unicode.IsDigit(r)) && !strings.HasSuffix(strings.TrimSpace(string(b[:i])), ",")
}

// endsSentence decides about the terminal r at i, after which the text goes on at after with white space or not at all.
func endsSentence(b []byte, i int, r rune, after int) bool {
	rest := skipOpening(b[after:])
	next, _ := utf8.DecodeRuneInString(rest)
	quoted := after > i+utf8.RuneLen(r)
	switch {
	case r == '…' || i > 0 && b[i-1] == '.' && r == '.':
		return !unicode.IsLower(next)
	case r != '.':
		return !(quoted && unicode.IsLower(next)) // "Why?" he said.
	case unicode.IsLower(next) || next == ',' || next == ';':
		return false
	case after >= len(b):
		return true
	}
	return !abbreviated(b[:i], next) || mayBeStreet(b[:i]) && startsSentence[strings.ToLower(firstWord(rest))]
}

// mayBeStreet reports whether b ends in the name of a street, as in "Main St": what follows tells it from "Call Dr".
func mayBeStreet(b []byte) bool {
	words := strings.Fields(string(b[max(0, len(b)-64):]))
	k := len(words) - 1
	if k < 1 || words[k] != "St" && words[k] != "Dr" {
		return false
	}
	c := words[k-1][0]
	return 'A' <= c && c <= 'Z' || isDigit(c) && !isDigit(words[k-1][len(words[k-1])-1])
}

// firstWord returns the letters at the start of s.
func firstWord(s string) string {
	return s[:len(s)-len(strings.TrimLeftFunc(s, unicode.IsLetter))]
}

// hasWholeWord reports whether the first word after white space and opening quotes is there with what follows it.
func hasWholeWord(b []byte) bool {
	rest := skipOpening(b)
	return len(b) > 200 || len(firstWord(rest)) < len(rest)
}

// abbreviated reports whether the period after b belongs to an abbreviation that next continues.
func abbreviated(b []byte, next rune) bool {
	start := strings.LastIndexFunc(string(b), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("(\"'“‘[", r) }) + 1
	w := string(b[start:])
	lower := strings.ToLower(w)
	switch {
	case utf8.RuneCountInString(w) == 1 && w != "I" && unicode.IsUpper(rune(w[0])): // an initial: J. Smith
		return unicode.IsUpper(next)
	case beforeName[lower]:
		return true
	case beforeNumber[lower]:
		return unicode.IsDigit(next)
	case lower == "e.g" || lower == "i.e" || lower == "a.m" && unicode.IsDigit(next):
		return true
	case strings.Contains(w, ".") && len(w) <= 3: // U.S. Army, J.R. Smith: but "in the U.S. The ..."
		return unicode.IsUpper(next) && lower != "u.s" && lower != "u.k" && lower != "p.m" && lower != "a.m"
	}
	return false
}

// tooLong cuts text without an end of sentence when it has grown too long: after a clause, else at a space, else anywhere.
func tooLong(b []byte) (end int, brk bool) {
	if len(b) < maxSentence {
		return 0, false
	}
	part := string(b[:maxSentence])
	for _, marks := range []string{";:—\n", ",–)", " \t"} {
		if k := strings.LastIndexAny(part, marks); k > maxSentence/3 {
			_, n := utf8.DecodeRuneInString(part[k:])
			return k + n, false
		}
	}
	end = maxSentence
	for end > maxSentence-utf8.UTFMax && end < len(b) && !utf8.RuneStart(b[end]) {
		end--
	}
	return end, false
}

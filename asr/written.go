package asr

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// The decoder writes as people do, with capitals and marks; the lexicon's search finds plain words, in small letters. A candidate has both:
// words, which are compared and judged by the language model, and as many written ones, which the decoder judges and people read.

// marks are what may follow a written word.
const marks = ",.?!"

// plainWords returns the words of a written text in small letters without marks, and how each is written. Marks end a word; those without
// one belong to the word before, or are dropped.
func plainWords(text []string) (words, written []string) {
	for _, w := range text {
		for w != "" {
			letters := w[:len(w)-len(strings.TrimLeftFunc(w, notMark))]
			after := w[len(letters):][:len(w)-len(letters)-len(strings.TrimLeft(w[len(letters):], marks))]
			w = w[len(letters)+len(after):]
			if letters != "" {
				plain := strings.ToLower(letters)
				words, written = append(words, cmp.Or(titles[plain], plain)), append(written, letters)
			}
			if n := len(written) - 1; n >= 0 {
				written[n] += after
			}
		}
	}
	return words, written
}

// titles are written in short, with a full stop, and not said so.
var titles = map[string]string{"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint"}

func notMark(r rune) bool { return !strings.ContainsRune(marks, r) }

// writeLike returns how words are written, like being a text that mostly has the same ones: the same are written as there, and others take
// the case and marks of those whose place they take.
func writeLike(words []string, like *candidate) []string {
	if len(like.words) == 0 {
		return writeSentence(words)
	}
	var out []string
	at := 0
	for _, w := range differences(like, &candidate{words: words, units: make([][]int, len(words)), written: words}) {
		out = append(append(out, like.written[at:w.lo]...), rewrite(like.written[w.lo:w.hi], w.words)...)
		if at = w.hi; len(w.words) == 0 && len(out) > 0 { // the mark stays
			out[len(out)-1] = strings.TrimRight(out[len(out)-1], marks) + max(markOf(out[len(out)-1]), markOf(like.written[w.hi-1]))
		}
	}
	return withSentences(append(out, like.written[at:]...), like.written[0])
}

// rewrite writes words in the place of old ones.
func rewrite(old, words []string) []string {
	out := slices.Clone(words)
	for i := range out {
		if len(old) == len(words) {
			out[i] = withCase(out[i], caseOf(old[i])) + markOf(old[i])
		}
	}
	if n := len(out); n > 0 && len(old) > 0 && len(old) != n {
		out[0] = withCase(out[0], min(capital, caseOf(old[0])))
		out[n-1] += markOf(old[len(old)-1])
	}
	return out
}

// writeSentence writes words as a sentence of which nothing is known.
func writeSentence(words []string) []string {
	out := slices.Clone(words)
	if n := len(out); n > 0 {
		out[n-1] += "."
	}
	return withSentences(out, "")
}

// withSentences gives each sentence of a written text its capital, in place. The word that began the text before, and no longer does, loses it.
func withSentences(text []string, first string) []string {
	starts := true
	for i, w := range text {
		switch {
		case starts || isI(w):
			text[i] = withCase(w, max(capital, caseOf(w)))
		case w == first:
			text[i] = startless(w)
		}
		starts = endsSentence(w)
	}
	return text
}

// startless returns a written word as it is within a sentence, as far as that can be known.
func startless(w string) string {
	if caseOf(w) == capital && !isI(w) {
		return strings.ToLower(w)
	}
	return w
}

// isI reports whether a word is I, or I with an ending: I'm.
func isI(w string) bool {
	w = strings.ToLower(strings.TrimRight(w, marks))
	return w == "i" || strings.HasPrefix(w, "i'")
}

// markOf returns the marks at the end of a written word, without the full stop that belongs to it.
func markOf(w string) string {
	letters := strings.TrimRight(w, marks)
	after := w[len(letters):]
	if titles[strings.ToLower(letters)] != "" {
		return strings.TrimPrefix(after, ".")
	}
	return after
}

// endsSentence says whether a new sentence begins after a written word.
func endsSentence(word string) bool { return strings.ContainsAny(markOf(word), ".?!") }

// letterCase is the case of a word's letters.
type letterCase int

const (
	lower   letterCase = iota
	capital            // the first letter
	upper              // all letters, at least two
)

func caseOf(w string) letterCase {
	stem := strings.TrimSuffix(strings.TrimRight(w, marks), "'s")
	for i, r := range stem {
		switch {
		case !unicode.IsUpper(r):
			return lower
		case strings.ToUpper(stem) == stem && len(stem) > i+len(string(r)):
			return upper
		default:
			return capital
		}
	}
	return lower
}

// withCase returns a word in another case. What belongs to a word in capitals but is not of it stays small: NASA's.
func withCase(word string, letters letterCase) string {
	switch letters {
	case capital:
		for i, r := range word {
			return word[:i] + strings.ToUpper(string(r)) + word[i+len(string(r)):]
		}
	case upper:
		stem := strings.TrimSuffix(word, "'s")
		return strings.ToUpper(stem) + word[len(stem):]
	}
	return word
}

// write gives a final result, whose text is that of cands[0], and its alternatives capitals and marks; end says that it ends in silence.
func (s *session) write(seg *Segment, cands []candidate, end bool) {
	if s.set.Plain || len(seg.Words) == 0 || cands[0].written == nil {
		return
	}
	texts := make([][]string, 1+len(seg.Alternatives))
	for i := range texts {
		texts[i] = s.joinSentence(cands[i].written, end)
	}
	for i, w := range texts[0] {
		seg.Words[i].Text = w
	}
	seg.Text = strings.Join(texts[0], " ")
	for i := range seg.Alternatives {
		seg.Alternatives[i].Text = strings.Join(texts[i+1], " ")
	}
	s.sentence = endsSentence(seg.Text)
}

// joinSentence returns a written text that goes on with the sentence of the segment before, if that had no end, and that has no end itself
// where the sound was cut within speech.
func (s *session) joinSentence(text []string, end bool) []string {
	text = slices.Clone(text)
	if n := len(text); n > 0 && !end {
		text[n-1] = strings.TrimRight(text[n-1], marks)
	}
	if len(text) > 0 && !s.sentence {
		text[0] = startless(text[0])
	}
	return text
}

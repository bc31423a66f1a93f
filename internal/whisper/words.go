package whisper

import (
	"context"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Word is a word with its time from the start of the sound. Text begins with a space where one is before the word.
type Word struct {
	Text       string
	Start, End float64 // seconds
	Prob       float64 // mean over its tokens
}

// word is a Word that is being made: its times are those of the window at first.
type word struct {
	Word
	tokens int
}

// Punctuation that belongs to the word after it, and before it.
const (
	opening = "\"'“¿([{-"
	closing = "\"'.。,，!！?？:：”)]}、"
)

// timeWords sets the words of the segments of a window, which begins at offset seconds and has so many frames, and moves their ends to
// those of their words. lastEnd is where the speech before the window ended; the new one is returned.
func (s *session) timeWords(ctx context.Context, set *settings, segs []Segment, offset float64, frames int, lastEnd float64) (float64, error) {
	m := s.m
	var text []int
	counts := make([]int, len(segs))
	for i := range segs {
		n := len(text)
		for _, t := range segs[i].Tokens {
			if t < m.tokens.end {
				text = append(text, t)
			}
		}
		counts[i] = len(text) - n
	}
	if len(text) == 0 || frames < 2 {
		return lastEnd, nil
	}
	a, err := s.alignText(ctx, m.startTokens(set), text, frames)
	if err != nil {
		return lastEnd, err
	}
	words := m.splitWords(text, set.Language)
	at := 0
	for i := range words {
		w := &words[i]
		w.Start, w.End = a.at[at], a.at[at+w.tokens]
		for _, p := range a.probs[at : at+w.tokens] {
			w.Prob += p / float64(w.tokens)
		}
		at += w.tokens
	}
	median := shorten(words)
	attach(words)
	for i := range segs {
		var mine []word
		for n := 0; len(words) > 0 && n < counts[i]; words = words[1:] {
			n += words[0].tokens
			mine = append(mine, words[0])
		}
		lastEnd = place(&segs[i], mine, offset, median, lastEnd)
	}
	return lastEnd, nil
}

// shorten limits words at the ends of sentences, which otherwise take the pause, to twice the median duration, which it returns.
func shorten(words []word) (median float64) {
	var d []float64
	for _, w := range words {
		if w.End != w.Start {
			d = append(d, w.End-w.Start)
		}
	}
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	median = min(0.7, (d[len(d)/2]+d[(len(d)-1)/2])/2)
	for i := 1; i < len(words); i++ {
		w := &words[i]
		if w.End-w.Start <= 2*median {
			continue
		}
		if ends(w.Text) {
			w.End = w.Start + 2*median
		} else if ends(words[i-1].Text) {
			w.Start = w.End - 2*median
		}
	}
	return median
}

// ends reports whether text is a mark that ends sentences.
func ends(text string) bool { return strings.Contains(".。!！?？", text) }

// attach moves punctuation to the words that it belongs to and leaves empty words behind, whose tokens are counted with the others'.
func attach(words []word) {
	for i, j := len(words)-2, len(words)-1; i >= 0; i-- {
		w := &words[i]
		if strings.HasPrefix(w.Text, " ") && strings.Contains(opening, strings.TrimSpace(w.Text)) {
			words[j].Text = w.Text + words[j].Text
			words[j].tokens += w.tokens
			w.Text, w.tokens = "", 0
		} else {
			j = i
		}
	}
	for i, j := 0, 1; j < len(words); j++ {
		w := &words[j]
		if !strings.HasSuffix(words[i].Text, " ") && strings.Contains(closing, w.Text) {
			words[i].Text += w.Text
			words[i].tokens += w.tokens
			w.Text, w.tokens = "", 0
		} else {
			i = j
		}
	}
}

// place gives a segment its words and lets them settle its ends.
func place(seg *Segment, words []word, offset, median, lastEnd float64) float64 {
	var w []Word
	for _, x := range words {
		if x.Text != "" {
			w = append(w, Word{x.Text, hundredths(offset + x.Start), hundredths(offset + x.End), x.Prob})
		}
	}
	seg.Words = w
	if len(w) == 0 {
		return lastEnd
	}
	settleFirst(w, median, lastEnd)
	if seg.Start < w[0].End && seg.Start-0.5 > w[0].Start {
		w[0].Start = max(0, min(w[0].End-median, seg.Start))
	} else {
		seg.Start = w[0].Start
	}
	last := &w[len(w)-1]
	if seg.End > last.Start && seg.End+0.5 < last.End {
		last.End = max(last.Start+median, seg.End)
	} else {
		seg.End = last.End
	}
	return seg.End
}

// settleFirst shortens the first two words after a pause, which they otherwise take.
func settleFirst(w []Word, median, lastEnd float64) {
	longest := 2 * median
	long := w[0].End-w[0].Start > longest || len(w) > 1 && w[1].End-w[0].Start > 2*longest
	if w[0].End-lastEnd <= 4*median || !long {
		return
	}
	if len(w) > 1 && w[1].End-w[1].Start > longest {
		at := max(w[1].End/2, w[1].End-longest)
		w[0].End, w[1].Start = at, at
	}
	w[0].Start = max(0, w[0].End-longest)
}

func hundredths(x float64) float64 { return math.RoundToEven(x*100) / 100 }

// splitWords cuts text into words: at spaces and punctuation, or in languages without spaces at every character.
func (m *Model) splitWords(text []int, language string) []word {
	pieces := m.splitCharacters(text)
	if slices.Contains(unspaced, language) {
		return pieces
	}
	var words []word
	for _, p := range pieces {
		mark := strings.TrimSpace(p.Text)
		if len(words) == 0 || strings.HasPrefix(p.Text, " ") || strings.Contains("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", mark) {
			words = append(words, p)
			continue
		}
		w := &words[len(words)-1]
		w.Text += p.Text
		w.tokens += p.tokens
	}
	return words
}

// splitCharacters cuts text into the shortest runs of tokens that are whole characters. Tokens at the end that are none are left out.
func (m *Model) splitCharacters(text []int) []word {
	whole := []rune(m.decode(text))
	var out []word
	lo, at := 0, 0 // token, character
	for i := range text {
		piece := m.decode(text[lo : i+1])
		bad := strings.IndexRune(piece, utf8.RuneError)
		if bad >= 0 {
			k := at + utf8.RuneCountInString(piece[:bad])
			if k >= len(whole) || whole[k] != utf8.RuneError {
				continue
			}
		}
		out = append(out, word{Word{Text: piece}, i + 1 - lo})
		at += utf8.RuneCountInString(piece)
		lo = i + 1
	}
	return out
}

package tts

import (
	"slices"
	"strings"
	"time"
)

// piece is what is said in one go: a sentence, or a part of a long one.
type piece struct {
	text     string        // as written
	phonemes []rune        // words, spaces and punctuation
	words    []span        // in the order of phonemes
	pause    time.Duration // silence before it
}

// span is a word's place in the phonemes of a piece.
type span struct {
	text   string
	lo, hi int // phonemes[lo:hi]
	at     int // its first byte in the text of the piece
}

// longest is the most phoneme characters said in one go: some 20 s. The model was taught up to half of it, and longer
// pieces would delay the first sound.
const longest = 250

const (
	stops = ".?!…"
	marks = stops + ",;:—"

	stresses = "ˈˌ"
)

// split cuts a long piece into pieces of at most `longest` phonemes: after punctuation in the second half of a part where
// there is some, else after a word, else anywhere. Every piece but the last ends in a mark. A word, with the text
// up to the next one, belongs to the part in which it starts.
func (p piece) split() []piece {
	var out []piece
	for len(p.phonemes) > longest {
		n := cut(p.phonemes[:longest])
		first := piece{text: p.text, phonemes: p.phonemes[:n:n], pause: p.pause}
		rest := piece{phonemes: p.phonemes[n:]}
		for _, w := range p.words {
			if w.lo < n {
				first.words = append(first.words, span{w.text, w.lo, min(w.hi, n), w.at})
				continue
			}
			if len(rest.words) == 0 {
				first.text, rest.text = strings.TrimRight(p.text[:w.at], " \n"), p.text[w.at:]
			}
			rest.words = append(rest.words, span{w.text, w.lo - n, w.hi - n, w.at - (len(p.text) - len(rest.text))})
		}
		first.finish(',')
		out = append(out, first)
		p = rest
	}
	p.finish('.')
	return append(out, p)
}

// cut returns where to end the first part of phonemes.
func cut(phonemes []rune) int {
	space := 0
	for i := len(phonemes) - 1; i > 0; i-- {
		if phonemes[i] != ' ' {
			continue
		}
		if strings.ContainsRune(marks, phonemes[i-1]) && i > len(phonemes)/2 {
			return i + 1
		}
		space = max(space, i+1)
	}
	if space == 0 {
		return len(phonemes)
	}
	return space
}

// finish makes the phonemes end in a mark, as every sentence that the model was taught, without spaces around them.
func (p *piece) finish(mark rune) {
	end := len(p.phonemes)
	for end > 0 && p.phonemes[end-1] == ' ' {
		end--
	}
	p.phonemes = slices.Clip(p.phonemes[:end])
	if end > 0 && !strings.ContainsRune(marks, p.phonemes[end-1]) {
		p.phonemes = append(p.phonemes, mark)
	}
}

// audible reports whether there is anything but marks and spaces.
func (p piece) audible(a *acoustic) bool {
	return slices.ContainsFunc(p.phonemes, func(r rune) bool {
		return a.ids[r] != 0 && r != ' ' && !strings.ContainsRune(marks+stresses, r)
	})
}

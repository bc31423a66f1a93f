package tts

import (
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/parley-go/parley/text"
)

// sentences yields a piece for each sentence of a text, with its phonemes.
func (m *Model) sentences(in io.Reader, s settings) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		front, err := m.front.With(s.lexicon)
		if err != nil {
			yield(piece{}, fmt.Errorf("tts: Options.Lexicon: %w", err))
			return
		}
		var pause time.Duration
		for split := text.NewSplitter(in); ; {
			sentence, err := split.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(piece{}, err)
				return
			}
			p := spoken(sentence.Text, front.Phonemes(sentence.Text))
			p.pause = pause
			if !yield(p, nil) {
				return
			}
			pause = sentencePause
			if sentence.Break {
				pause = paragraphPause
			}
		}
	}
}

// spoken makes a piece of a sentence. Its words are those that were written: "$5" is one, though it is spoken as two.
func spoken(sentence string, u text.Utterance) piece {
	p := piece{text: sentence, phonemes: []rune(u.Phonemes)}
	end := -1
	for _, w := range u.Words {
		if n := len(p.words); n > 0 && w.Start < end {
			p.words[n-1].hi = w.To
			continue
		}
		p.words, end = append(p.words, span{sentence[w.Start:w.End], w.From, w.To, w.Start}), w.End
	}
	return p
}

package tts

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"time"
	"unicode"
)

// Silence between sentences, beside what the voice leaves after a full stop and before a first sound (some 0.4 s).
const (
	sentencePause  = 100 * time.Millisecond
	paragraphPause = 450 * time.Millisecond
)

// pieces yields what is to be said of a text, as it is read.
func (m *Model) pieces(ctx context.Context, text io.Reader, s settings) iter.Seq2[piece, error] {
	whole := m.sentences(text, s)
	if s.phonemes {
		whole = phonemeLines(text)
	}
	return func(yield func(piece, error) bool) {
		for p, err := range whole {
			if err == nil {
				err = ctx.Err()
			}
			if err == nil && s.phonemes {
				if err = m.acoustic.check(p.phonemes); err != nil {
					err = fmt.Errorf("tts: Options.Phonemes: %w", err)
				}
			}
			if err != nil {
				yield(piece{}, err)
				return
			}
			for _, part := range p.split() {
				if part.audible(m.acoustic) && !yield(part, nil) {
					return
				}
			}
		}
	}
}

// phonemeLines yields a sentence for each line of phonemes, its words what spaces part. An endless line is cut.
func phonemeLines(text io.Reader) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		in := bufio.NewReader(text)
		var line []rune
		for {
			r, _, err := in.ReadRune()
			if r == '\r' && err == nil {
				continue
			}
			if r != '\n' && unicode.IsSpace(r) {
				r = ' '
			}
			if err == nil && r != '\n' && !(r == ' ' && len(line) >= longest) && len(line) < 4*longest {
				line = append(line, r)
				continue
			}
			if len(line) > 0 && !yield(phonemePiece(line), nil) || err == io.EOF {
				return
			}
			if err != nil {
				yield(piece{}, err)
				return
			}
			line = line[:0]
			if r != '\n' && r != ' ' {
				line = append(line, r)
			}
		}
	}
}

// phonemePiece takes the words of a line from its spaces; its text is the phonemes.
func phonemePiece(line []rune) piece {
	p := piece{text: string(line), pause: sentencePause, phonemes: append([]rune(nil), line...)}
	start := 0
	for i := 0; i <= len(line); i++ {
		if i < len(line) && line[i] != ' ' {
			continue
		}
		if i > start {
			p.words = append(p.words, span{string(line[start:i]), start, i, len(string(line[:start]))})
		}
		start = i + 1
	}
	return p
}

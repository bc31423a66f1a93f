package wav2vec2

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/parley-go/parley/internal/weights"
)

// vocabulary is what the units stand for. Unit 0 is the blank, which has changed places with the unit that the files have there.
type vocabulary struct {
	pieces    []string // (V) text, "" of special ones
	delimiter int      // between words, -1: none
}

// readVocabulary reads vocab.json and, if it is there, tokenizer_config.json.
func readVocabulary(fsys fs.FS, c *Config) (vocabulary, error) {
	v := vocabulary{pieces: make([]string, c.Vocab), delimiter: -1}
	t := struct {
		Delimiter string `json:"word_delimiter_token"`
		Lower     bool   `json:"do_lower_case"`
	}{Delimiter: "|"}
	if err := weights.ReadJSON(fsys, "tokenizer_config.json", &t); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return v, err
	}
	var ids map[string]int
	if err := weights.ReadJSON(fsys, "vocab.json", &ids); err != nil {
		return v, err
	}
	for piece, id := range ids {
		if id < 0 || id >= c.Vocab {
			return v, fmt.Errorf("vocab.json: %q is %d, config.json says vocab_size is %d", piece, id, c.Vocab)
		}
		switch id = swapped(id, c.Pad); {
		case piece == t.Delimiter:
			v.delimiter = id
		case id != 0 && !special(piece):
			if t.Lower {
				piece = strings.ToLower(piece)
			}
			v.pieces[id] = piece
		}
	}
	return v, nil
}

// special reports whether a piece stands for no text.
func special(piece string) bool {
	n := len(piece)
	return n > 2 && (piece[0] == '<' && piece[n-1] == '>' || piece[0] == '[' && piece[n-1] == ']')
}

// swapped is the unit of an id, and the id of a unit: 0 and the blank change places.
func swapped(id, blank int) int {
	switch id {
	case 0:
		return blank
	case blank:
		return 0
	}
	return id
}

// A Word is a text and its units, those from Lo to Hi of a sequence.
type Word struct {
	Text   string
	Lo, Hi int
}

// Words groups units, without blanks and repetitions, into words.
func (m *Model) Words(units []int) []Word {
	var words []Word
	w := Word{}
	end := func() {
		if w.Text != "" {
			words = append(words, w)
		}
		w = Word{}
	}
	for i, u := range units {
		if u == m.vocab.delimiter {
			end()
			continue
		}
		piece := m.vocab.pieces[u]
		if piece == "" {
			continue
		}
		if w.Text == "" {
			w.Lo = i
		}
		w.Text += piece
		w.Hi = i + 1
	}
	end()
	return words
}

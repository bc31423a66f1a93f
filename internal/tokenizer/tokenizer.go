package tokenizer

// A Tokenizer is immutable and safe for concurrent use.
type Tokenizer struct {
	added     added
	normalize normalizer // or nil
	split     splitter   // or nil: the text is one word
	model     model
	decode    decoder // or nil: pieces joined by spaces
	pieces    []string
	ids       map[string]int
}

// model appends the ids of a word's pieces.
type model interface {
	encode(ids []int, word string) []int
}

// Encode returns the ids of text, without the special tokens that a post-processor would put around it. Tokens that
// stand in text verbatim, special ones too, become their ids.
func (t *Tokenizer) Encode(text string) []int {
	var ids []int
	text = lossy(text)
	t.added.split(text, func(part string, at, id int) {
		if id >= 0 {
			ids = append(ids, id)
			return
		}
		if t.normalize != nil {
			part = t.normalize(part)
		}
		words := []string{part}
		if t.split != nil {
			words = t.split(part, at == 0)
		}
		for _, w := range words {
			if w != "" {
				ids = t.model.encode(ids, w)
			}
		}
	})
	return ids
}

// Decode returns the text of ids. Special tokens, and ids beyond the vocabulary, are left out.
func (t *Tokenizer) Decode(ids []int) string {
	pieces := make([]string, 0, len(ids))
	for _, id := range ids {
		if p := t.Piece(id); p != "" && !t.added.special[id] {
			pieces = append(pieces, p)
		}
	}
	return t.join(pieces)
}

func (t *Tokenizer) join(pieces []string) string {
	if t.decode == nil {
		return joinWith(pieces, " ")
	}
	return joinWith(t.decode(pieces), "")
}

// Vocab returns the number of ids, special tokens included: every id is below it.
func (t *Tokenizer) Vocab() int { return len(t.pieces) }

// Piece returns the piece of id as the vocabulary spells it, "" if there is none.
func (t *Tokenizer) Piece(id int) string {
	if id < 0 || id >= len(t.pieces) {
		return ""
	}
	return t.pieces[id]
}

// ID returns the id of a piece as the vocabulary spells it.
func (t *Tokenizer) ID(piece string) (id int, ok bool) {
	id, ok = t.ids[piece]
	return id, ok
}

// Special reports whether id is a special token, one that stands for no text.
func (t *Tokenizer) Special(id int) bool { return t.added.special[id] }

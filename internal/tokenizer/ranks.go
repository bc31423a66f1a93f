package tokenizer

import (
	"fmt"
)

// FromRanks makes a byte-level BPE of tokens given as bytes: two neighbours whose bytes together are a token may merge, those with the
// least id first, as tiktoken has it. Empty tokens stand for nothing.
func FromRanks(tokens []string) (*Tokenizer, error) {
	t := &Tokenizer{split: splitByteLevel(false, true), decode: decodeByteLevel, pieces: make([]string, len(tokens)), ids: make(map[string]int, len(tokens))}
	raw := make(map[string]int, len(tokens))
	for id, token := range tokens {
		if token == "" {
			continue
		}
		if other, twice := raw[token]; twice {
			return nil, fmt.Errorf("tokenizer: tokens %d and %d are both %q", other, id, token)
		}
		raw[token] = id
		t.pieces[id] = spellBytes(token)
		t.ids[t.pieces[id]] = id
	}
	for b := range 256 {
		if _, ok := raw[string([]byte{byte(b)})]; !ok {
			return nil, fmt.Errorf("tokenizer: no token for byte %#02x", b)
		}
	}
	t.added = newAdded(nil)
	t.model = &bpe{vocab: t.ids, merges: ranks{tokens, raw}, unknown: -1}
	return t, nil
}

// ranks are the merges of tokens given as bytes.
type ranks struct {
	tokens []string
	ids    map[string]int
}

func (r ranks) find(left, right int) (merge, bool) {
	id, ok := r.ids[r.tokens[left]+r.tokens[right]]
	return merge{id, id}, ok
}

// Bytes returns the bytes that a piece of a byte-level vocabulary stands for, as FromRanks takes them; ok is false for other pieces.
func Bytes(piece string) (bytes string, ok bool) {
	var out []byte
	for _, r := range piece {
		b, ok := spelledByte[r]
		if !ok {
			return "", false
		}
		out = append(out, b)
	}
	return string(out), true
}

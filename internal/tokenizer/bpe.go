package tokenizer

import (
	"container/heap"
	"fmt"
	"unicode/utf8"
)

// bpe merges neighbouring pieces, the pair learned first before others (Sennrich et al. 2016, arXiv:1508.07909).
type bpe struct {
	vocab        map[string]int
	merges       merges
	unknown      int // id, or -1: unknown characters vanish
	fuseUnknown  bool
	byteFallback bool // unknown characters become pieces <0x00> to <0xFF>
	wholeWords   bool // a word in the vocabulary is not taken apart
}

type merge struct{ rank, id int }

// merges tell whether two neighbouring pieces merge, and into what.
type merges interface {
	find(left, right int) (merge, bool)
}

// pairs are merges that a file lists.
type pairs map[[2]int]merge

func (p pairs) find(left, right int) (merge, bool) {
	m, ok := p[[2]int{left, right}]
	return m, ok
}

// newMerges looks up the pairs, best first.
func newMerges(vocab map[string]int, list [][2]string) (pairs, error) {
	merges := make(pairs, len(list))
	for rank, p := range list {
		left, ok1 := vocab[p[0]]
		right, ok2 := vocab[p[1]]
		id, ok3 := vocab[p[0]+p[1]]
		if !ok1 || !ok2 || !ok3 {
			return nil, fmt.Errorf("merge %d, %q with %q: a piece is not in the vocabulary", rank, p[0], p[1])
		}
		merges[[2]int{left, right}] = merge{rank, id}
	}
	return merges, nil
}

func (m *bpe) encode(ids []int, word string) []int {
	if id, ok := m.vocab[word]; ok && m.wholeWords {
		return append(ids, id)
	}
	return m.merge(ids, m.characters(word))
}

// characters returns the ids of the word's characters.
func (m *bpe) characters(word string) []int {
	var ids []int
	unknown := false // the last id stands for unknown characters
	for len(word) > 0 {
		_, n := utf8.DecodeRuneInString(word)
		char := word[:n]
		word = word[n:]
		if id, ok := m.vocab[char]; ok {
			ids, unknown = append(ids, id), false
			continue
		}
		if bytes := bytePieces(m.vocab, char); m.byteFallback && bytes != nil {
			ids, unknown = append(ids, bytes...), false
			continue
		}
		if m.unknown >= 0 && !(unknown && m.fuseUnknown) {
			ids, unknown = append(ids, m.unknown), true
		}
	}
	return ids
}

// bytePieces returns the ids of <0x..> for each byte of s, nil if one is missing.
func bytePieces(vocab map[string]int, s string) []int {
	ids := make([]int, len(s))
	for i := range len(s) {
		id, ok := vocab[fmt.Sprintf("<0x%02X>", s[i])]
		if !ok {
			return nil
		}
		ids[i] = id
	}
	return ids
}

// merge applies all merges to symbols and appends what is left to ids.
func (m *bpe) merge(ids, symbols []int) []int {
	next, prev := make([]int, len(symbols)), make([]int, len(symbols))
	for i := range symbols {
		next[i], prev[i] = i+1, i-1
	}
	var queue candidates
	push := func(at int) {
		if at < 0 || next[at] >= len(symbols) {
			return
		}
		if found, ok := m.merges.find(symbols[at], symbols[next[at]]); ok {
			heap.Push(&queue, candidate{found, at, symbols[at], symbols[next[at]]})
		}
	}
	for i := range symbols {
		push(i)
	}
	for len(queue) > 0 {
		c := heap.Pop(&queue).(candidate)
		right := next[c.at]
		if symbols[c.at] != c.left || right >= len(symbols) || symbols[right] != c.right {
			continue // a better merge came in between
		}
		symbols[c.at], symbols[right] = c.id, gone
		next[c.at] = next[right]
		if next[c.at] < len(symbols) {
			prev[next[c.at]] = c.at
		}
		push(prev[c.at])
		push(c.at)
	}
	for i := 0; i < len(symbols); i = next[i] {
		ids = append(ids, symbols[i])
	}
	return ids
}

const gone = -1 // a symbol that was merged into the one before

// candidate is a merge that was possible when it was found.
type candidate struct {
	merge
	at, left, right int // place; the symbols there
}

// candidates is a heap: best rank first, then leftmost.
type candidates []candidate

func (c candidates) Len() int { return len(c) }

func (c candidates) Less(i, j int) bool {
	if c[i].rank != c[j].rank {
		return c[i].rank < c[j].rank
	}
	return c[i].at < c[j].at
}

func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }

func (c *candidates) Push(x any) { *c = append(*c, x.(candidate)) }

func (c *candidates) Pop() any {
	last := len(*c) - 1
	x := (*c)[last]
	*c = (*c)[:last]
	return x
}

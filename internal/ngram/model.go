package ngram

import "sort"

// A Model is a back-off 3-gram over a fixed vocabulary. It is immutable and safe for concurrent use.
//
// An n-gram w1 w2 w3 is a path in a trie: the children of word w1 are the bigrams (w1, w2) sorted by w2, the children of a bigram
// the trigrams sorted by w3. Probabilities and back-offs are natural logarithms, quantised to 256 values for each order.
type Model struct {
	words []string // (V), ascending in byte order: the word's id is its index
	n     [3]int   // n-grams of each order; n[0] == V
	prob  [3]column
	back  [2]column
	word  [2]packed // last word of bigrams and trigrams
	first [2]packed // (n[0]+1), (n[1]+1): where the children of each unigram and bigram start

	bos, eos, unk int
}

// column is a quantised array: code[i] indexes book.
type column struct {
	code []byte
	book [256]float32
}

func (c *column) at(i int) float32 { return c.book[c.code[i]] }

// A State is the context of the next word: what of the words before it the model can still use. States that predict alike are
// mostly equal, which lets a search recombine hypotheses. Values below V are unigram contexts, V+i is bigram i.
type State uint32

// Words returns the vocabulary; a word's id is its index. It must not be changed.
func (m *Model) Words() []string { return m.words }

// Size returns the number of n-grams of each order.
func (m *Model) Size() [3]int { return m.n }

// ID returns a word's id, or -1 for a word outside the vocabulary.
func (m *Model) ID(word string) int {
	i := sort.SearchStrings(m.words, word)
	if i < len(m.words) && m.words[i] == word {
		return i
	}
	return -1
}

// Start is the state before the first word of a sentence.
func (m *Model) Start() State { return State(m.bos) }

// Null is the state without any context.
func (m *Model) Null() State { return State(m.unk) }

// Unigram returns ln P(w).
func (m *Model) Unigram(w int) float32 { return m.prob[0].at(w) }

// Known returns w, or the id of the unknown word if w < 0.
func (m *Model) Known(w int) int {
	if w < 0 {
		return m.unk
	}
	return w
}

// End returns ln P(</s> | s).
func (m *Model) End(s State) float32 {
	p, _ := m.Score(s, m.eos)
	return p
}

// Score returns ln P(w | s) and the state after w. w < 0 is an unknown word.
func (m *Model) Score(s State, w int) (float32, State) {
	w = m.Known(w)
	sum, last, tri := float32(0), int(s), -1
	if last >= m.n[0] {
		bi := last - m.n[0]
		last = m.word[0].at(bi)
		if tri = m.word[1].search(m.children(1, bi), m.children(1, bi+1), w); tri < 0 {
			sum = m.back[1].at(bi)
		}
	}
	next := m.word[0].search(m.children(0, last), m.children(0, last+1), w)
	state := m.state(next, w)
	switch {
	case tri >= 0:
		return m.prob[2].at(tri), state
	case next >= 0:
		return sum + m.prob[1].at(next), state
	}
	return sum + m.back[0].at(last) + m.prob[0].at(w), state
}

// state is the state after word w that ends bigram bi (-1: none). A bigram without children predicts as its last word does.
func (m *Model) state(bi, w int) State {
	if bi < 0 || m.children(1, bi) == m.children(1, bi+1) && m.back[1].at(bi) == 0 {
		return State(w)
	}
	return State(m.n[0] + bi)
}

// children returns where the children of n-gram i start, never beyond the end: files are not trusted to be consistent.
func (m *Model) children(order, i int) int {
	return min(m.first[order].at(i), m.n[order+1])
}

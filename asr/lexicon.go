package asr

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parley-go/parley/internal/ngram"
)

// maxPhones bounds a pronunciation, maxLexicon the unpacked size of a lexicon file.
const (
	maxPhones  = 64
	maxLexicon = 64 << 20
)

// lexicon is a pronunciation dictionary over the units of the phone CTC.
type lexicon struct {
	words  []string        // (W)
	prons  []pronunciation // likeliest of a word first
	phones []uint8         // of all pronunciations, one after the other
}

type pronunciation struct {
	word   int32
	lo, hi int32 // in phones
}

func (l *lexicon) of(p pronunciation) []uint8 { return l.phones[p.lo:p.hi] }

// add appends a pronunciation of a word; those of one word come one after the other.
func (l *lexicon) add(word string, phones []uint8) {
	if n := len(l.words); n == 0 || l.words[n-1] != word {
		l.words = append(l.words, strings.Clone(word))
	}
	lo := len(l.phones)
	l.phones = append(l.phones, phones...)
	l.prons = append(l.prons, pronunciation{int32(len(l.words) - 1), int32(lo), int32(len(l.phones))})
}

// units are the phones of a pronunciation as units of the phone CTC.
func (l *lexicon) units(p pronunciation) []int {
	units := make([]int, 0, p.hi-p.lo)
	for _, u := range l.of(p) {
		units = append(units, int(u))
	}
	return units
}

// lookup returns the pronunciations of a word; none if the lexicon lacks it.
func (l *lexicon) lookup(word string) []pronunciation {
	w, found := slices.BinarySearch(l.words, word)
	if !found {
		return nil
	}
	of := func(p pronunciation, w int32) int { return cmp.Compare(p.word, w) }
	lo, _ := slices.BinarySearchFunc(l.prons, int32(w), of)
	hi, _ := slices.BinarySearchFunc(l.prons, int32(w)+1, of)
	return l.prons[lo:hi]
}

// readLexicon reads lines "word<tab>phones", a character for each phone, sorted by words. units are the characters of the phone
// CTC, unit 0 the blank.
func readLexicon(r io.Reader, units []string) (*lexicon, error) {
	unit := map[rune]uint8{}
	for i, u := range units[1:] {
		for _, c := range u {
			unit[c] = uint8(i + 1)
		}
	}
	l := &lexicon{}
	phones := make([]uint8, 0, maxPhones)
	in := bufio.NewScanner(io.LimitReader(r, maxLexicon))
	for line := 1; in.Scan(); line++ {
		word, pron, ok := strings.Cut(in.Text(), "\t")
		phones = phones[:0]
		for _, c := range pron {
			u, known := unit[c]
			ok = ok && known
			phones = append(phones, u)
		}
		if !ok || word == "" || len(phones) == 0 || len(phones) > maxPhones {
			return nil, fmt.Errorf("line %d: no word with 1 to %d phones of the model: %q", line, maxPhones, in.Text())
		}
		if n := len(l.words); n > 0 && word < l.words[n-1] {
			return nil, fmt.Errorf("line %d: %q comes after %q: the words are not sorted", line, word, l.words[n-1])
		}
		l.add(word, phones)
	}
	return l, in.Err()
}

// tree is the lexicon as a prefix tree over phones. Node 0 is the root; the children of a node are consecutive.
type tree struct {
	nodes []treeNode
	ends  []treeEnd
	words []int32 // (W) id in the language model of each word of lex, -1 if it has none
	lex   *lexicon
}

type treeNode struct {
	child, children int32   // first child, how many
	end, ends       int32   // first pronunciation that ends here, how many
	best            float32 // largest ln P(w) of the words through this node: the unigram look-ahead
	phone           uint8
}

// treeEnd is a word that ends at a node.
type treeEnd struct {
	pron int32   // index into lexicon.prons
	word int32   // id in the language model, -1 if it has none
	best float32 // ln P(w): the look-ahead of the word itself
}

// newTree builds the tree; lm may be nil.
func newTree(l *lexicon, lm *ngram.Model) *tree {
	order := make([]int32, len(l.prons))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return slices.Compare(l.of(l.prons[a]), l.of(l.prons[b])) })
	t := &tree{lex: l, words: lmWords(l, lm), nodes: make([]treeNode, 1, 3*len(order)+1)}
	t.build(0, 0, order)
	t.lookAhead(0, lm)
	return t
}

// lmWords returns each word's id in the language model, or -1.
func lmWords(l *lexicon, lm *ngram.Model) []int32 {
	ids := make([]int32, len(l.words))
	for i, w := range l.words {
		ids[i] = -1
		if lm != nil {
			ids[i] = int32(lm.ID(w))
		}
	}
	return ids
}

// build makes the subtree of node n, whose pronunciations, sorted, share their first depth phones.
func (t *tree) build(n int32, depth int, order []int32) {
	l := t.lex
	t.nodes[n].end = int32(len(t.ends))
	for len(order) > 0 && len(l.of(l.prons[order[0]])) == depth {
		p := l.prons[order[0]]
		t.ends = append(t.ends, treeEnd{pron: order[0], word: t.words[p.word]})
		t.nodes[n].ends++
		order = order[1:]
	}
	first := int32(len(t.nodes))
	var groups [][]int32
	for len(order) > 0 {
		phone := l.of(l.prons[order[0]])[depth]
		k := 1
		for k < len(order) && l.of(l.prons[order[k]])[depth] == phone {
			k++
		}
		t.nodes = append(t.nodes, treeNode{phone: phone})
		groups = append(groups, order[:k])
		order = order[k:]
	}
	t.nodes[n].child, t.nodes[n].children = first, int32(len(groups))
	for i, g := range groups {
		t.build(first+int32(i), depth+1, g)
	}
}

func (t *tree) lookAhead(n int32, lm *ngram.Model) float32 {
	node := &t.nodes[n]
	node.best = negInf
	ends := t.ends[node.end : node.end+node.ends]
	for i := range ends {
		e := &ends[i]
		if lm != nil {
			e.best = lm.Unigram(lm.Known(int(e.word)))
		}
		node.best = max(node.best, e.best)
	}
	for c := range node.children {
		node.best = max(node.best, t.lookAhead(node.child+c, lm))
	}
	return node.best
}

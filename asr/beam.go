package asr

import (
	"slices"

	"github.com/parley-go/parley/internal/ngram"
)

// beamConfig holds the settings of the lexicon beam.
type beamConfig struct {
	size      int     // hypotheses kept after a frame
	width     float32 // natural log below the best at which a hypothesis is dropped
	lmWeight  float32
	wordBonus float32 // natural log, for each word
	blank     float32 // natural log, added to ln P(blank): models that have seen little are too fond of it
	skip      float32 // frames whose ln P(blank) is above only pass blanks; above 0: none
	floor     float32 // phones with a smaller ln P are not tried in a frame
}

// lexiconBeam is a CTC beam search over the prefix tree of a lexicon with a word n-gram: token passing in which each hypothesis keeps
// the probability of its CTC paths that end in blank and of those that do not (Hannun et al. 2014, arXiv:1408.2873), the language
// model is applied at word ends, and the tree's best unigram stands for it before (look-ahead, Ortmanns et al. 1996). Of hypotheses
// at the same node, in the same language model state, only the best goes on; nbest.go remembers the others. It belongs to one stream.
type lexiconBeam struct {
	tree *tree
	lm   *ngram.Model // or nil
	beamConfig

	tokens, next []token
	byKey        hashTable // of next: by node, state and history
	scores       []float32
	history      []history
	byWords      hashTable // of history: by previous and pronunciation
	others       []other
}

// A token is a hypothesis: a place in the tree after a sequence of words. Scores include the language model and word bonuses.
type token struct {
	node          int32
	hist          int32
	state         ngram.State
	last          uint8   // phone emitted last, 0 at the start
	blank, noisy  float32 // ln of the sum over CTC paths that end in blank, and in last
	total, pruned float32 // both paths; with look-ahead
}

// history is a sequence of words: its last one and the rest.
type history struct {
	prev  int32
	pron  int32 // -1: no word
	state ngram.State
	delta float32 // what the last word added to the score
	last  uint8
	other int32 // first of the histories that lost against it, -1: none; see nbest.go
}

func newLexiconBeam(t *tree, lm *ngram.Model, c beamConfig) *lexiconBeam {
	b := &lexiconBeam{tree: t, lm: lm, beamConfig: c}
	b.reset(false)
	return b
}

// reset starts a new segment: at the start of a sentence, or, continued, somewhere in it.
func (b *lexiconBeam) reset(continued bool) {
	start := ngram.State(0)
	if b.lm != nil {
		start = b.lm.Start()
		if continued {
			start = b.lm.Null()
		}
	}
	b.history = append(b.history[:0], history{prev: -1, pron: -1, state: start, other: -1})
	b.others = b.others[:0]
	b.byWords.clear()
	b.tokens = append(b.tokens[:0], token{state: start, noisy: negInf, pruned: b.ahead(0)})
}

// ahead is the look-ahead score of a node: weighted best unigram and bonus of the word to come.
func (b *lexiconBeam) ahead(node int32) float32 {
	return b.lmWeight*b.tree.nodes[node].best + b.wordBonus
}

// step takes the next frame, logp (P) of ln P(phone).
func (b *lexiconBeam) step(logp []float32) {
	blank := logp[0] + b.blank
	if logp[0] > b.skip {
		for i := range b.tokens {
			t := &b.tokens[i]
			t.total += blank
			t.blank, t.noisy = t.total, negInf
			t.pruned += blank
		}
		return
	}
	b.next = b.next[:0]
	b.byKey.clear()
	threshold := negInf
	for i := range b.tokens {
		stay := b.tokens[i].pruned + blank
		threshold = max(threshold, stay-b.width)
	}
	for i := range b.tokens {
		b.expand(&b.tokens[i], logp, threshold)
	}
	b.prune()
}

// expand passes t on: it stays in blank or in its last phone, or goes to the nodes below.
func (b *lexiconBeam) expand(t *token, logp []float32, threshold float32) {
	n := b.put(t.node, t.hist, t.state, t.last)
	n.blank = logAdd(n.blank, t.total+logp[0]+b.blank)
	if t.last != 0 {
		n.noisy = logAdd(n.noisy, t.noisy+logp[t.last])
	}
	node := &b.tree.nodes[t.node]
	for c := node.child; c < node.child+node.children; c++ {
		child := &b.tree.nodes[c]
		p := child.phone
		if logp[p] < b.floor {
			continue
		}
		score := t.total
		if p == t.last { // only a blank between makes it a new phone
			score = t.blank
		}
		score += logp[p]
		if score+b.ahead(c) < threshold {
			continue
		}
		if child.children > 0 {
			n := b.put(c, t.hist, t.state, p)
			n.noisy = logAdd(n.noisy, score)
		}
		for _, e := range b.tree.ends[child.end : child.end+child.ends] {
			if score+b.lmWeight*e.best+b.wordBonus < threshold { // before the hash tables and the language model are asked
				continue
			}
			h := b.extend(t.hist, e, p)
			word := &b.history[h]
			if s := score + word.delta; s+b.ahead(0) >= threshold {
				n := b.put(0, h, word.state, p)
				n.noisy = logAdd(n.noisy, s)
			}
		}
	}
}

// put returns the hypothesis of the next frame, made if it is not there yet.
func (b *lexiconBeam) put(node, hist int32, state ngram.State, last uint8) *token {
	at, found := b.byKey.at(uint64(node)<<32|uint64(state), uint64(hist)<<8|uint64(last))
	if !found {
		*at = int32(len(b.next))
		b.next = append(b.next, token{node: node, hist: hist, state: state, last: last, blank: negInf, noisy: negInf})
	}
	return &b.next[*at]
}

// extend returns the history that is h and the word e.
func (b *lexiconBeam) extend(h int32, e treeEnd, last uint8) int32 {
	at, found := b.byWords.at(uint64(h), uint64(e.pron))
	if !found {
		*at = int32(len(b.history))
		prev := b.history[h].state
		delta, state := b.wordBonus, prev
		if b.lm != nil {
			var p float32
			p, state = b.lm.Score(prev, int(e.word))
			delta += b.lmWeight * p
		}
		b.history = append(b.history, history{h, e.pron, state, delta, last, -1})
	}
	return *at
}

// prune makes next the tokens: recombined, and only the best of them.
func (b *lexiconBeam) prune() {
	best := negInf
	for i := range b.next {
		t := &b.next[i]
		t.total = logAdd(t.blank, t.noisy)
		t.pruned = t.total + b.ahead(t.node)
		best = max(best, t.pruned)
	}
	b.byKey.clear()
	b.tokens, b.scores = b.tokens[:0], b.scores[:0]
	for i := range b.next {
		t := &b.next[i]
		if t.pruned < best-b.width {
			continue
		}
		at, found := b.byKey.at(uint64(t.node)<<32|uint64(t.state), uint64(t.last))
		switch {
		case !found:
			*at = int32(len(b.tokens))
			b.tokens, b.scores = append(b.tokens, *t), append(b.scores, t.pruned)
		case t.total > b.tokens[*at].total:
			b.lose(&b.tokens[*at], t)
			b.tokens[*at], b.scores[*at] = *t, t.pruned
		default:
			b.lose(t, &b.tokens[*at])
		}
	}
	if len(b.tokens) > b.size {
		limit := nthLargest(b.scores, b.size)
		b.tokens = slices.DeleteFunc(b.tokens, func(t token) bool { return t.pruned < limit })
	}
}

// best returns the history of the likeliest hypothesis so far.
func (b *lexiconBeam) best() int32 {
	best := 0
	for i := range b.tokens {
		if b.tokens[i].pruned > b.tokens[best].pruned {
			best = i
		}
	}
	return b.tokens[best].hist
}

// words appends to dst the pronunciations of a history, in order.
func (b *lexiconBeam) words(dst []int32, hist int32) []int32 {
	lo := len(dst)
	for h := hist; b.history[h].pron >= 0; h = b.history[h].prev {
		dst = append(dst, b.history[h].pron)
	}
	slices.Reverse(dst[lo:])
	return dst
}

// lmScore returns ln P of a sequence of words, given by their numbers in the language model, from the start of the segment; end adds that
// of the sentence's end.
func (b *lexiconBeam) lmScore(words []int32, end bool) float32 {
	if b.lm == nil {
		return 0
	}
	sum, p, state := float32(0), float32(0), b.history[0].state
	for _, w := range words {
		p, state = b.lm.Score(state, int(w))
		sum += p
	}
	if end {
		sum += b.lm.End(state)
	}
	return sum
}

// nthLargest returns the n-th largest of x, n >= 1, and reorders x (quickselect, Hoare 1961).
func nthLargest(x []float32, n int) float32 {
	lo, hi, k := 0, len(x)-1, n-1
	for lo < hi {
		pivot := x[(lo+hi)/2]
		i, j := lo, hi
		for i <= j {
			for x[i] > pivot {
				i++
			}
			for x[j] < pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return x[k]
		}
	}
	return x[k]
}

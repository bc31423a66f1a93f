package asr

import (
	"cmp"
	"container/heap"
	"slices"
)

// other is a history that lost against another one at recombination: what followed was the same for both, so that a result through the
// winner is also one through the loser, about as much behind as the loser then was (exact scores: lexiconSearcher). This makes the history a lattice under the word-pair approximation
// (Ney and Aubert 1994; Ortmanns, Ney and Aubert 1997).
type other struct {
	hist, next int32   // next: of the same winner, -1: none
	behind     float32 // natural log, at most 0
}

// lose records that t was recombined with the better token by.
func (b *lexiconBeam) lose(t, by *token) {
	behind := t.total - by.total
	if behind < -b.width || b.extends(t.hist, by.hist) || b.extends(by.hist, t.hist) {
		return
	}
	winner := &b.history[by.hist]
	for o := winner.other; o >= 0; o = b.others[o].next {
		if b.others[o].hist == t.hist {
			b.others[o].behind = max(b.others[o].behind, behind)
			return
		}
	}
	b.others = append(b.others, other{t.hist, winner.other, behind})
	winner.other = int32(len(b.others) - 1)
}

// extends reports whether h is history start and perhaps more words. A loop of words would not be a result.
func (b *lexiconBeam) extends(h, start int32) bool {
	for h > start { // a history is made after those it extends
		h = b.history[h].prev
	}
	return h == start
}

// A path is a result: the words of hist, then those of the tail.
type path struct {
	hist  int32
	tail  int32
	score float32 // natural log
}

// tails is a tree of the ends of results; 0 is the empty one.
type tails struct {
	of   []tail
	next map[tail]int32
}

type tail struct{ pron, rest int32 }

// prepend returns the tail that is pron and then rest.
func (t *tails) prepend(pron, rest int32) int32 {
	key := tail{pron, rest}
	at, found := t.next[key]
	if !found {
		at = int32(len(t.of))
		t.of = append(t.of, key)
		t.next[key] = at
	}
	return at
}

// paths is a heap, best score first.
type paths []path

func (p paths) Len() int           { return len(p) }
func (p paths) Less(i, j int) bool { return p[i].score > p[j].score }
func (p paths) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *paths) Push(x any)        { *p = append(*p, x.(path)) }
func (p *paths) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

// ends returns the hypotheses at the end of a word, best first; end adds the probability that the sentence ends. If the sound ended
// inside every hypothesis's word, these words are left out of the best one.
func (b *lexiconBeam) ends(end bool) paths {
	var out paths
	for _, t := range b.tokens {
		if t.node != 0 {
			continue
		}
		score := t.total
		if end && b.lm != nil {
			score += b.lmWeight * b.lm.End(t.state)
		}
		out = append(out, path{hist: t.hist, score: score})
	}
	if len(out) == 0 {
		out = paths{{hist: b.best()}}
	}
	slices.SortFunc(out, func(x, y path) int { return cmp.Compare(y.score, x.score) })
	return out
}

// maxPaths bounds the search for different texts, as many paths may have the same one.
const maxPaths = 2000

// results visits results, pronunciations and score, best first, until visit returns false or there are no more.
func (b *lexiconBeam) results(end bool, visit func(prons []int32, score float32) bool) {
	open := b.ends(end)
	tails := tails{make([]tail, 1), map[tail]int32{}}
	type place struct{ hist, tail int32 }
	seen := map[place]bool{}
	var prons []int32
	for range maxPaths {
		if len(open) == 0 {
			return
		}
		p := heap.Pop(&open).(path)
		if at := (place{p.hist, p.tail}); seen[at] {
			continue // of two histories each may have lost against the other once
		} else {
			seen[at] = true
		}
		prons = b.words(prons[:0], p.hist)
		for t := p.tail; t != 0; t = tails.of[t].rest {
			prons = append(prons, tails.of[t].pron)
		}
		if !visit(prons, p.score) {
			return
		}
		for h, t := p.hist, p.tail; ; h = b.history[h].prev {
			for o := b.history[h].other; o >= 0; o = b.others[o].next {
				heap.Push(&open, path{b.others[o].hist, t, p.score + b.others[o].behind})
			}
			if b.history[h].pron < 0 {
				break
			}
			t = tails.prepend(b.history[h].pron, t)
		}
	}
}

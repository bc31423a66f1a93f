package asr

import (
	"cmp"
	"slices"
)

// prefixBeam is a CTC prefix beam search over subwords (Hannun et al. 2014, arXiv:1408.2873): it sums over all alignments of each
// sequence of units it keeps. It belongs to one stream.
type prefixBeam struct {
	size  int
	blank float32 // natural log, added to ln P(blank)
	floor float32 // units with a smaller ln P are not tried in a frame

	prefixes     []prefix // a tree; 0 is the empty sequence
	children     hashTable
	tokens, next []prefixToken
	byPrefix     hashTable // of next
}

type prefix struct {
	parent int32
	unit   int32
}

type prefixToken struct {
	prefix              int32
	blank, noisy, total float32 // ln of the sum over paths that end in blank, in the last unit, both
}

func newPrefixBeam(size int, blank, floor float32) *prefixBeam {
	b := &prefixBeam{size: size, blank: blank, floor: floor}
	b.reset()
	return b
}

func (b *prefixBeam) reset() {
	b.prefixes = append(b.prefixes[:0], prefix{-1, 0})
	b.children.clear()
	b.tokens = append(b.tokens[:0], prefixToken{noisy: negInf})
}

// step takes the next frame, logp (V) of ln P(unit), unit 0 the blank.
func (b *prefixBeam) step(logp []float32) {
	b.next = b.next[:0]
	b.byPrefix.clear()
	for _, t := range b.tokens {
		n := b.put(t.prefix)
		n.blank = logAdd(n.blank, t.total+logp[0]+b.blank)
		last := b.prefixes[t.prefix].unit
		if last != 0 {
			n.noisy = logAdd(n.noisy, t.noisy+logp[last])
		}
		for u := 1; u < len(logp); u++ {
			if logp[u] < b.floor {
				continue
			}
			score := t.total
			if int32(u) == last { // only a blank between makes it a new unit
				score = t.blank
			}
			if score == negInf {
				continue
			}
			n := b.put(b.child(t.prefix, int32(u)))
			n.noisy = logAdd(n.noisy, score+logp[u])
		}
	}
	for i := range b.next {
		b.next[i].total = logAdd(b.next[i].blank, b.next[i].noisy)
	}
	slices.SortFunc(b.next, func(x, y prefixToken) int {
		return cmp.Compare(y.total, x.total)
	})
	b.tokens = append(b.tokens[:0], b.next[:min(b.size, len(b.next))]...)
}

func (b *prefixBeam) put(p int32) *prefixToken {
	at, found := b.byPrefix.at(uint64(p), 0)
	if !found {
		*at = int32(len(b.next))
		b.next = append(b.next, prefixToken{prefix: p, blank: negInf, noisy: negInf})
	}
	return &b.next[*at]
}

func (b *prefixBeam) child(p, unit int32) int32 {
	at, found := b.children.at(uint64(p), uint64(unit))
	if !found {
		*at = int32(len(b.prefixes))
		b.prefixes = append(b.prefixes, prefix{p, unit})
	}
	return *at
}

// units appends to dst the units of the i-th best sequence.
func (b *prefixBeam) units(dst []int, i int) []int {
	lo := len(dst)
	for p := b.tokens[i].prefix; p > 0; p = b.prefixes[p].parent {
		dst = append(dst, int(b.prefixes[p].unit))
	}
	slices.Reverse(dst[lo:])
	return dst
}

package asr

import (
	"cmp"
	"slices"
)

// The lexicon's search never misspells, the decoder knows what is likely to be said, and each errs somewhere else. mix puts together
// texts that have of each what fits best, as ROVER does with whole recognisers (Fiscus 1997), but judged as every other result is.

// mostSwaps bounds how many texts mix makes.
const mostSwaps = 12

// A swap puts words in the place of the words [lo, hi) of a text.
type swap struct {
	lo, hi  int
	words   []string
	units   [][]int
	written []string
	gain    float32 // of the score
}

// mix adds to cands, best first, the best one with words of the others: each difference alone, and all together that were for the better.
func (s *session) mix(cands []candidate, n int, end bool) []candidate {
	best := cands[0]
	swaps := swapsOf(&best, cands[1:])
	mixed := []candidate{best}
	for i := range swaps {
		mixed = append(mixed, s.apply(&best, swaps[i:i+1], end))
	}
	s.score(mixed, n)
	for i := range swaps {
		swaps[i].gain = mixed[i+1].score - best.score
	}
	if better := compatible(swaps); len(better) > 1 {
		all := []candidate{s.apply(&best, better, end)}
		s.score(all, n)
		mixed = append(mixed, all[0])
	}
	for _, c := range mixed {
		if !slices.ContainsFunc(cands, func(o candidate) bool { return slices.Equal(o.words, c.words) }) {
			cands = append(cands, c)
		}
	}
	sortCandidates(cands)
	return cands
}

// swapsOf lists where the others differ from c, each swap once, those of the better ones first.
func swapsOf(c *candidate, others []candidate) []swap {
	var out []swap
	for _, o := range others {
		for _, w := range differences(c, &o) {
			if !slices.ContainsFunc(out, func(x swap) bool { return x.lo == w.lo && x.hi == w.hi && slices.Equal(x.words, w.words) }) {
				out = append(out, w)
			}
			if len(out) == mostSwaps {
				return out
			}
		}
	}
	return out
}

// differences returns the swaps that make b of a, in order: what lies between the words of a longest common subsequence.
func differences(a, b *candidate) []swap {
	n, m := len(a.words), len(b.words)
	cost := make([][]int, n+1) // of making b.words[j:] of a.words[i:]
	for i := n; i >= 0; i-- {
		cost[i] = make([]int, m+1)
		for j := m; j >= 0; j-- {
			switch {
			case i == n:
				cost[i][j] = m - j
			case j == m:
				cost[i][j] = n - i
			case a.words[i] == b.words[j]:
				cost[i][j] = cost[i+1][j+1]
			default:
				cost[i][j] = 1 + min(cost[i+1][j], cost[i][j+1])
			}
		}
	}
	var out []swap
	i, j, lo, from := 0, 0, 0, 0
	flush := func() {
		if lo < i || from < j {
			out = append(out, swap{lo: lo, hi: i, words: b.words[from:j], units: b.units[from:j], written: b.written[from:j]})
		}
	}
	for i < n && j < m {
		switch {
		case a.words[i] == b.words[j]:
			flush()
			i, j = i+1, j+1
			lo, from = i, j
		case cost[i][j] == 1+cost[i+1][j]:
			i++
		default:
			j++
		}
	}
	i, j = n, m
	flush()
	return out
}

// compatible returns the swaps with a gain, the largest first, that do not touch one another, in the order of the text.
func compatible(swaps []swap) []swap {
	order := slices.Clone(swaps)
	slices.SortStableFunc(order, func(x, y swap) int { return cmp.Compare(y.gain, x.gain) })
	var out []swap
	for _, w := range order {
		apart := func(o swap) bool { return w.hi < o.lo || o.hi < w.lo }
		if w.gain > 0 && !slices.ContainsFunc(out, func(o swap) bool { return !apart(o) }) {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(x, y swap) int { return cmp.Compare(x.lo, y.lo) })
	return out
}

// apply returns c with the swaps, which are in order and apart.
func (s *session) apply(c *candidate, swaps []swap, end bool) candidate {
	out, at := candidate{phones: true}, 0
	for _, w := range swaps {
		out.words = append(append(out.words, c.words[at:w.lo]...), w.words...)
		out.units = append(append(out.units, c.units[at:w.lo]...), w.units...)
		out.written = append(append(out.written, c.written[at:w.lo]...), w.written...)
		at = w.hi
	}
	out.words, out.units, out.written = append(out.words, c.words[at:]...), append(out.units, c.units[at:]...), append(out.written, c.written[at:]...)
	out.lm = s.lmScore(out.words, end)
	return out
}

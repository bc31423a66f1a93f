package ngram

import (
	"math"
	"slices"
)

// Prune removes bigrams and trigrams until at most keep n-grams of all orders remain: those whose removal changes the model
// least, by relative entropy D(p || p') as in Stolcke, "Entropy-based Pruning of Backoff Language Models" (1998), and it
// computes the back-offs anew. A bigram with children stays.
//
// frequency (V) gives how often each word occurs, in any unit; nil means the unigram probabilities. In a Kneser-Ney model these count
// contexts, not occurrences, and mislead the pruning (Chelba et al. 2010).
func (a *Arpa) Prune(keep int, frequency []float64) {
	excess := len(a.Grams[0]) + len(a.Grams[1]) + len(a.Grams[2]) - keep
	if excess <= 0 {
		return
	}
	bi, tri := a.losses(1, frequency), a.losses(2, frequency)
	k := 0
	for i, g := range a.Grams[1] { // a bigram is worth as much as its best child
		for ; k < len(tri) && slices.Equal(a.Grams[2][k].Words[:2], g.Words[:2]); k++ {
			bi[i] = max(bi[i], tri[k])
		}
	}
	all := slices.Concat(bi, tri)
	slices.Sort(all)
	threshold := all[min(excess, len(all))-1]
	a.drop(1, bi, threshold)
	a.drop(2, tri, threshold)
	a.renormalise(1)
	a.renormalise(2)
}

// drop removes the n-grams of order n+1 whose loss is at most the threshold.
func (a *Arpa) drop(n int, loss []float64, threshold float64) {
	i := -1
	a.Grams[n] = slices.DeleteFunc(a.Grams[n], func(Gram) bool {
		i++
		return loss[i] <= threshold
	})
}

// losses returns for every n-gram of order n+1 what its removal alone would cost.
func (a *Arpa) losses(n int, frequency []float64) []float64 {
	out := make([]float64, len(a.Grams[n]))
	a.histories(n, func(lo, hi int, history *Gram) {
		top, low := a.mass(n, lo, hi)
		alpha := (1 - top) / (1 - low)
		ph := a.historyProb(history, n, frequency)
		for i := lo; i < hi; i++ {
			g := a.Grams[n][i]
			p, q := math.Exp(float64(g.Prob)), math.Exp(float64(a.Score(g.Words[1:n+1]...)))
			changed := (1 - top + p) / (1 - low + q)
			out[i] = -ph * (p*(math.Log(q)+math.Log(changed)-float64(g.Prob)) + (1-top)*(math.Log(changed)-math.Log(alpha)))
		}
	})
	return out
}

// renormalise sets the back-offs of the histories of order n so that probabilities add up to 1.
func (a *Arpa) renormalise(n int) {
	for i := range a.Grams[n-1] {
		a.Grams[n-1][i].Back = 0
	}
	a.histories(n, func(lo, hi int, history *Gram) {
		top, low := a.mass(n, lo, hi)
		history.Back = float32(math.Log((1 - top) / (1 - low)))
	})
}

// histories visits the runs [lo, hi) of n-grams of order n+1 that share their first n words.
func (a *Arpa) histories(n int, visit func(lo, hi int, history *Gram)) {
	list := a.Grams[n]
	for lo := 0; lo < len(list); {
		hi := lo + 1
		for hi < len(list) && slices.Equal(list[hi].Words[:n], list[lo].Words[:n]) {
			hi++
		}
		if h := a.Find(list[lo].Words[:n]...); h != nil {
			visit(lo, hi, h)
		}
		lo = hi
	}
}

// mass returns the probability of the listed n-grams after their history, and of the same words after the shorter one; both kept below 1.
func (a *Arpa) mass(n, lo, hi int) (top, low float64) {
	for _, g := range a.Grams[n][lo:hi] {
		top += math.Exp(float64(g.Prob))
		low += math.Exp(float64(a.Score(g.Words[1 : n+1]...)))
	}
	return min(top, 1-1e-6), min(low, 1-1e-6)
}

// historyProb is proportional to the probability of seeing the history: of its first word, then of the second after it. The start
// of a sentence, which the model never predicts, is as frequent as its end.
func (a *Arpa) historyProb(h *Gram, n int, frequency []float64) float64 {
	first := h.Words[0]
	if a.Words[first] == "<s>" {
		if end, ok := slices.BinarySearch(a.Words, "</s>"); ok {
			first = uint32(end)
		}
	}
	p := math.Exp(float64(a.Score(first)))
	if frequency != nil {
		p = frequency[first]
	}
	if n == 2 {
		p *= math.Exp(float64(a.Score(h.Words[0], h.Words[1])))
	}
	return p
}

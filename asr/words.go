package asr

import (
	"math"
	"slices"

	"github.com/parley-go/parley/transformer"
)

// aligner finds when each unit of a known sequence was said: the likeliest CTC path with these units (Viterbi). Its memory is reused.
type aligner struct {
	score, next []float32 // (2N+1): states blank, u1, blank, u2, ..., blank
	back        []uint8   // (T, 2N+1): how many states back the path came from
	spans       []span
}

// anySound stands among the units for a word whose units nobody knows: one or more frames of anything.
const anySound = -1

// loudest returns ln P of a unit in a frame, and for anySound that of the likeliest one. A blank counts less there, or silence around the
// word would belong to it.
func loudest(row []float32, unit int) float32 {
	if unit == anySound {
		return max(slices.Max(row[1:]), row[0]-1)
	}
	return row[unit]
}

// A span is the frames [lo, hi) of a unit and its mean ln P there.
type span struct {
	lo, hi int
	logp   float32
}

// align returns a span for each of the units; logp (T, V), unit 0 the blank. It returns nil if there are too few frames.
func (a *aligner) align(logp transformer.Mat, units []int) []span {
	n := 2*len(units) + 1
	a.score, a.next = grow(a.score, n), grow(a.next, n)
	a.back = grow(a.back, n*logp.Rows)
	for s := range a.score {
		a.score[s] = negInf
	}
	a.score[0] = 0 // before the first frame; state 1 is reached from it by one step
	for t := range logp.Rows {
		row, back := logp.Row(t), a.back[t*n:(t+1)*n]
		for s := range a.next {
			best, from := a.score[s], uint8(0)
			if s > 0 && a.score[s-1] > best {
				best, from = a.score[s-1], 1
			}
			if s > 1 && s%2 == 1 && units[s/2] != units[s/2-1] && a.score[s-2] > best {
				best, from = a.score[s-2], 2
			}
			u := 0
			if s%2 == 1 {
				u = units[s/2]
			}
			a.next[s], back[s] = best+loudest(row, u), from
		}
		a.score, a.next = a.next, a.score
	}
	s := n - 1
	if n > 1 && a.score[n-2] > a.score[n-1] {
		s = n - 2
	}
	if a.score[s] == negInf {
		return nil
	}
	a.spans = grow(a.spans, len(units))
	clear(a.spans)
	for t := logp.Rows - 1; t >= 0; t-- {
		if s%2 == 1 {
			p := &a.spans[s/2]
			if p.hi == 0 {
				p.hi = t + 1
			}
			p.lo = t
			p.logp += loudest(logp.Row(t), units[s/2])
		}
		s -= int(a.back[t*n+s])
	}
	for i := range a.spans {
		a.spans[i].logp /= float32(a.spans[i].hi - a.spans[i].lo)
	}
	return a.spans
}

// forward returns ln P(units) summed over all CTC paths: logp (T, V), with blank added to ln P(blank). Where there is anySound, that is
// the probability that units before and after it are there with something between.
func (a *aligner) forward(logp transformer.Mat, units []int, blank float32) float32 {
	n := 2*len(units) + 1
	a.score = grow(a.score, n)
	for s := range a.score {
		a.score[s] = negInf
	}
	a.score[0] = 0
	unknown := slices.Contains(units, anySound)
	for t := range logp.Rows {
		row, all := logp.Row(t), float32(0)
		if unknown { // blank or not
			all = logAdd(row[0]+blank, float32(math.Log1p(-math.Exp(float64(min(row[0], -1e-6))))))
		}
		for s := n - 1; s >= 0; s-- { // downwards, so that smaller states are still the last frame's
			sum := a.score[s]
			if s > 0 {
				sum = logAdd(sum, a.score[s-1])
			}
			if s > 1 && s%2 == 1 && units[s/2] != units[s/2-1] {
				sum = logAdd(sum, a.score[s-2])
			}
			p := row[0] + blank
			if s%2 == 1 {
				if p = all; units[s/2] != anySound {
					p = row[units[s/2]]
				}
			}
			a.score[s] = sum + p
		}
	}
	if n == 1 {
		return a.score[0]
	}
	return logAdd(a.score[n-1], a.score[n-2])
}

// confidence is the geometric mean of the units' probabilities.
func confidence(spans []span) float32 {
	sum := 0.0
	for _, s := range spans {
		sum += float64(s.logp)
	}
	return float32(math.Exp(sum / float64(max(1, len(spans)))))
}

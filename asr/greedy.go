package asr

import "github.com/parley-go/parley/transformer"

// greedy takes the likeliest unit of each CTC frame: best path decoding (Graves et al. 2006, section 3.2).
type greedy struct {
	blank float32 // natural log, added to ln P(blank)
	units []int
	last  int
	score float32 // ln P of the path
}

func (g *greedy) reset() { g.units, g.last, g.score = g.units[:0], 0, 0 }

// step takes the next frame, logp (V) of ln P(unit), unit 0 the blank.
func (g *greedy) step(logp []float32) {
	best := 1 + transformer.Argmax(logp[1:])
	if logp[0]+g.blank > logp[best] {
		best = 0
	}
	if best != 0 && best != g.last {
		g.units = append(g.units, best)
	}
	g.last = best
	g.score += logp[best]
}

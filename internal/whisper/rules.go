package whisper

import "math"

var inf = float32(math.Inf(1))

// rules say which token may come next (Radford et al. 2022, arXiv:2212.04356, section 4.5; openai/whisper, decoding.py).
type rules struct {
	t            *tokens
	suppress     []int // never
	blank        []int // not first
	timestamps   bool
	firstInitial int // latest first timestamp, in steps of 20 ms; negative: any
}

// apply sets the logits (V) of what may not follow the written tokens to -infinity.
func (r *rules) apply(logits []float32, written []int) {
	for _, id := range r.suppress {
		logits[id] = -inf
	}
	if len(written) == 0 {
		for _, id := range r.blank {
			logits[id] = -inf
		}
	}
	if r.timestamps {
		r.pairs(logits, written)
	}
}

// pairs makes timestamps come in pairs, the end of one segment and the start of the next, that never go back.
func (r *rules) pairs(logits []float32, written []int) {
	t := r.t
	logits[t.noTimestamps] = -inf
	if len(written) == 0 { // first a timestamp, and an early one
		fill(logits[:t.timestamp])
		if r.firstInitial >= 0 && t.timestamp+r.firstInitial+1 < len(logits) {
			fill(logits[t.timestamp+r.firstInitial+1:])
		}
		return
	}
	last := written[len(written)-1] >= t.timestamp
	before := len(written) < 2 || written[len(written)-2] >= t.timestamp
	switch {
	case last && before: // a segment has begun: text
		fill(logits[t.timestamp:])
	case last: // one has ended: the next begins, or the text ends
		fill(logits[:t.end])
	}
	for i := len(written) - 1; i >= 0; i-- {
		if latest := written[i]; latest >= t.timestamp {
			if !last || before { // no segment is empty
				latest++
			}
			fill(logits[t.timestamp:min(latest, len(logits))])
			break
		}
	}
}

// preferTimestamps reports whether all timestamps together are likelier than any other token, given ln P (V): then one of them comes.
func (r *rules) preferTimestamps(logp []float32) bool {
	if !r.timestamps {
		return false
	}
	text := -inf
	for _, v := range logp[:r.t.timestamp] {
		text = max(text, v)
	}
	sum := 0.0
	for _, v := range logp[r.t.timestamp:] {
		if v > -30 {
			sum += math.Exp(float64(v))
		}
	}
	return sum > math.Exp(float64(text))
}

func fill(x []float32) {
	for i := range x {
		x[i] = -inf
	}
}

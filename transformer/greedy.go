package transformer

import "context"

// Greedy makes s the state of one sequence that attends to memory (S, D), and returns the likeliest token after each, first after start,
// until end comes or there are limit of them; neither start nor end is among them. With an error come the tokens so far.
func (d *Decoder) Greedy(ctx context.Context, s *DecoderState, memory Mat, start, end, limit int) ([]int, error) {
	if err := d.RestartContext(ctx, s, 1, memory); err != nil {
		return nil, err
	}
	var tokens []int
	next := []int{start}
	for len(tokens) < limit {
		x, err := d.StepContext(ctx, s, next)
		if err != nil {
			return tokens, err
		}
		next[0] = Argmax(d.Logits(s, x).Row(0))
		if next[0] == end {
			break
		}
		tokens = append(tokens, next[0])
	}
	return tokens, nil
}

// Argmax returns the index of the largest value, the first of equals; -1 for none.
func Argmax(x []float32) int {
	best := -1
	for i, v := range x {
		if best < 0 || v > x[best] {
			best = i
		}
	}
	return best
}

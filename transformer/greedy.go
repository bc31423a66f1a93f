package transformer

import "context"

// Greedy returns the likeliest token after each, first after start, until end comes or there are limit of them; neither start nor end is
// among them. s is a state of one sequence without tokens. With an error come the tokens so far.
func (d *Decoder) Greedy(ctx context.Context, s *DecoderState, start, end, limit int) ([]int, error) {
	var tokens []int
	next := []int{start}
	for len(tokens) < limit {
		if err := ctx.Err(); err != nil {
			return tokens, err
		}
		next[0] = Argmax(d.Logits(s, d.Step(s, next)).Row(0))
		if next[0] == end {
			break
		}
		tokens = append(tokens, next[0])
	}
	return tokens, nil
}

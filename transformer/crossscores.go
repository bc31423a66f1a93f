package transformer

import (
	"context"

	"github.com/parley-go/parley/internal/kernel"
)

// CrossScores collects what some heads of cross attention look at: the scores of Watch's tokens, before the softmax.
type CrossScores struct {
	Heads  []CrossHead
	Scores []Mat // one for each of Heads: (tokens, S)

	space []buffer
}

// CrossHead is a head of a layer.
type CrossHead struct{ Layer, Head int }

// Watch is FeedContext for a state of one sequence; it fills c.Scores, which last until the next Watch with c.
func (d *Decoder) Watch(ctx context.Context, s *DecoderState, c *CrossScores, tokens []int) (Mat, error) {
	c.Scores, c.space = resize(c.Scores, len(c.Heads)), resize(c.space, len(c.Heads))
	s.work.watched = c
	defer func() { s.work.watched = nil }()
	return d.FeedContext(ctx, s, tokens)
}

func resize[T any](x []T, n int) []T {
	if n > cap(x) {
		return append(x[:cap(x)], make([]T, n-cap(x))...)
	}
	return x[:n]
}

// take keeps the scores of queries q (T, I) against the keys of a layer.
func (c *CrossScores) take(a *Attention, layer int, q Mat, kv *kernel.KV) {
	for i, h := range c.Heads {
		if h.Layer != layer {
			continue
		}
		m := c.space[i].mat(q.Rows, kv.Len())
		kv.Scores(m.Data, m.Cols, q.Data[h.Head*a.HeadDim:], q.Cols, q.Rows, h.Head/(a.Heads/a.KVHeads), a.Scale)
		c.Scores[i] = m
	}
}

package whisper

import (
	"context"
	"math"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/transformer"
)

// aligner finds when each token of a text was said, from what the cross attention looks at while the decoder is fed the text: dynamic
// time warping over the averaged, filtered attention of the alignment heads (openai/whisper, timing.py).
type aligner struct {
	watch  transformer.CrossScores
	matrix transformer.Mat // (tokens, F): mean attention of the heads, normalised
	column []float64       // (F) sums, scratch
	square []float64
	cost   []float32 // (tokens+1, F+1)
	trace  []uint8   // like cost
}

// The steps of a path.
const (
	diagonal uint8 = iota
	nextToken
	nextFrame
)

// alignment is when each token of a text begins, in seconds of the window, with the end of the text last, and how likely each token was.
type alignment struct {
	at    []float64 // (len(text)+1)
	probs []float64 // (len(text))
}

// alignText aligns text, tokens of words only, with the first frames of the window that s.search listens to. start is the prompt before
// a text: start of transcript, language, task.
func (s *session) alignText(ctx context.Context, start, text []int, frames int) (alignment, error) {
	m, a := s.m, &s.align
	tokens := append(append(append([]int{}, start...), m.tokens.noTimestamps), append(append([]int{}, text...), m.tokens.end)...)
	state := s.search.state
	state.Clear(1)
	a.watch.Heads = m.heads
	states, err := m.decoder.Watch(ctx, state, &a.watch, tokens)
	if err != nil {
		return alignment{}, err
	}
	out := alignment{probs: s.textProbs(states.Slice(len(start), len(start)+len(text)), text)}
	a.average(min(frames/2, m.config.AudioContext))
	rows := a.matrix.Slice(len(start), a.matrix.Rows-1)
	out.at = a.warp(rows)
	return out, nil
}

// textProbs returns the probability of each token of text among words, given the states (n, D) before them.
func (s *session) textProbs(states transformer.Mat, text []int) []float64 {
	const block = 16
	probs := make([]float64, len(text))
	for lo := 0; lo < len(text); lo += block {
		hi := min(lo+block, len(text))
		logits := s.m.decoder.Logits(s.search.state, states.Slice(lo, hi))
		for i := range logits.Rows {
			row := logits.Row(i)[:s.m.tokens.end]
			kernel.Softmax(row)
			probs[lo+i] = float64(row[text[lo+i]])
		}
	}
	return probs
}

// average makes the matrix of the watched scores: each head's softmax over the first frames states of the sound, normalised over the
// tokens, median filtered over time, averaged over heads.
func (a *aligner) average(frames int) {
	rows := a.watch.Scores[0].Rows
	a.matrix = zeroed(a.matrix, rows, frames)
	a.column, a.square = zeros(a.column, frames), zeros(a.square, frames)
	for _, scores := range a.watch.Scores {
		clear(a.column)
		clear(a.square)
		for i := range rows {
			row := scores.Row(i)[:frames]
			kernel.Softmax(row)
			for j, v := range row {
				a.column[j] += float64(v)
			}
		}
		for i := range rows {
			for j, v := range scores.Row(i)[:frames] {
				d := float64(v) - a.column[j]/float64(rows)
				a.square[j] += d * d
			}
		}
		for i := range rows {
			row := scores.Row(i)[:frames]
			for j, v := range row {
				row[j] = float32((float64(v) - a.column[j]/float64(rows)) / math.Sqrt(a.square[j]/float64(rows)))
			}
			addMedian(a.matrix.Row(i), row, 1/float32(len(a.watch.Scores)))
		}
	}
}

// medianWidth is that of the filter over time.
const medianWidth = 7

// addMedian adds to dst the running median of x, mirrored at its ends, times scale. A short x is not filtered.
func addMedian(dst, x []float32, scale float32) {
	const half = medianWidth / 2
	if len(x) <= half {
		kernel.Axpy(dst, scale, x)
		return
	}
	var window [medianWidth]float32 // sorted
	at := func(i int) float32 {
		if i < 0 {
			i = -i
		}
		if i >= len(x) {
			i = 2*(len(x)-1) - i
		}
		return x[i]
	}
	for i := range window {
		insert(window[:i+1], at(i-half))
	}
	for i := range x {
		dst[i] += scale * window[half]
		if i+1 < len(x) {
			replace(window[:], at(i-half), at(i+half+1))
		}
	}
}

// insert puts v into w, sorted but for its last value, which is free.
func insert(w []float32, v float32) {
	i := len(w) - 1
	for ; i > 0 && w[i-1] > v; i-- {
		w[i] = w[i-1]
	}
	w[i] = v
}

// replace takes old out of the sorted w and puts v in.
func replace(w []float32, old, v float32) {
	i := 0
	for i < len(w)-1 && w[i] != old {
		i++
	}
	copy(w[i:], w[i+1:])
	insert(w, v)
}

// warp returns the frame, in seconds, at which the best monotonic path through x (tokens, F) first reaches each token.
func (a *aligner) warp(x transformer.Mat) []float64 {
	n, f := x.Rows, x.Cols
	w := f + 1
	a.cost, a.trace = zeros(a.cost, (n+1)*w), zeros(a.trace, (n+1)*w)
	for i := range a.cost {
		a.cost[i] = inf
	}
	a.cost[0] = 0
	for i := 1; i <= n; i++ {
		row, above := a.cost[i*w:(i+1)*w], a.cost[(i-1)*w:i*w]
		for j := 1; j <= f; j++ {
			c, step := row[j-1], nextFrame
			if both, token := above[j-1], above[j]; both < token && both < c {
				c, step = both, diagonal
			} else if token < both && token < c {
				c, step = token, nextToken
			}
			row[j] = float32(float64(c) - float64(x.Row(i - 1)[j-1]))
			a.trace[i*w+j] = step
		}
	}
	return a.backtrace(n, f)
}

// backtrace follows the path from its end.
func (a *aligner) backtrace(n, f int) []float64 {
	at := make([]float64, n)
	for i, j := n, f; i > 0 || j > 0; {
		if i > 0 {
			at[i-1] = float64(max(j-1, 0)) / stateRate // the earliest frame wins: it is met last
		}
		step := a.trace[i*(f+1)+j]
		switch {
		case i == 0:
			step = nextFrame
		case j == 0:
			step = nextToken
		}
		if step != nextFrame {
			i--
		}
		if step != nextToken {
			j--
		}
	}
	return at
}

// zeros returns a slice of n zeros in the space of x.
func zeros[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	x = x[:n]
	clear(x)
	return x
}

func zeroed(m transformer.Mat, rows, cols int) transformer.Mat {
	return transformer.MatOf(zeros(m.Data, rows*cols), rows, cols)
}

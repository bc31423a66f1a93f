package transformer

import "math"

// Mask says which rows of a sequence each row may attend to. Time is cut into chunks; a row sees its own chunk whole
// and some rows before that chunk. The zero Mask sees everything.
type Mask struct {
	Chunk int // rows of a chunk; 0: the whole sequence is one, so every row sees every row; 1: causal
	Left  int // rows seen before the chunk's first; negative: all
}

// Causal lets a row see itself and every row before it.
var Causal = Mask{Chunk: 1, Left: -1}

// span returns the rows [lo, hi) that row i sees.
func (m Mask) span(i int) (lo, hi int) {
	if m.Chunk <= 0 {
		return 0, math.MaxInt
	}
	start := i - i%m.Chunk
	if m.Left >= 0 {
		lo = max(0, start-m.Left)
	}
	return lo, start + m.Chunk
}

// block returns how many rows are worth attending together: whole chunks, enough for the kernels, few enough to keep
// the scores in cache.
func (m Mask) block() int {
	const few, many = 32, 64
	switch {
	case m.Chunk <= 0:
		return many
	case m.Chunk >= few:
		return m.Chunk
	}
	return (few + m.Chunk - 1) / m.Chunk * m.Chunk
}

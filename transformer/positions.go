package transformer

import (
	"fmt"
	"math"
)

// Positions names how a stack learns the order of its rows.
type Positions string

// The kinds of positions.
const (
	NoPositions       Positions = ""
	Sinusoidal        Positions = "sinusoidal"         // added to the input; sin and cos alternate (Vaswani et al. 2017, section 3.5)
	SinusoidalHalves  Positions = "sinusoidal_halves"  // added; all sines, then all cosines (tensor2tensor, Whisper)
	Learned           Positions = "learned"            // added; a table
	RotaryHalves      Positions = "rotary"             // queries and keys turn; pairs (i, i + HeadDim/2) (GPT-NeoX, Llama in transformers)
	RotaryInterleaved Positions = "rotary_interleaved" // queries and keys turn; pairs (2i, 2i + 1) (Su et al. 2021, arXiv:2104.09864)
	RelativeBuckets   Positions = "relative_buckets"   // added to the scores by distance (Raffel et al. 2020, arXiv:1910.10683)
)

// absolute adds position vectors to rows.
type absolute struct {
	table  Mat // (rows, D): learned, or nothing
	freq   []float64
	half   bool
	period int // 0: none
}

// loadAbsolute returns nil if c has no absolute positions.
func loadAbsolute(f Loader, c Config) (*absolute, error) {
	switch c.Positions {
	case Learned:
		data, err := f.Float32(param(c.Names.Positions, "weight"), c.MaxPositions, c.D)
		if err != nil {
			return nil, err
		}
		return &absolute{table: MatOf(data, c.MaxPositions, c.D)}, nil
	case Sinusoidal:
		return &absolute{freq: frequencies(c.D, c.D, 10000), period: c.Period}, nil
	case SinusoidalHalves: // the last frequency is exactly 1/10000
		return &absolute{freq: frequencies(c.D, c.D-2, 10000), half: true, period: c.Period}, nil
	}
	return nil, nil
}

// frequencies returns base^(-2i/over) for i in 0..d/2, radians a position.
func frequencies(d, over int, base float64) []float64 {
	f := make([]float64, d/2)
	for i := range f {
		f[i] = math.Pow(base, -2*float64(i)/float64(max(over, 1)))
	}
	return f
}

// add adds the vector of positions[i] to row i of x (T, D). A position beyond a learned table panics.
func (a *absolute) add(x Mat, positions []int) {
	for i, p := range positions {
		row := x.Row(i)
		if a.freq == nil {
			if p >= a.table.Rows {
				panic(fmt.Sprintf("transformer: position %d of a table of %d", p, a.table.Rows))
			}
			for j, v := range a.table.Row(p) {
				row[j] += v
			}
			continue
		}
		if a.period > 0 {
			p %= a.period
		}
		for j, f := range a.freq {
			sin, cos := math.Sincos(float64(p) * f)
			at, next := 2*j, 2*j+1
			if a.half {
				at, next = j, len(a.freq)+j
			}
			row[at] += float32(sin)
			row[next] += float32(cos)
		}
	}
}

// Rotary turns pairs of query and key features by an angle in proportion to their position, so that scores depend on
// distances only (Su et al. 2021, arXiv:2104.09864). Features of a head beyond the first 2*len(freq) stay.
type Rotary struct {
	headDim     int
	interleaved bool
	freq        []float64 // radians a position, one for each pair
}

// NewRotary returns rotary positions over dim features (even) of each head of headDim, of frequencies base^(-2i/dim).
func NewRotary(headDim, dim int, base float64, interleaved bool) *Rotary {
	if dim%2 != 0 || dim > headDim || dim < 0 {
		panic(fmt.Sprintf("transformer: NewRotary: %d of %d features", dim, headDim))
	}
	return &Rotary{headDim, interleaved, frequencies(dim, dim, base)}
}

// angles holds cosines and sines for the rows of one call; all layers share it.
type angles struct{ cos, sin Mat } // (T, pairs) each

func (r *Rotary) fill(a *angles, positions []int) {
	c, s := buffer(a.cos.Data), buffer(a.sin.Data)
	a.cos, a.sin = c.mat(len(positions), len(r.freq)), s.mat(len(positions), len(r.freq))
	for i, p := range positions {
		cos, sin := a.cos.Row(i), a.sin.Row(i)
		for j, f := range r.freq {
			s, c := math.Sincos(float64(p) * f)
			cos[j], sin[j] = float32(c), float32(s)
		}
	}
}

// rotate turns the first heads of each row of x (T, >= heads*headDim).
func (r *Rotary) rotate(x Mat, heads int, a *angles) {
	for i := range x.Rows {
		row, cos, sin := x.Row(i), a.cos.Row(i), a.sin.Row(i)
		for h := range heads {
			head := row[h*r.headDim : (h+1)*r.headDim]
			if r.interleaved {
				turnPairs(head, cos, sin)
			} else {
				turnHalves(head, cos, sin)
			}
		}
	}
}

func turnHalves(x, cos, sin []float32) {
	n := len(cos)
	x, y := x[:n], x[n:2*n]
	sin = sin[:n]
	for i, c := range cos {
		a, b, s := x[i], y[i], sin[i]
		x[i], y[i] = a*c-b*s, b*c+a*s
	}
}

func turnPairs(x, cos, sin []float32) {
	for i, c := range cos {
		a, b, s := x[2*i], x[2*i+1], sin[i]
		x[2*i], x[2*i+1] = a*c-b*s, b*c+a*s
	}
}

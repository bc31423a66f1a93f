package transformer

import (
	"fmt"

	"github.com/parley-go/parley/internal/kernel"
)

// ConvConfig is the shape of a Conv1d. Zero Stride, Dilation and pads mean 1, 1 and none.
type ConvConfig struct {
	In, Out, Kernel  int
	Stride, Dilation int
	PadLeft          int // zero rows before the sequence
	PadRight         int // zero rows after it
	Act              Act // of the result
	NoBias           bool
	Threads          int // of one call, 0 for all; what a Loader reads takes its number
}

// Conv1d is a dense convolution over time, as a product of windows: (T', Kernel*In) by (Kernel*In, Out).
type Conv1d struct {
	ConvConfig
	linear *Linear // (Out, Kernel*In), taps before columns
}

// NewConv1d takes w (Out, In, Kernel), as PyTorch stores Conv1d.weight, and b (Out) or nil.
func NewConv1d(w, b []float32, c ConvConfig) *Conv1d {
	c.check()
	if len(w) != c.Out*c.In*c.Kernel {
		panic(fmt.Sprintf("transformer: NewConv1d: %d weights for %+v", len(w), c))
	}
	taps := make([]float32, len(w)) // (Out, Kernel, In)
	for o, n := 0, c.In*c.Kernel; o < len(w); o += n {
		c.tapsFirst(taps[o:o+n], w[o:o+n])
	}
	return &Conv1d{c, NewLinearWithin(c.Threads, taps, b, c.Out, c.Kernel*c.In)}
}

// LoadConv1d reads name+".weight" (Out, In, Kernel) and name+".bias" (Out).
func LoadConv1d(f Loader, name string, c ConvConfig) (*Conv1d, error) {
	c.check()
	w, err := f.Rows(param(name, "weight"), c.Out, c.In, c.Kernel)
	if err != nil {
		return nil, err
	}
	b, err := loadBias(f, name, c.Out, !c.NoBias)
	if err != nil {
		return nil, err
	}
	packed := f.Pack(c.Out, c.Kernel*c.In, func(dst []float32, i int) {
		row := make([]float32, len(dst))
		w(row, i)
		c.tapsFirst(dst, row)
	})
	return &Conv1d{c, newLinear(packed, b)}, nil
}

// check fills in defaults and panics if a size makes no sense.
func (c *ConvConfig) check() {
	setDefault(&c.Stride, 1)
	setDefault(&c.Dilation, 1)
	if c.Stride < 1 || c.Dilation < 1 || c.Kernel < 1 || c.PadLeft < 0 || c.PadRight < 0 {
		panic(fmt.Sprintf("transformer: impossible convolution %+v", *c))
	}
}

// tapsFirst turns the weights of one result, w (In, Kernel), into dst (Kernel, In).
func (c *ConvConfig) tapsFirst(dst, w []float32) {
	for i := range c.In {
		for k := range c.Kernel {
			dst[k*c.In+i] = w[i*c.Kernel+k]
		}
	}
}

// shape is c as the kernels see it.
func (c *ConvConfig) shape() kernel.Conv {
	return kernel.Conv{In: c.In, Taps: c.Kernel, Stride: c.Stride, Dilation: c.Dilation}
}

// Rows returns how many rows Forward makes of t.
func (c *Conv1d) Rows(t int) int { return c.results(t + c.PadLeft + c.PadRight) }

// results returns how many results n rows, padding included, complete.
func (c *Conv1d) results(n int) int {
	reach := c.shape().Reach()
	if n < reach {
		return 0
	}
	return (n-reach)/c.Stride + 1
}

// Conv1dState is one stream's place in a Conv1d. It belongs to one goroutine at a time.
type Conv1dState struct {
	rows   buffer // (n, In): rows that results to come still need
	n      int
	skip   int // rows to come that no result needs
	begun  bool
	result buffer
}

// Reset makes s the start of a new stream.
func (s *Conv1dState) Reset() { s.n, s.skip, s.begun = 0, 0, false }

// Forward convolves a whole sequence x (T, In) into a new (Rows(T), Out).
func (c *Conv1d) Forward(x Mat) Mat {
	checkCols("Conv1d", x, c.In)
	padded := x
	if c.PadLeft+c.PadRight > 0 {
		padded = NewMat(c.PadLeft+x.Rows+c.PadRight, c.In)
		copy(padded.Data[c.PadLeft*c.In:], x.Data)
	}
	y := NewMat(c.Rows(x.Rows), c.Out)
	c.apply(y, padded.Data)
	return y
}

// apply computes the results y (T, Out) for the rows of x (.., In).
func (c *Conv1d) apply(y Mat, x []float32) {
	kernel.Conv1d(y.Data, y.Cols, x, y.Rows, c.linear.weight, c.shape(), kernel.Epilogue{Bias: c.linear.bias, Act: c.Act})
}

// Step takes the next rows x (T, In) of a stream and returns the results (T', Out) that they complete; T' may be 0.
// These belong to s and last until its next call.
func (c *Conv1d) Step(s *Conv1dState, x Mat) Mat {
	checkCols("Conv1d", x, c.In)
	if !s.begun {
		s.begun = true
		clear(s.extend(c.PadLeft, c.In))
	}
	drop := min(s.skip, x.Rows)
	s.skip -= drop
	copy(s.extend(x.Rows-drop, c.In), x.Data[drop*c.In:])
	return c.complete(s)
}

// Flush ends the stream and returns its last results, those that see padding on the right. s is then a new stream.
func (c *Conv1d) Flush(s *Conv1dState) Mat {
	drop := min(s.skip, c.PadRight)
	if !s.begun {
		clear(s.extend(c.PadLeft, c.In))
	}
	clear(s.extend(c.PadRight-drop, c.In))
	y := c.complete(s)
	s.Reset()
	return y
}

// extend appends rows of cols columns to s.rows and returns them.
func (s *Conv1dState) extend(rows, cols int) []float32 {
	old := s.rows[:s.n*cols]
	s.n += rows
	if need := s.n * cols; cap(old) < need {
		s.rows = append(make(buffer, 0, 2*need), old...)
	}
	s.rows = s.rows[:s.n*cols]
	return s.rows[len(old):]
}

// complete computes the results whose rows are all there and forgets the rows that only they needed.
func (c *Conv1d) complete(s *Conv1dState) Mat {
	t := c.results(s.n)
	y := s.result.mat(t, c.Out)
	c.apply(y, s.rows)
	drop := min(t*c.Stride, s.n)
	s.skip += t*c.Stride - drop
	copy(s.rows, s.rows[drop*c.In:])
	s.n -= drop
	s.rows = s.rows[:s.n*c.In]
	return y
}

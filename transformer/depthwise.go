package transformer

import (
	"fmt"

	"github.com/parley-go/parley/internal/kernel"
)

// DepthwiseConv1d convolves every column of a sequence with its own filter of K taps. A row sees K-1-Right rows before
// it and Right rows after it; rows outside the sequence are zeros. Right 0 is causal.
type DepthwiseConv1d struct {
	C, K, Right int
	weight      []float32 // (K, C)
	bias        []float32 // (C), or nil
	threads     int       // of one call, 0 for all
}

// NewDepthwiseConv1d takes w (C, 1, K), as PyTorch stores Conv1d.weight with groups = C, and bias (C) or nil.
func NewDepthwiseConv1d(w, bias []float32, c, k, right int) *DepthwiseConv1d {
	if len(w) != c*k || right < 0 || right >= k || bias != nil && len(bias) != c {
		panic(fmt.Sprintf("transformer: NewDepthwiseConv1d: %d weights, %d biases for c=%d k=%d right=%d", len(w), len(bias), c, k, right))
	}
	taps := make([]float32, len(w))
	for i := range c {
		for j := range k {
			taps[j*c+i] = w[i*k+j]
		}
	}
	return &DepthwiseConv1d{C: c, K: k, Right: right, weight: taps, bias: bias}
}

// LoadDepthwiseConv1d reads name+".weight" (c, 1, k) and, with bias, name+".bias" (c).
func LoadDepthwiseConv1d(f Loader, name string, c, k, right int, bias bool) (*DepthwiseConv1d, error) {
	w, err := f.Float32(param(name, "weight"), c, 1, k)
	if err != nil {
		return nil, err
	}
	var b []float32
	if bias {
		if b, err = f.Float32(param(name, "bias"), c); err != nil {
			return nil, err
		}
	}
	d := NewDepthwiseConv1d(w, b, c, k, right)
	d.threads = f.Threads()
	return d, nil
}

// DepthwiseState holds the last rows of a stream. The zero value is the start of one.
type DepthwiseState struct {
	rows buffer // (K-1+T, C): what came before, then the new rows
	warm bool   // the first K-1 rows are the stream's, not yet to be zeroed
}

// Reset starts a new stream.
func (s *DepthwiseState) Reset() { s.warm = false }

// Forward computes dst (T, C) from a whole sequence x (T, C).
func (d *DepthwiseConv1d) Forward(s *DepthwiseState, dst, x Mat) {
	left := d.K - 1 - d.Right
	rows := s.rows.mat(x.Rows+d.K-1, d.C)
	clear(rows.Slice(0, left).Data)
	copy(rows.Slice(left, left+x.Rows).Data, x.Data)
	clear(rows.Slice(left+x.Rows, rows.Rows).Data)
	d.run(dst, rows)
	s.warm = false
}

// Step computes dst (T, C) from the next rows x (T, C) of a stream. It panics unless d is causal.
func (d *DepthwiseConv1d) Step(s *DepthwiseState, dst, x Mat) {
	if d.Right != 0 {
		panic("transformer: DepthwiseConv1d.Step: the convolution looks ahead")
	}
	checkCols("DepthwiseConv1d", x, d.C)
	past := (d.K - 1) * d.C
	need := past + len(x.Data)
	if len(s.rows) < need { // grow, keeping the past
		s.rows = append(s.rows, make(buffer, 2*need-len(s.rows))...)
	}
	rows := MatOf(s.rows[:need:need], x.Rows+d.K-1, d.C)
	if !s.warm {
		clear(rows.Data[:past])
		s.warm = true
	}
	copy(rows.Data[past:], x.Data)
	d.run(dst, rows)
	copy(rows.Data, rows.Data[len(x.Data):])
}

func (d *DepthwiseConv1d) run(dst, rows Mat) {
	kernel.DepthwiseConv1d(d.threads, dst.Data, rows.Data, dst.Rows, d.C, d.weight, d.K, d.bias)
}

// ConvModule is the convolution of a block: Pointwise act(Depthwise x).
type ConvModule struct {
	Depthwise *DepthwiseConv1d
	Act       Act
	Pointwise *Linear // (D, D)
}

// loadConvModule returns nil if c has no convolution.
func loadConvModule(f Loader, c Config) (*ConvModule, error) {
	if c.ConvKernel == 0 {
		return nil, nil
	}
	right := 0
	if c.ConvCentred {
		right = c.ConvKernel / 2
	}
	m := &ConvModule{Act: SiLU}
	return m, loadAll(
		func() (err error) {
			m.Depthwise, err = LoadDepthwiseConv1d(f, c.Names.Depthwise, c.D, c.ConvKernel, right, !c.NoBias)
			return
		},
		func() (err error) { m.Pointwise, err = LoadLinear(f, c.Names.Pointwise, c.D, c.D, !c.NoBias); return },
	)
}

// add adds the result for in (T, D), a whole sequence or a stream's next rows, to x (T, D).
func (m *ConvModule) add(w *workspace, s *DepthwiseState, x, in Mat, whole bool) {
	y := w.hidden.mat(in.Rows, in.Cols)
	if whole {
		m.Depthwise.Forward(s, y, in)
	} else {
		m.Depthwise.Step(s, y, in)
	}
	kernel.Activate(m.Act, y.Data)
	m.Pointwise.ForwardAdd(x, y)
}

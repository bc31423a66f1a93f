package transformer

import (
	"fmt"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
)

// Linear is y = x Wᵀ + b.
type Linear struct {
	Out, In int
	weight  *kernel.Packed // (Out, In)
	bias    []float32      // (Out), or nil
}

// NewLinear packs w (out, in), as PyTorch stores Linear.weight, in float32, and b (out) or nil. It keeps b but not w.
func NewLinear(w, b []float32, out, in int) *Linear { return NewLinearWithin(0, w, b, out, in) }

// NewLinearWithin is NewLinear for products on at most so many threads, 0 for all.
func NewLinearWithin(threads int, w, b []float32, out, in int) *Linear {
	if len(w) != out*in {
		panic(fmt.Sprintf("transformer: NewLinear: %d weights for (%d, %d)", len(w), out, in))
	}
	row := func(dst []float32, i int) { copy(dst, w[i*in:(i+1)*in]) }
	return newLinear(kernel.PackRowsWithin(threads, kernel.F32, out, in, row), b)
}

func newLinear(w *kernel.Packed, b []float32) *Linear {
	if b != nil && len(b) != w.N() {
		panic(fmt.Sprintf("transformer: Linear: %d biases for %d outputs", len(b), w.N()))
	}
	return &Linear{w.N(), w.K(), w, b}
}

// LoadLinear reads name+".weight" (out, in) and, with bias, name+".bias" (out).
func LoadLinear(f Loader, name string, out, in int, bias bool) (*Linear, error) {
	return loadScaled(f, name, out, in, bias, 1)
}

// loadScaled is LoadLinear with the weights, but not the bias, multiplied by scale.
func loadScaled(f Loader, name string, out, in int, bias bool, scale float32) (*Linear, error) {
	w, err := packScaled(f, param(name, "weight"), out, in, scale)
	if err != nil {
		return nil, err
	}
	b, err := loadBias(f, name, out, bias)
	if err != nil {
		return nil, err
	}
	return newLinear(w, b), nil
}

// packScaled packs scale times a tensor (out, in).
func packScaled(f Loader, name string, out, in int, scale float32) (*kernel.Packed, error) {
	if scale == 1 {
		return f.Matrix(name, out, in)
	}
	w, err := f.Rows(name, out, in)
	if err != nil {
		return nil, err
	}
	return f.Pack(out, in, func(dst []float32, i int) {
		w(dst, i)
		kernel.Scale(dst, scale)
	}), nil
}

// Forward computes dst (T, Out) from x (T, In).
func (l *Linear) Forward(dst, x Mat) { l.apply(dst, x, kernel.Epilogue{Bias: l.bias}) }

// ForwardAct computes dst (T, Out) = act(x Wᵀ + b).
func (l *Linear) ForwardAct(dst, x Mat, act Act) {
	l.apply(dst, x, kernel.Epilogue{Bias: l.bias, Act: act})
}

// ForwardAdd computes dst (T, Out) += x Wᵀ + b.
func (l *Linear) ForwardAdd(dst, x Mat) {
	l.apply(dst, x, kernel.Epilogue{Bias: l.bias, Residual: dst.Data})
}

func (l *Linear) apply(dst, x Mat, ep kernel.Epilogue) {
	if x.Cols != l.In || dst.Cols != l.Out || dst.Rows != x.Rows {
		panic(fmt.Sprintf("transformer: Linear (%d, %d): x (%d, %d), dst (%d, %d)", l.Out, l.In, x.Rows, x.Cols, dst.Rows, dst.Cols))
	}
	kernel.Gemm(dst.Data, dst.Cols, x.Data, x.Cols, x.Rows, l.weight, ep)
}

// loadBias reads name+".bias" (out), nil without bias.
func loadBias(f Loader, name string, out int, bias bool) ([]float32, error) {
	if !bias {
		return nil, nil
	}
	return f.Float32(param(name, "bias"), out)
}

// stacked puts projections with the same input on top of each other, so that one product computes them all.
type stacked struct {
	w    weights.Stack
	b    []float32
	bias bool // some part has one
}

func (s *stacked) load(f Loader, name string, out, in int, bias bool) error {
	w, err := f.Rows(param(name, "weight"), out, in)
	if err != nil {
		return err
	}
	b, err := loadBias(f, name, out, bias)
	if err != nil {
		return err
	}
	s.add(w, b, out)
	return nil
}

func (s *stacked) add(w weights.Rows, b []float32, out int) {
	if b == nil {
		b = make([]float32, out)
	} else {
		s.bias = true
	}
	s.w.Add(w, out)
	s.b = append(s.b, b...)
}

func (s *stacked) linear(f Loader, in int) *Linear {
	w := f.Pack(s.w.Out(), in, s.w.Row)
	if !s.bias {
		return newLinear(w, nil)
	}
	return newLinear(w, s.b)
}

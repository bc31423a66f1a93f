package transformer

import (
	"fmt"

	"github.com/parley-go/parley/internal/kernel"
)

// Linear is y = x Wᵀ + b.
type Linear struct {
	Out, In int
	weight  *kernel.Packed // (Out, In)
	bias    []float32      // (Out), or nil
}

// NewLinear packs w (out, in), as PyTorch stores Linear.weight, and b (out) or nil. It keeps b but not w.
func NewLinear(w, b []float32, out, in int) *Linear {
	if b != nil && len(b) != out {
		panic(fmt.Sprintf("transformer: NewLinear: %d biases for %d outputs", len(b), out))
	}
	return &Linear{out, in, kernel.Pack(w, out, in), b}
}

// LoadLinear reads name+".weight" (out, in) and, with bias, name+".bias" (out).
func LoadLinear(f Loader, name string, out, in int, bias bool) (*Linear, error) {
	w, b, err := loadAffine(f, name, out, in, bias)
	if err != nil {
		return nil, err
	}
	return NewLinear(w, b, out, in), nil
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

// loadAffine reads a weight (out, in) and its bias (out), nil without bias.
func loadAffine(f Loader, name string, out, in int, bias bool) (w, b []float32, err error) {
	if w, err = f.Float32(param(name, "weight"), out, in); err != nil || !bias {
		return w, nil, err
	}
	b, err = f.Float32(param(name, "bias"), out)
	return w, b, err
}

// stacked puts projections with the same input on top of each other, so that one product computes them all.
type stacked struct {
	w, b []float32
	out  int
	bias bool // some part has one
}

func (s *stacked) load(f Loader, name string, out, in int, bias bool) error {
	w, b, err := loadAffine(f, name, out, in, bias)
	if err != nil {
		return err
	}
	s.add(w, b, out)
	return nil
}

func (s *stacked) add(w, b []float32, out int) {
	if b == nil {
		b = make([]float32, out)
	} else {
		s.bias = true
	}
	s.w, s.b, s.out = append(s.w, w...), append(s.b, b...), s.out+out
}

func (s *stacked) linear(in int) *Linear {
	if !s.bias {
		return NewLinear(s.w, nil, s.out, in)
	}
	return NewLinear(s.w, s.b, s.out, in)
}

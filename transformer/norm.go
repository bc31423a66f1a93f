package transformer

import "github.com/parley-go/parley/internal/kernel"

// Norm is layer normalisation (Ba et al. 2016, arXiv:1607.06450) or root-mean-square normalisation (Zhang and Sennrich
// 2019, arXiv:1910.07467) of each row.
type Norm struct {
	gamma []float32 // (D)
	beta  []float32 // (D), or nil
	eps   float32
	rms   bool
}

// NewLayerNorm returns (x - mean) / sqrt(variance + eps) * gamma + beta; beta may be nil.
func NewLayerNorm(gamma, beta []float32, eps float32) *Norm { return &Norm{gamma, beta, eps, false} }

// NewRMSNorm returns x / sqrt(mean(x²) + eps) * gamma.
func NewRMSNorm(gamma []float32, eps float32) *Norm { return &Norm{gamma, nil, eps, true} }

// LoadLayerNorm reads name+".weight" and name+".bias", each (d).
func LoadLayerNorm(f Loader, name string, d int, eps float32) (*Norm, error) {
	gamma, err := f.Float32(param(name, "weight"), d)
	if err != nil {
		return nil, err
	}
	beta, err := f.Float32(param(name, "bias"), d)
	if err != nil {
		return nil, err
	}
	return NewLayerNorm(gamma, beta, eps), nil
}

// LoadRMSNorm reads name+".weight" (d).
func LoadRMSNorm(f Loader, name string, d int, eps float32) (*Norm, error) {
	gamma, err := f.Float32(param(name, "weight"), d)
	if err != nil {
		return nil, err
	}
	return NewRMSNorm(gamma, eps), nil
}

// Forward normalises each row of x (T, D) into dst, which may be x.
func (n *Norm) Forward(dst, x Mat) {
	checkCols("Norm", x, len(n.gamma))
	for i := range x.Rows {
		if n.rms {
			kernel.RMSNorm(dst.Row(i), x.Row(i), n.gamma, n.eps)
		} else {
			kernel.LayerNorm(dst.Row(i), x.Row(i), n.gamma, n.beta, n.eps)
		}
	}
}

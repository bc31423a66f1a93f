package wav2vec2

import (
	"math"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/transformer"
)

// positional is a convolution in groups of columns whose result, added to the frames, tells where each is (Baevski et al. 2020,
// section 2, contextualized representations).
type positional struct {
	d, groups, taps int
	act             transformer.Act
	weights         []*kernel.Packed // of each group (D/groups, taps*D/groups), taps before columns
	bias            []float32        // (D)
}

func loadPositional(f transformer.Loader, c *Config) (*positional, error) {
	p := &positional{d: c.D, groups: c.PosGroups, taps: c.PosKernel, act: activations[c.StemAct]}
	w, err := normedWeight(f, c.D, c.D/c.PosGroups, c.PosKernel)
	if err != nil {
		return nil, err
	}
	if p.bias, err = f.Float32("conv.bias", c.D); err != nil {
		return nil, err
	}
	in := p.d / p.groups
	for g := range p.groups {
		p.weights = append(p.weights, f.Pack(in, p.taps*in, func(dst []float32, o int) {
			row := w[(g*in+o)*in*p.taps:]
			for i := range in {
				for k := range p.taps {
					dst[k*in+i] = row[i*p.taps+k]
				}
			}
		}))
	}
	return p, nil
}

// normedWeight returns conv.weight (d, in, taps), which files may keep as length and direction for each tap (Salimans and Kingma 2016,
// arXiv:1602.07868), under the names of old or new versions of PyTorch.
func normedWeight(f transformer.Loader, d, in, taps int) ([]float32, error) {
	if f.Has("conv.weight") {
		return f.Float32("conv.weight", d, in, taps)
	}
	length, direction := "conv.weight_g", "conv.weight_v"
	if f.Has("conv.parametrizations.weight.original0") {
		length, direction = "conv.parametrizations.weight.original0", "conv.parametrizations.weight.original1"
	}
	g, err := f.Float32(length, 1, 1, taps)
	if err != nil {
		return nil, err
	}
	v, err := f.Float32(direction, d, in, taps)
	if err != nil {
		return nil, err
	}
	square := make([]float64, taps)
	for i, x := range v {
		square[i%taps] += float64(x) * float64(x)
	}
	for i := range g {
		g[i] = float32(float64(g[i]) / math.Sqrt(max(square[i], math.SmallestNonzeroFloat64)))
	}
	for i := range v {
		v[i] *= g[i%taps]
	}
	return v, nil
}

// add adds the positions of x (T, D) to it.
func (p *positional) add(x transformer.Mat) {
	in, left := p.d/p.groups, p.taps/2
	padded := make([]float32, (x.Rows+p.taps-1)*in) // columns of one group, zeros around them
	shape := kernel.Conv{In: in, Taps: p.taps, Stride: 1, Dilation: 1}
	for g, w := range p.weights {
		lo := g * in
		for t := range x.Rows {
			copy(padded[(left+t)*in:], x.Row(t)[lo:lo+in])
		}
		dst := x.Data[lo:]
		kernel.Conv1d(dst, x.Cols, padded, x.Rows, w, shape, kernel.Epilogue{Bias: p.bias[lo : lo+in], Act: p.act, Residual: dst})
	}
}

package vad

import (
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
)

// dense is y = x Wᵀ + b.
type dense struct {
	w *kernel.Packed // (out, in)
	b []float32      // (out)
}

func loadDense(f weights.Loader, weight, bias string, out, in int) (dense, error) {
	w, err := f.Float32(weight, out, in)
	if err != nil {
		return dense{}, err
	}
	b, err := f.Float32(bias, out)
	return dense{kernel.Pack(w, out, in), b}, err
}

// apply computes dst (rows, out) = act(x (rows, in) Wᵀ + b).
func (d *dense) apply(dst, x []float32, rows int, act kernel.Act) {
	kernel.Gemm(dst, d.w.N(), x, d.w.K(), rows, d.w, kernel.Epilogue{Bias: d.b, Act: act})
}

// recurrent is what GRU and LSTM share: gates of the input and of the state, named as PyTorch names them.
type recurrent struct {
	input, state dense // (gates*width, in), (gates*width, width)
	width        int
}

func loadRecurrent(f weights.Loader, prefix, suffix string, gates, width, in int) (r recurrent, err error) {
	r.width = width
	if r.input, err = loadDense(f, prefix+"weight_ih"+suffix, prefix+"bias_ih"+suffix, gates*width, in); err != nil {
		return r, err
	}
	r.state, err = loadDense(f, prefix+"weight_hh"+suffix, prefix+"bias_hh"+suffix, gates*width, width)
	return r, err
}

// gru takes h (width) one step (Cho et al. 2014, arXiv:1406.1078, with PyTorch's reset gate). x (3 width) are the gates of
// the input, which it overwrites; u (3 width) is scratch.
func (r *recurrent) gru(h, x, u []float32) {
	n := r.width
	r.state.apply(u, h, 1, kernel.None)
	kernel.Add(x[:2*n], u[:2*n])
	kernel.Activate(kernel.Sigmoid, x[:2*n])
	reset, update, next := x[:n], x[n:2*n], x[2*n:]
	kernel.Mul(u[2*n:], reset)
	kernel.Add(next, u[2*n:])
	kernel.Activate(kernel.Tanh, next)
	for i, z := range update {
		h[i] = next[i] + z*(h[i]-next[i])
	}
}

// lstm takes h and c (width) one step (Hochreiter and Schmidhuber 1997, with forget gate). x (4 width) are the gates of the
// input, which it overwrites; u (4 width) is scratch.
func (r *recurrent) lstm(h, c, x, u []float32) {
	n := r.width
	r.state.apply(u, h, 1, kernel.None)
	kernel.Add(x, u)
	in, forget, cell, out := x[:n], x[n:2*n], x[2*n:3*n], x[3*n:]
	kernel.Activate(kernel.Sigmoid, x[:2*n])
	kernel.Activate(kernel.Tanh, cell)
	kernel.Activate(kernel.Sigmoid, out)
	kernel.Mul(c, forget)
	kernel.Mul(in, cell)
	kernel.Add(c, in)
	copy(h, c)
	kernel.Activate(kernel.Tanh, h)
	kernel.Mul(h, out)
}

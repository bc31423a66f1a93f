package asr

import "github.com/parley-go/parley/transformer"

// frames is a growing matrix (T, cols) of one row for each encoder frame.
type frames struct {
	cols int
	data []float32
}

func (f *frames) len() int { return len(f.data) / f.cols }

func (f *frames) row(t int) []float32 { return f.data[t*f.cols : (t+1)*f.cols] }

// first returns the first n rows.
func (f *frames) first(n int) transformer.Mat {
	return transformer.MatOf(f.data[:n*f.cols], n, f.cols)
}

// extend appends n rows, whose content is undefined, and returns them.
func (f *frames) extend(n int) transformer.Mat {
	old := len(f.data)
	f.data = append(f.data, make([]float32, n*f.cols)...)
	return transformer.MatOf(f.data[old:], n, f.cols)
}

// drop removes the first n rows.
func (f *frames) drop(n int) { f.data = f.data[:copy(f.data, f.data[n*f.cols:])] }

// grow returns x with length n; its content is undefined.
func grow[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n, n+n/2)
	}
	return x[:n]
}

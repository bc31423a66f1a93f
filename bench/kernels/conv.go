package main

import (
	"math/rand/v2"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// randomWeights is a checkpoint in which every tensor exists and is random.
type randomWeights struct{ r *rand.Rand }

func (randomWeights) Has(string) bool { return true }

func (w randomWeights) Float32(_ string, shape ...int) ([]float32, error) {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return normals(w.r, n), nil
}

func (w randomWeights) Rows(name string, shape ...int) (weights.Rows, error) {
	x, err := w.Float32(name, shape...)
	n := len(x) / shape[0]
	return func(dst []float32, i int) { copy(dst, x[i*n:(i+1)*n]) }, err
}

// convOp is a dense convolution with its bias, of the length of its input.
func convOp(r *rand.Rand, t Task, p kernel.Precision) (func(), error) {
	pad := (t.R - 1) * t.D
	c, err := transformer.LoadConv1d(weights.As(randomWeights{r}, p), "conv", transformer.ConvConfig{
		In: t.K, Out: t.N, Kernel: t.R, Dilation: t.D, PadLeft: pad / 2, PadRight: pad - pad/2,
	})
	if err != nil {
		return nil, err
	}
	x := transformer.NewMat(t.M, t.K)
	copy(x.Data, normals(r, len(x.Data)))
	var s transformer.Conv1dState
	return func() { c.Step(&s, x); c.Flush(&s) }, nil
}

// upsampleOp is a transposed convolution that makes D rows of each.
func upsampleOp(r *rand.Rand, t Task, p kernel.Precision) (func(), error) {
	crop := t.R - t.D
	c, err := transformer.LoadConvTranspose1d(weights.As(randomWeights{r}, p), "up", transformer.ConvTransposeConfig{
		In: t.K, Out: t.N, Kernel: t.R, Stride: t.D, CropLeft: crop / 2, CropRight: crop - crop/2,
	})
	if err != nil {
		return nil, err
	}
	x := transformer.NewMat(t.M, t.K)
	copy(x.Data, normals(r, len(x.Data)))
	var s transformer.ConvTranspose1dState
	return func() { c.Step(&s, x); c.Flush(&s) }, nil
}

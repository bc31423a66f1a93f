package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/par"
)

// prepare makes the operands of a task and returns its operation.
func prepare(t Task) (func(), error) {
	r := rand.New(rand.NewPCG(1, 2))
	p, err := kernel.ParsePrecision(t.Precision)
	if err != nil {
		return nil, err
	}
	switch t.Op {
	case "gemm":
		return gemmOp(r, t, p), nil
	case "attention":
		return attentionOp(r, t, p), nil
	case "conv":
		return convOp(r, t, p)
	case "upsample":
		return upsampleOp(r, t, p)
	case "depthwise":
		x, w, bias, dst := normals(r, (t.M+t.R-1)*t.K), normals(r, t.R*t.K), normals(r, t.K), make([]float32, t.M*t.K)
		return func() { kernel.DepthwiseConv1d(0, dst, x, t.M, t.K, w, t.R, bias) }, nil
	case "softmax":
		return eachRow(r, t, func(row, _ []float32) { kernel.Softmax(row) }), nil
	case "gelu":
		return eachRow(r, t, func(row, _ []float32) { kernel.Activate(kernel.GELU, row) }), nil
	case "layernorm":
		gamma, beta := normals(r, t.N), normals(r, t.N)
		return eachRow(r, t, func(row, x []float32) { kernel.LayerNorm(row, x, gamma, beta, 1e-5) }), nil
	case "logmel":
		return logMelOp(r), nil
	}
	return nil, fmt.Errorf("%s in %s is not measured here", t.Op, t.Precision)
}

func normals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// gemmOp is a linear layer with its bias.
func gemmOp(r *rand.Rand, t Task, p kernel.Precision) func() {
	x, w, bias, dst := normals(r, t.M*t.K), normals(r, t.N*t.K), normals(r, t.N), make([]float32, t.M*t.N)
	packed := kernel.PackAs(p, w, t.N, t.K)
	return func() { kernel.Gemm(dst, t.N, x, t.K, t.M, packed, kernel.Epilogue{Bias: bias}) }
}

// eachRow runs f over the rows of y (M, N) and x (M, N), shared among the threads.
func eachRow(r *rand.Rand, t Task, f func(y, x []float32)) func() {
	x, y := normals(r, t.M*t.N), normals(r, t.M*t.N)
	run := func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(y[i*t.N:(i+1)*t.N], x[i*t.N:(i+1)*t.N])
		}
	}
	return func() { par.For(t.M, 1+20_000/t.N, run) }
}

// logMelOp is the log-mel spectrum of 30 s as Whisper takes it.
func logMelOp(r *rand.Rand) func() {
	m := audio.NewMel(audio.MelConfig{
		Rate: 16000, FFT: 400, Window: 400, Hop: 160, Mels: 80, Power: 2, Log: audio.Log10, Floor: 1e-10,
		Left: 200, Right: 40, Reflect: true,
	})
	samples := normals(r, 30*16000)
	dst := make([]float32, 0, 3001*80)
	return func() { dst = m.Whole(dst[:0], samples) }
}

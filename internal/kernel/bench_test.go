package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// perSecond reports work, in units of 10^9 per second.
func perSecond(b *testing.B, work int, unit string) {
	b.ReportMetric(float64(work)*float64(b.N)/b.Elapsed().Seconds()/1e9, unit)
}

func BenchmarkGemm(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][3]int{
		{1500, 384, 1536}, {1500, 1536, 384}, {1500, 512, 512}, {64, 256, 1024}, {16, 256, 1024}, {16, 1024, 256}, {4, 256, 1024},
		{1, 256, 1024}, {1, 1024, 256}, {1, 512, 2048}, {400, 240, 256},
	} {
		m, k, n := s[0], s[1], s[2]
		x, w, bias, dst := randoms(r, m*k), Pack(randoms(r, n*k), n, k), randoms(r, n), make([]float32, m*n)
		b.Run(fmt.Sprintf("%dx%dx%d", m, k, n), func(b *testing.B) {
			for b.Loop() {
				Gemm(dst, n, x, k, m, w, Epilogue{Bias: bias})
			}
			perSecond(b, 2*m*n*k, "GFLOP/s")
		})
	}
}

func BenchmarkGemmGELU(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	m, k, n := 1500, 384, 1536
	weights := randoms(r, n*k)
	Scale(weights, 0.05)
	x, w, bias, dst := randoms(r, m*k), Pack(weights, n, k), randoms(r, n), make([]float32, m*n)
	for b.Loop() {
		Gemm(dst, n, x, k, m, w, Epilogue{Bias: bias, Act: GELU})
	}
	perSecond(b, 2*m*n*k, "GFLOP/s")
}

func BenchmarkRows(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	const n = 1536
	x, y, g := randoms(r, n), randoms(r, n), randoms(r, n)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			perSecond(b, n, "Gvalues/s")
		})
	}
	run("Dot", func() { Dot(x, y) })
	run("Axpy", func() { Axpy(y, 1e-9, x) })
	run("Add", func() { Add(y, g) })
	run("Softmax", func() { Softmax(x) })
	run("LogSoftmax", func() { LogSoftmax(y) })
	run("LayerNorm", func() { LayerNorm(y, x, g, g, 1e-5) })
	run("RMSNorm", func() { RMSNorm(y, x, g, 1e-5) })
	for _, a := range []Act{ReLU, GELU, GELUTanh, SiLU, Tanh, Sigmoid} {
		run(a.String(), func() { Activate(a, x) })
	}
}

func BenchmarkDepthwiseConv1d(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][3]int{{1500, 256, 15}, {16, 256, 15}, {400, 384, 7}} {
		t, c, k := s[0], s[1], s[2]
		x, w, bias, dst := randoms(r, (t+k-1)*c), randoms(r, k*c), randoms(r, c), make([]float32, t*c)
		b.Run(fmt.Sprintf("%dx%dx%d", t, c, k), func(b *testing.B) {
			for b.Loop() {
				DepthwiseConv1d(0, dst, x, t, c, w, k, bias)
			}
			perSecond(b, 2*t*c*k, "GFLOP/s")
		})
	}
}

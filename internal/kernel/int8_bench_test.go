package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkInt8 multiplies at the shapes of Whisper: encoder, beams and single tokens of the decoder, its head.
// PARLEY_CPU=avx2 and avx2-novnni measure the other ways; -cpu 1,2 the threads.
func BenchmarkInt8(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][3]int{
		{1500, 384, 384}, {1500, 384, 1536}, {1500, 1536, 384}, {1500, 512, 512}, {1500, 512, 2048}, {1500, 768, 3072},
		{5, 384, 1536}, {5, 384, 51865}, {1, 384, 1536}, {1, 512, 2048}, {1, 384, 51865}, {1, 512, 51865},
	} {
		m, k, n := s[0], s[1], s[2]
		x, w, bias, dst := randoms(r, m*k), PackAs(Int8, randoms(r, n*k), n, k), randoms(r, n), make([]float32, m*n)
		b.Run(fmt.Sprintf("%dx%dx%d", m, k, n), func(b *testing.B) {
			for b.Loop() {
				Gemm(dst, n, x, k, m, w, Epilogue{Bias: bias})
			}
			perSecond(b, 2*m*n*k, "GOP/s")
			if m <= 8 {
				perSecond(b, w.Bytes(), "GB/s")
			}
		})
	}
}

// BenchmarkPackInt8 quantises and lays out the largest matrix of Whisper base.
func BenchmarkPackInt8(b *testing.B) {
	const n, k = 51865, 512
	w := randoms(rand.New(rand.NewPCG(1, 1)), n*k)
	for b.Loop() {
		PackRows(Int8, n, k, func(dst []float32, i int) { copy(dst, w[i*k:]) })
	}
	perSecond(b, n*k, "Gvalues/s")
}

package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/parley-go/parley/internal/par"
)

// rounded returns w as BF16 stores it.
func rounded(w []float32) []float32 {
	out := make([]float32, len(w))
	for i, v := range w {
		out[i] = bf16Value(bf16Bits(v))
	}
	return out
}

func TestBF16Bits(t *testing.T) {
	for _, c := range []struct {
		in   uint32
		want uint16
	}{
		{0, 0}, {1 << 31, 0x8000}, {0x3f800000, 0x3f80},
		{0x3f807fff, 0x3f80}, {0x3f808000, 0x3f80}, {0x3f808001, 0x3f81}, // below, at and above a tie to even
		{0x3f818000, 0x3f82}, {0xbf818000, 0xbf82}, // ties to even, upwards in magnitude
		{0x00007fff, 0}, {0x00018000, 2}, // not normal
		{0x7f7fffff, 0x7f80}, {0x7f800000, 0x7f80}, {0xff800000, 0xff80}, // overflow and infinities
		{0x7f800001, 0x7fc0}, {0x7fffffff, 0x7fff}, {0xffffffff, 0xffff}, {0x7fc00000, 0x7fc0}, // NaN
	} {
		if got := bf16Bits(math.Float32frombits(c.in)); got != c.want {
			t.Errorf("%08x is rounded to %04x, want %04x", c.in, got, c.want)
		}
	}
}

// TestPackBF16IsRounded demands the same bits from every tier, special values included.
func TestPackBF16IsRounded(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for _, n := range []int{0, 1, 7, 8, 9, 31, 32, 33, 100} {
			for _, k := range []int{0, 1, 2, 15, 16, 17, 32, 41, 100} {
				w := make([]float32, n*k)
				for i := range w {
					w[i] = math.Float32frombits(r.Uint32())
				}
				p := PackAs(BF16, w, n, k)
				for j := range p.panels() * panelCols {
					for i := range 2 * pairs(k) {
						want := uint16(0)
						if j < n && i < k {
							want = bf16Bits(w[j*k+i])
						}
						if got := p.panelBF16(j / panelCols)[i/2*2*panelCols+j%panelCols*2+i%2]; got != want {
							t.Fatalf("(%d, %d): w[%d, %d] is %04x, want %04x", n, k, j, i, got, want)
						}
					}
				}
			}
		}
	})
}

func TestBF16EveryHeightAndWidth(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for m := 0; m <= 30; m++ {
			for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 64, 65} {
				gemmCase{precision: BF16, m: m, n: n, k: 1 + r.IntN(40), padX: r.IntN(5), padD: r.IntN(5), bias: m%2 == 0, residual: (m + n) % 3}.run(t, r)
			}
		}
	})
}

func TestBF16EveryDepth(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for _, k := range append(lengths, 256, 511, 512, 513, 1025) {
			for _, m := range []int{1, 2, 3, 5, 8, 14} {
				gemmCase{precision: BF16, m: m, n: 37, k: k, padX: 3, bias: true, residual: k % 3}.run(t, r)
			}
		}
	})
}

func TestBF16Epilogues(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for act := None; act <= Sigmoid; act++ {
			for residual := range 3 {
				for _, m := range []int{3, 20} {
					gemmCase{precision: BF16, m: m, n: 70, k: 300, padD: 3, bias: m == 3, residual: residual, act: act}.run(t, r)
				}
			}
		}
	})
}

// TestBF16Parallel is large enough for several row blocks, groups of panels and threads.
func TestBF16Parallel(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		gemmCase{precision: BF16, m: 230, n: 70, k: 600, bias: true, residual: 2, act: GELU}.run(t, r)
		gemmCase{precision: BF16, m: 1, n: 2000, k: 501, bias: true, act: SiLU}.run(t, r)
	})
}

func TestBF16PropagatesNaN(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, m := range []int{1, 6, 8, 15, 40} {
			const n, k = 65, 35
			x, w, dst := randoms(newRand(), m*k), randoms(newRand(), n*k), make([]float32, m*n)
			row := m / 2
			x[row*k+34], w[20*k+4] = nan, math.Float32frombits(0x7f800001)
			w[40*k+33] = inf
			Gemm(dst, n, x, k, m, PackAs(BF16, w, n, k), Epilogue{})
			for i, v := range dst {
				if want := i/n == row || i%n == 20; (v != v) != want {
					t.Fatalf("m=%d: [%d, %d] = %g", m, i/n, i%n, v)
				}
				if i%n == 40 && i/n != row && !math.IsInf(float64(v), 0) {
					t.Fatalf("m=%d: [%d, %d] = %g, want an infinity", m, i/n, i%n, v)
				}
			}
		}
	})
}

func BenchmarkPackBF16(b *testing.B) {
	const n, k = 512, 2048
	w := randoms(newRand(), n*k)
	for b.Loop() {
		PackAs(BF16, w, n, k)
	}
	perSecond(b, n*k, "Gvalues/s")
}

// BenchmarkRead is what products of one row can at best reach: it only reads as many bytes as bf16 heads have.
func BenchmarkRead(b *testing.B) {
	const part = 1 << 14
	for _, size := range []int{384 * 51872 * 2, 512 * 51872 * 2} {
		x := randoms(newRand(), size/4)
		b.Run(fmt.Sprintf("%dMB", size>>20), func(b *testing.B) {
			for b.Loop() {
				par.For(len(x)/part, 16, func(lo, hi int) { sum(x[lo*part : hi*part]) })
			}
			perSecond(b, size, "GB/s")
		})
	}
}

// BenchmarkPrecisions compares precisions at the shapes of Whisper tiny and base (M, K, N): encoder, decoder and its head.
func BenchmarkPrecisions(b *testing.B) {
	for _, s := range [][3]int{
		{1500, 384, 384}, {1500, 384, 1536}, {1500, 1536, 384}, {1500, 512, 2048}, {1500, 2048, 512}, {16, 512, 2048},
		{1, 384, 1536}, {1, 512, 2048}, {5, 384, 1536}, {1, 384, 51865}, {1, 512, 51865}, {5, 384, 51865},
	} {
		for p := F32; p <= Int8; p++ {
			r := newRand()
			m, k, n := s[0], s[1], s[2]
			x, w, bias, dst := randoms(r, m*k), PackAs(p, randoms(r, n*k), n, k), randoms(r, n), make([]float32, m*n)
			b.Run(fmt.Sprintf("%dx%dx%d/%v", m, k, n, p), func(b *testing.B) {
				for b.Loop() {
					Gemm(dst, n, x, k, m, w, Epilogue{Bias: bias})
				}
				perSecond(b, 2*m*n*k, "GFLOP/s")
				perSecond(b, w.Bytes(), "GB/s")
			})
		}
	}
}

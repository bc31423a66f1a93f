//go:build !purego

package kernel

import "github.com/parley-go/parley/internal/cpu"

// useNEON chooses the implementations. It changes only in tests.
var useNEON bool

func init() { use(cpu.Current()) }

// use selects the implementations of a tier.
func use(t cpu.Tier) {
	useNEON = t >= cpu.NEON
	useExtras(cpu.Has(t))
}

// maxTileRows is the tallest tile of any tier in this build.
const maxTileRows = 6

// flopsPerNs is about how fast a tier multiplies.
func flopsPerNs() int {
	if useNEON {
		return 40
	}
	return 3
}

func tileRows() int { return maxTileRows }

// longest is how many values one assembly call may handle: assembly is not preempted, so calls stay below 50 µs.
const longest = 1 << 14

// dot sums blocks of 16 values in assembly.
func dot(a, b []float32) float32 {
	if !useNEON {
		return dotGeneric(a, b)
	}
	var s float32
	for len(a) >= 16 {
		n := min(len(a), longest) &^ 15
		_ = b[n-1]
		s += dotNEON(&a[0], &b[0], n)
		a, b = a[n:], b[n:]
	}
	return s + dotGeneric(a, b)
}

// tile computes dst (M, 32) = alpha * x (M, K) w (K, 32) + c (M, 32) + bias (32) for 1 <= m <= tileRows(); see tileGeneric.
func tile(m int, dst []float32, ldd int, x []float32, ldx int, w []float32, ldw, k int,
	c []float32, ldc int, bias []float32, alpha float32) {
	if !useNEON {
		tileGeneric(m, dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
		return
	}
	// The assembly does not check bounds: touch the last element of each operand here.
	_, _, _ = dst[(m-1)*ldd+panelCols-1], c[(m-1)*ldc+panelCols-1], bias[panelCols-1]
	if k > 0 {
		_, _ = x[(m-1)*ldx+k-1], w[(k-1)*ldw+panelCols-1]
	}
	for h := 0; h < panelCols; h += 16 {
		tileNEON(m, &dst[h], ldd, &x[0], ldx, &w[h], ldw, k, &c[h], ldc, &bias[h], alpha)
	}
}

// tileNEON calls the tile of m rows by 16 columns.
func tileNEON(m int, dst *float32, ldd int, x *float32, ldx int, w *float32, ldw, k int, c *float32, ldc int, bias *float32, alpha float32) {
	switch m {
	case 1:
		gemm1x16NEON(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 2:
		gemm2x16NEON(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 3:
		gemm3x16NEON(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 4:
		gemm4x16NEON(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 5:
		gemm5x16NEON(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 6:
		gemm6x16NEON(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	default:
		panic("kernel: tile of impossible height")
	}
}

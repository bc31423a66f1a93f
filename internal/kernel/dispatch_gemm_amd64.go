//go:build !purego

package kernel

// maxTileRows is the tallest tile of any tier in this build.
const maxTileRows = 14

// tileRows returns the tallest tile of the tier.
func tileRows() int {
	if useAVX512 {
		return 14
	}
	return 6
}

// flopsPerNs is about how fast a tier multiplies.
func flopsPerNs() int {
	switch {
	case useAVX512:
		return 120
	case useAVX2:
		return 60
	}
	return 3
}

// tile computes dst (M, 32) = alpha * x (M, K) w (K, 32) + c (M, 32) + bias (32) for 1 <= m <= tileRows(); see tileGeneric.
func tile(m int, dst []float32, ldd int, x []float32, ldx int, w []float32, ldw, k int,
	c []float32, ldc int, bias []float32, alpha float32) {
	// The assembly does not check bounds: touch the last element of each operand here.
	_, _, _ = dst[(m-1)*ldd+panelCols-1], c[(m-1)*ldc+panelCols-1], bias[panelCols-1]
	if k > 0 {
		_, _ = x[(m-1)*ldx+k-1], w[(k-1)*ldw+panelCols-1]
	}
	switch {
	case useAVX512:
		tileAVX512(m, &dst[0], ldd, &x[0], ldx, &w[0], ldw, k, &c[0], ldc, &bias[0], alpha)
	case useAVX2:
		for h := 0; h < panelCols; h += 16 {
			tileAVX2(m, &dst[h], ldd, &x[0], ldx, &w[h], ldw, k, &c[h], ldc, &bias[h], alpha)
		}
	default:
		tileGeneric(m, dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	}
}

// packColumns transposes b (cols, K) into panel (K, 32), 8 by 8 where it can.
func packColumns(panel, b []float32, ldb, cols, k int) {
	if !useAVX2 {
		packColumnsGeneric(panel, b, ldb, cols, k)
		return
	}
	k8, c := k&^7, 0
	for ; k8 > 0 && c+8 <= cols; c += 8 {
		for k0 := 0; k0 < k8; k0 += longest / 8 {
			pack8AVX2(&panel[k0*panelCols+c], &b[c*ldb+k0], ldb, min(longest/8, k8-k0))
		}
		packBlock(panel, b, ldb, c, c+8, k8, k)
	}
	packBlock(panel, b, ldb, c, cols, 0, k)
}

// tileAVX512 calls the tile of m rows by 32 columns.
func tileAVX512(m int, dst *float32, ldd int, x *float32, ldx int, w *float32, ldw, k int, c *float32, ldc int, bias *float32, alpha float32) {
	switch m {
	case 1:
		gemm1x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 2:
		gemm2x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 3:
		gemm3x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 4:
		gemm4x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 5:
		gemm5x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 6:
		gemm6x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 7:
		gemm7x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 8:
		gemm8x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 9:
		gemm9x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 10:
		gemm10x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 11:
		gemm11x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 12:
		gemm12x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 13:
		gemm13x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 14:
		gemm14x32AVX512(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	default:
		panic("kernel: tile of impossible height")
	}
}

// tileAVX2 calls the tile of m rows by 16 columns.
func tileAVX2(m int, dst *float32, ldd int, x *float32, ldx int, w *float32, ldw, k int, c *float32, ldc int, bias *float32, alpha float32) {
	switch m {
	case 1:
		gemm1x16AVX2(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 2:
		gemm2x16AVX2(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 3:
		gemm3x16AVX2(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 4:
		gemm4x16AVX2(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 5:
		gemm5x16AVX2(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	case 6:
		gemm6x16AVX2(dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
	default:
		panic("kernel: tile of impossible height")
	}
}

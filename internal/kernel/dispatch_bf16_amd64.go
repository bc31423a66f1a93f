//go:build !purego

package kernel

// fewRowsBF16 is up to how many rows weights are expanded in registers, each time they are used; above, a block of the
// panel is expanded to memory once for all rows.
func fewRowsBF16() int {
	if useAVX2 {
		return 24
	}
	return 1
}

// packPairs rounds b (cols, K) into panel (ceil(K/2), 32, 2), 8 rows by 16 values where it can.
func packPairs(panel []uint16, b []float32, cols, k int) {
	k16, c := 0, 0
	if useAVX2 {
		k16 = k &^ 15
	}
	for ; k16 > 0 && c+8 <= cols; c += 8 {
		for k0 := 0; k0 < k16; k0 += longest / 8 {
			packPairs8AVX2(&panel[k0*panelCols+2*c], &b[c*k+k0], k, min(longest/8, k16-k0))
		}
	}
	packPairsGeneric(panel, b, k, 0, c, k16, k)
	packPairsGeneric(panel, b, k, c, cols, 0, k)
}

// expandPairs expands w (pairs, 32, 2) to dst (2 pairs, 32).
func expandPairs(dst []float32, w []uint16, pairs int) {
	_, _ = dst[2*pairs*panelCols-1], w[2*pairs*panelCols-1]
	switch {
	case useAVX512:
		expandPairsAVX512(&dst[0], &w[0], pairs)
	case useAVX2:
		expandPairsAVX2(&dst[0], &w[0], pairs)
	default:
		expandPairsGeneric(dst, w, pairs)
	}
}

// tileBF16 computes dst (M, 32) = x (M, K) w + c (M, 32) + bias (32) for 1 <= m <= tileRows() and
// K >= 1; w is (ceil(K/2), 32, 2) bf16.
func tileBF16(m int, dst []float32, ldd int, x []float32, ldx int, w []uint16, k int, c []float32, ldc int, bias []float32) {
	_, _, _ = dst[(m-1)*ldd+panelCols-1], c[(m-1)*ldc+panelCols-1], bias[panelCols-1]
	_, _ = x[(m-1)*ldx+k-1], w[pairs(k)*2*panelCols-1]
	switch {
	case useAVX512:
		tileBF16AVX512(m, &dst[0], ldd, &x[0], ldx, &w[0], k, &c[0], ldc, &bias[0])
	case !useAVX2:
		tileBF16Generic(m, dst, ldd, x, ldx, w, k, c, ldc, bias)
	case m == 1:
		gemmBF16x1x32AVX2(&dst[0], ldd, &x[0], ldx, &w[0], k, &c[0], ldc, &bias[0])
	case m == 2:
		gemmBF16x2x32AVX2(&dst[0], ldd, &x[0], ldx, &w[0], k, &c[0], ldc, &bias[0])
	default:
		for h := 0; h < panelCols; h += 16 {
			tileBF16AVX2(m, &dst[h], ldd, &x[0], ldx, &w[2*h], k, &c[h], ldc, &bias[h])
		}
	}
}

// tileBF16AVX512 calls the tile of m rows by 32 columns.
func tileBF16AVX512(m int, dst *float32, ldd int, x *float32, ldx int, w *uint16, k int, c *float32, ldc int, bias *float32) {
	switch m {
	case 1:
		gemmBF16x1x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 2:
		gemmBF16x2x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 3:
		gemmBF16x3x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 4:
		gemmBF16x4x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 5:
		gemmBF16x5x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 6:
		gemmBF16x6x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 7:
		gemmBF16x7x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 8:
		gemmBF16x8x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 9:
		gemmBF16x9x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 10:
		gemmBF16x10x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 11:
		gemmBF16x11x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 12:
		gemmBF16x12x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 13:
		gemmBF16x13x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 14:
		gemmBF16x14x32AVX512(dst, ldd, x, ldx, w, k, c, ldc, bias)
	default:
		panic("kernel: tile of impossible height")
	}
}

// tileBF16AVX2 calls the tile of m rows by 16 columns.
func tileBF16AVX2(m int, dst *float32, ldd int, x *float32, ldx int, w *uint16, k int, c *float32, ldc int, bias *float32) {
	switch m {
	case 3:
		gemmBF16x3x16AVX2(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 4:
		gemmBF16x4x16AVX2(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 5:
		gemmBF16x5x16AVX2(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 6:
		gemmBF16x6x16AVX2(dst, ldd, x, ldx, w, k, c, ldc, bias)
	default:
		panic("kernel: tile of impossible height")
	}
}

//go:build !purego

package kernel

// fewRowsBF16 is up to how many rows weights are expanded in registers, each time they are used; above, a block of the
// panel is expanded to memory once for all rows.
func fewRowsBF16() int {
	if useNEON {
		return 4
	}
	return 1
}

// packPairs rounds b (cols, K) into panel (ceil(K/2), 32, 2), 4 rows by 8 values where it can.
func packPairs(panel []uint16, b []float32, cols, k int) {
	k8, c := 0, 0
	if useNEON {
		k8 = k &^ 7
	}
	for ; k8 > 0 && c+4 <= cols; c += 4 {
		for k0 := 0; k0 < k8; k0 += longest / 4 {
			packPairs4NEON(&panel[k0*panelCols+2*c], &b[c*k+k0], k, min(longest/4, k8-k0))
		}
	}
	packPairsGeneric(panel, b, k, 0, c, k8, k)
	packPairsGeneric(panel, b, k, c, cols, 0, k)
}

// expandPairs expands w (pairs, 32, 2) to dst (2 pairs, 32).
func expandPairs(dst []float32, w []uint16, pairs int) {
	_, _ = dst[2*pairs*panelCols-1], w[2*pairs*panelCols-1]
	if useNEON {
		expandPairsNEON(&dst[0], &w[0], pairs)
	} else {
		expandPairsGeneric(dst, w, pairs)
	}
}

// tileBF16 computes dst (M, 32) = x (M, K) w + c (M, 32) + bias (32) for 1 <= m <= fewRowsBF16() and K >= 1; w is
// (ceil(K/2), 32, 2) bf16.
func tileBF16(m int, dst []float32, ldd int, x []float32, ldx int, w []uint16, k int, c []float32, ldc int, bias []float32) {
	if !useNEON {
		tileBF16Generic(m, dst, ldd, x, ldx, w, k, c, ldc, bias)
		return
	}
	_, _, _ = dst[(m-1)*ldd+panelCols-1], c[(m-1)*ldc+panelCols-1], bias[panelCols-1]
	_, _ = x[(m-1)*ldx+k-1], w[pairs(k)*2*panelCols-1]
	for h := 0; h < panelCols; h += 16 {
		tileBF16NEON(m, &dst[h], ldd, &x[0], ldx, &w[2*h], k, &c[h], ldc, &bias[h])
	}
}

// tileBF16NEON calls the tile of m rows by 16 columns.
func tileBF16NEON(m int, dst *float32, ldd int, x *float32, ldx int, w *uint16, k int, c *float32, ldc int, bias *float32) {
	switch m {
	case 1:
		gemmBF16x1x16NEON(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 2:
		gemmBF16x2x16NEON(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 3:
		gemmBF16x3x16NEON(dst, ldd, x, ldx, w, k, c, ldc, bias)
	case 4:
		gemmBF16x4x16NEON(dst, ldd, x, ldx, w, k, c, ldc, bias)
	default:
		panic("kernel: tile of impossible height")
	}
}

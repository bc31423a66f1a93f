package kernel

import "math"

// packPairsGeneric rounds columns first..cols, values k0..k1, of b (cols, K) into panel (ceil(K/2), 32, 2). k0 is even.
func packPairsGeneric(panel []uint16, b []float32, ldb, first, cols, k0, k1 int) {
	const block = 16 // pairs: reads and writes both stay in the first-level cache
	for ; k0 < k1; k0 += 2 * block {
		end := min(k0+2*block, k1)
		for c := first; c < cols; c++ {
			out := panel[k0*panelCols+2*c:]
			for i, v := range b[c*ldb+k0 : c*ldb+end] {
				out[i/2*2*panelCols+i%2] = bf16Bits(v)
			}
		}
	}
}

// expandPairsGeneric expands w (pairs, 32, 2) to dst (2 pairs, 32).
func expandPairsGeneric(dst []float32, w []uint16, pairs int) {
	for p := range pairs {
		row := w[p*2*panelCols : (p+1)*2*panelCols]
		even, odd := dst[p*2*panelCols:][:panelCols], dst[(p*2+1)*panelCols:][:panelCols]
		for c := range panelCols {
			even[c] = math.Float32frombits(uint32(row[2*c]) << 16)
			odd[c] = math.Float32frombits(uint32(row[2*c+1]) << 16)
		}
	}
}

// tileBF16Generic computes dst (M, 32) = x (M, K) w + c (M, 32) + bias (32); w is (ceil(K/2), 32, 2) bf16. It is the
// specification of the tile of every tier.
func tileBF16Generic(m int, dst []float32, ldd int, x []float32, ldx int, w []uint16, k int, c []float32, ldc int, bias []float32) {
	for r := range m {
		var sums [panelCols]float32
		for i, v := range x[r*ldx : r*ldx+k] {
			row := w[i/2*2*panelCols:][:2*panelCols]
			for col := range sums {
				sums[col] += v * bf16Value(row[2*col+i%2])
			}
		}
		for col, s := range sums {
			dst[r*ldd+col] = s + (c[r*ldc+col] + bias[col])
		}
	}
}

func roundRowGeneric(dst []uint16, x []float32) {
	for i, v := range x {
		dst[i] = bf16Bits(v)
	}
}

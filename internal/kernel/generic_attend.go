package kernel

import "math"

// attendTileGeneric computes, panel after panel, dst (M, 32) = x (M, K) w (K, 32) + decay (M) dst, or without the last
// term if decay is nil. From panel to panel dst is 32 columns further, w step values.
func attendTileGeneric(m int, dst []float32, ldd int, x []float32, ldx int, w []float32, ldw, step, k, panels int, decay []float32) {
	for p := range panels {
		c, ldc := zeros[:], 0
		if decay != nil {
			c, ldc = dst[p*panelCols:], ldd
			for r := range m {
				scale(c[r*ldd:r*ldd+panelCols], decay[r])
			}
		}
		tile(m, dst[p*panelCols:], ldd, x, ldx, w[p*step:], ldw, k, c, ldc, zeros[:], 1)
	}
}

// attendScaleGeneric computes dst (rows, N) = by (rows) src, rows ldd and lds apart.
func attendScaleGeneric(dst []float32, ldd int, src []float32, lds, n, rows int, by []float32) {
	for r := range rows {
		out := dst[r*ldd : r*ldd+n]
		copy(out, src[r*lds:r*lds+n])
		scale(out, by[r])
	}
}

// attendHalfTileGeneric is attendTileGeneric for w in bf16, 16 words for 32 values; step and ldw count words.
func attendHalfTileGeneric(m int, dst []float32, ldd int, x []float32, ldx int, w []uint32, ldw, step, k, panels int, decay []float32) {
	var row [panelCols]float32
	for p := range panels {
		out := dst[p*panelCols:]
		for r := range m {
			if decay == nil {
				clear(out[r*ldd : r*ldd+panelCols])
			} else {
				scale(out[r*ldd:r*ldd+panelCols], decay[r])
			}
		}
		for i := range k {
			attendExpandGeneric(row[:], w[p*step+i*ldw:], 1)
			for r := range m {
				axpy(out[r*ldd:r*ldd+panelCols], x[r*ldx+i], row[:])
			}
		}
	}
}

// attendHalveGeneric rounds x (groups, 32) to bf16: value i goes to the low half of word i, value i+16 to the high half.
func attendHalveGeneric(dst []uint32, x []float32, groups int) {
	for g := range groups {
		in, out := x[g*panelCols:(g+1)*panelCols], dst[g*panelCols/2:(g+1)*panelCols/2]
		for i := range out {
			out[i] = uint32(bf16Bits(in[i])) | uint32(bf16Bits(in[i+panelCols/2]))<<16
		}
	}
}

// attendExpandGeneric is the inverse of attendHalveGeneric: x (groups, 16), dst (groups, 32).
func attendExpandGeneric(dst []float32, x []uint32, groups int) {
	for g := range groups {
		in, out := x[g*panelCols/2:(g+1)*panelCols/2], dst[g*panelCols:(g+1)*panelCols]
		for i, word := range in {
			out[i] = math.Float32frombits(word << 16)
			out[i+panelCols/2] = math.Float32frombits(word &^ 0xffff)
		}
	}
}

// attendExpGeneric raises top to the largest of n scores, sets decay to 2^(old top - top), replaces the scores by
// 2^(score - top), and makes sum their sum + decay * sum; for each row of s, lds apart.
func attendExpGeneric(s []float32, lds, n, rows int, top, sum, decay []float32) {
	for r := range rows {
		row := s[r*lds : r*lds+n]
		most := max(top[r], maxOf(row))
		if top[r] != top[r] {
			most = top[r]
		}
		decay[r] = exp2(top[r] - most)
		top[r] = most
		var total float32
		for i, v := range row {
			row[i] = exp2(v - most)
			total += row[i]
		}
		sum[r] = total + decay[r]*sum[r]
	}
}

// exp2Poly are the coefficients of r, r², ... in 2^r on [0, 1): least relative error with 2^0 = 1, 8e-8 before rounding.
var exp2Poly = [...]float32{0.6931513, 0.24016444, 0.055799913, 0.009017031, 0.00186713}

// exp2 returns 2^x for x <= 0, with a relative error of at most 3u down to the smallest normal result, x = -126; 0 below
// -127.
func exp2(x float32) float32 {
	switch {
	case x != x:
		return x
	case x < -126:
		return 0
	}
	n := float32(math.Floor(float64(x)))
	r := x - n
	p := exp2Poly[4]*r + exp2Poly[3]
	return (((p*r+exp2Poly[2])*r+exp2Poly[1])*r+exp2Poly[0])*r*pow2(int32(n)) + pow2(int32(n))
}

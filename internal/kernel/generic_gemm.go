package kernel

// tileGeneric computes dst (M, 32) = alpha * x (M, K) w (K, 32) + c (M, 32) + bias (32), rows ldd, ldx, ldw, ldc apart.
// c may be dst. It is the specification of the tile of every tier.
func tileGeneric(m int, dst []float32, ldd int, x []float32, ldx int, w []float32, ldw, k int,
	c []float32, ldc int, bias []float32, alpha float32) {
	r := 0
	for ; r+2 <= m; r += 2 {
		for col := 0; col < panelCols; col += 4 {
			tile2x4(dst[r*ldd+col:], ldd, x[r*ldx:], ldx, w[col:], ldw, k, c[r*ldc+col:], ldc, bias[col:], alpha)
		}
	}
	if r < m {
		for col := 0; col < panelCols; col += 4 {
			tile1x4(dst[r*ldd+col:], x[r*ldx:], w[col:], ldw, k, c[r*ldc+col:], bias[col:], alpha)
		}
	}
}

// tile2x4 keeps its 8 sums in registers.
func tile2x4(dst []float32, ldd int, x []float32, ldx int, w []float32, ldw, k int,
	c []float32, ldc int, bias []float32, alpha float32) {
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	if k > 0 {
		x0, x1 := x[:k], x[ldx:]
		x1 = x1[:len(x0)]
		for i, a := range x0 {
			b := w[i*ldw : i*ldw+4 : i*ldw+4]
			b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
			s00 += a * b0
			s01 += a * b1
			s02 += a * b2
			s03 += a * b3
			a = x1[i]
			s10 += a * b0
			s11 += a * b1
			s12 += a * b2
			s13 += a * b3
		}
	}
	finish4(dst, c, bias, alpha, s00, s01, s02, s03)
	finish4(dst[ldd:], c[ldc:], bias, alpha, s10, s11, s12, s13)
}

func tile1x4(dst, x, w []float32, ldw, k int, c, bias []float32, alpha float32) {
	var s0, s1, s2, s3 float32
	for i, a := range x[:k] {
		b := w[i*ldw : i*ldw+4 : i*ldw+4]
		s0 += a * b[0]
		s1 += a * b[1]
		s2 += a * b[2]
		s3 += a * b[3]
	}
	finish4(dst, c, bias, alpha, s0, s1, s2, s3)
}

func finish4(dst, c, bias []float32, alpha, s0, s1, s2, s3 float32) {
	_, _, _ = dst[3], c[3], bias[3]
	dst[0] = alpha*s0 + (c[0] + bias[0])
	dst[1] = alpha*s1 + (c[1] + bias[1])
	dst[2] = alpha*s2 + (c[2] + bias[2])
	dst[3] = alpha*s3 + (c[3] + bias[3])
}

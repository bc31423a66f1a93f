//go:build !purego

package kernel

// block4 returns how many of n values the next call of the assembly takes: a multiple of 4, or 0 when the rest is for the
// generic version.
func block4(n int) int {
	if !useNEON {
		return 0
	}
	return min(n, longest) &^ 3
}

func axpy(dst []float32, a float32, x []float32) {
	for n := block4(len(dst)); n > 0; n = block4(len(dst)) {
		axpyNEON(&dst[0], a, &x[0], n)
		dst, x = dst[n:], x[n:]
	}
	axpyGeneric(dst, a, x)
}

func add(dst, x []float32) {
	for n := block4(len(dst)); n > 0; n = block4(len(dst)) {
		addNEON(&dst[0], &x[0], n)
		dst, x = dst[n:], x[n:]
	}
	addGeneric(dst, x)
}

func mul(dst, x []float32) {
	for n := block4(len(dst)); n > 0; n = block4(len(dst)) {
		mulNEON(&dst[0], &x[0], n)
		dst, x = dst[n:], x[n:]
	}
	mulGeneric(dst, x)
}

func scale(dst []float32, a float32) {
	for n := block4(len(dst)); n > 0; n = block4(len(dst)) {
		scaleNEON(&dst[0], a, n)
		dst = dst[n:]
	}
	scaleGeneric(dst, a)
}

func shift(dst []float32, a float32) {
	for n := block4(len(dst)); n > 0; n = block4(len(dst)) {
		shiftNEON(&dst[0], a, n)
		dst = dst[n:]
	}
	shiftGeneric(dst, a)
}

func sum(x []float32) float32 {
	var s float32
	for n := block4(len(x)); n > 0; n = block4(len(x)) {
		s += sumNEON(&x[0], n)
		x = x[n:]
	}
	return s + sumGeneric(x)
}

func sumSquares(x []float32, mean float32) float32 {
	var s float32
	for n := block4(len(x)); n > 0; n = block4(len(x)) {
		s += sumSquaresNEON(&x[0], mean, n)
		x = x[n:]
	}
	return s + sumSquaresGeneric(x, mean)
}

func maxOf(x []float32) float32 {
	top := negInf
	for n := block4(len(x)); n > 0; n = block4(len(x)) {
		top = max(top, maxOfNEON(&x[0], n))
		x = x[n:]
	}
	return max(top, maxOfGeneric(x))
}

func normalize(dst, x, gamma, beta []float32, mean, scale float32) {
	for n := block4(len(dst)); n > 0; n = block4(len(dst)) {
		var b *float32
		if beta != nil {
			b = &beta[0]
		}
		normalizeNEON(&dst[0], &x[0], &gamma[0], b, mean, scale, n)
		dst, x, gamma = dst[n:], x[n:], gamma[n:]
		if beta != nil {
			beta = beta[n:]
		}
	}
	normalizeGeneric(dst, x, gamma, beta, mean, scale)
}

func depthwise(dst, x []float32, t, c int, w []float32, k int, bias []float32) {
	depthwiseGeneric(dst, x, t, c, 0, w, k, bias)
}

func packColumns(panel, b []float32, ldb, cols, k int) { packColumnsGeneric(panel, b, ldb, cols, k) }

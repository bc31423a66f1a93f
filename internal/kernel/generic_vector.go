package kernel

// dotGeneric sums in four chains, so that additions overlap.
func dotGeneric(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s0 += v * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func axpyGeneric(dst []float32, a float32, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += a * x[i]
	}
}

func addGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += x[i]
	}
}

func mulGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] *= x[i]
	}
}

func scaleGeneric(dst []float32, a float32) {
	for i := range dst {
		dst[i] *= a
	}
}

// shiftGeneric adds a to every value.
func shiftGeneric(dst []float32, a float32) {
	for i := range dst {
		dst[i] += a
	}
}

func sumGeneric(x []float32) float32 {
	var s0, s1, s2, s3 float32
	for len(x) >= 4 {
		s0 += x[0]
		s1 += x[1]
		s2 += x[2]
		s3 += x[3]
		x = x[4:]
	}
	for _, v := range x {
		s0 += v
	}
	return (s0 + s1) + (s2 + s3)
}

// sumSquaresGeneric returns the sum of (x[i]-mean)².
func sumSquaresGeneric(x []float32, mean float32) float32 {
	var s0, s1, s2, s3 float32
	for len(x) >= 4 {
		d0, d1, d2, d3 := x[0]-mean, x[1]-mean, x[2]-mean, x[3]-mean
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
		x = x[4:]
	}
	for _, v := range x {
		s0 += (v - mean) * (v - mean)
	}
	return (s0 + s1) + (s2 + s3)
}

// normalizeGeneric computes dst = (x - mean) * scale * gamma + beta; beta may be nil.
func normalizeGeneric(dst, x, gamma, beta []float32, mean, scale float32) {
	x, gamma = x[:len(dst)], gamma[:len(dst)]
	if beta == nil {
		for i := range dst {
			dst[i] = (x[i] - mean) * scale * gamma[i]
		}
		return
	}
	beta = beta[:len(dst)]
	for i := range dst {
		dst[i] = (x[i]-mean)*scale*gamma[i] + beta[i]
	}
}

// maxOfGeneric returns the largest value, ignoring NaN; -Inf if there is none.
func maxOfGeneric(x []float32) float32 {
	top := negInf
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	return top
}

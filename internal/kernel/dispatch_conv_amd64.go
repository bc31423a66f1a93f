//go:build !purego

package kernel

// depthwise hands blocks of 16 channels and of a few time steps to the assembly, the other channels to the generic code.
func depthwise(dst, x []float32, t, c int, w []float32, k int, bias []float32) {
	if !useAVX2 {
		depthwiseGeneric(dst, x, t, c, 0, w, k, bias)
		return
	}
	const callWork = 1 << 16 // products of one channel block in a call below 50 µs
	steps := max(1, callWork/k)
	ch := 0
	for ; ch+16 <= c; ch += 16 {
		b := &zeros[0]
		if bias != nil {
			b = &bias[ch]
		}
		for i := 0; i < t; i += steps {
			if n := min(steps, t-i); useAVX512 {
				depthwise16AVX512(&dst[i*c+ch], &x[i*c+ch], &w[ch], b, n, c, k)
			} else {
				depthwise16AVX2(&dst[i*c+ch], &x[i*c+ch], &w[ch], b, n, c, k)
			}
		}
	}
	if ch < c {
		depthwiseGeneric(dst, x, t, c, ch, w, k, bias)
	}
}

package kernel

// depthwiseGeneric computes channels first..c, tap by tap, so that the inner loop runs along the channels.
func depthwiseGeneric(dst, x []float32, t, c, first int, w []float32, k int, bias []float32) {
	for i := range t {
		out := dst[i*c+first : (i+1)*c]
		if bias == nil {
			clear(out)
		} else {
			copy(out, bias[first:])
		}
		for j := range k {
			in, tap := x[(i+j)*c+first:(i+j+1)*c], w[j*c+first:(j+1)*c]
			in, tap = in[:len(out)], tap[:len(out)]
			for ch := range out {
				out[ch] += in[ch] * tap[ch]
			}
		}
	}
}

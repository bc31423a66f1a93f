package kernel

import "fmt"

// DepthwiseConv1d computes dst (T, C): dst[t, c] = bias[c] + sum over j < k of x[t+j, c] * w[j, c].
// x is (T+k-1, C) rows and so includes the left context; w is (k, C), oldest tap first; bias is (C) or nil.
// All are contiguous. dst must not overlap x.
func DepthwiseConv1d(dst, x []float32, t, c int, w []float32, k int, bias []float32) {
	if t < 0 || c < 0 || k < 1 {
		panic(fmt.Sprintf("kernel: DepthwiseConv1d: t=%d c=%d k=%d", t, c, k))
	}
	checkLen("DepthwiseConv1d dst", len(dst), t*c)
	checkLen("DepthwiseConv1d w", len(w), k*c)
	if bias != nil {
		checkLen("DepthwiseConv1d bias", len(bias), c)
	}
	if t == 0 || c == 0 {
		return
	}
	checkLen("DepthwiseConv1d x", len(x), (t+k-1)*c)
	depthwise(dst, x, t, c, w, k, bias)
}

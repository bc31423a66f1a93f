package kernel

import "math"

// LayerNorm computes dst = (x - mean) / sqrt(var + eps) * gamma + beta over one row (Ba et al. 2016, arXiv:1607.06450).
// The variance is that of the population, in two passes. beta may be nil. dst may be x.
func LayerNorm(dst, x, gamma, beta []float32, eps float32) {
	checkLen("LayerNorm", len(dst), len(x))
	checkLen("LayerNorm gamma", len(gamma), len(x))
	if beta != nil {
		checkLen("LayerNorm beta", len(beta), len(x))
	}
	if len(x) == 0 {
		return
	}
	n := float32(len(x))
	mean := sum(x) / n
	variance := sumSquares(x, mean) / n
	normalize(dst, x, gamma, beta, mean, inverseRoot(variance+eps))
}

// RMSNorm computes dst = x / sqrt(mean(x²) + eps) * gamma over one row (Zhang and Sennrich 2019, arXiv:1910.07467).
// dst may be x.
func RMSNorm(dst, x, gamma []float32, eps float32) {
	checkLen("RMSNorm", len(dst), len(x))
	checkLen("RMSNorm gamma", len(gamma), len(x))
	if len(x) == 0 {
		return
	}
	variance := sumSquares(x, 0) / float32(len(x))
	normalize(dst, x, gamma, nil, 0, inverseRoot(variance+eps))
}

func inverseRoot(v float32) float32 { return float32(1 / math.Sqrt(float64(v))) }

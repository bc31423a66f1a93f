package kernel

import "fmt"

// Dot returns the sum of a[i]*b[i]. The order of summation depends on the tier: the error is bounded by
// len(a) * 2^-24 * sum |a[i]*b[i]|. The lengths must be equal.
func Dot(a, b []float32) float32 {
	checkLen("Dot", len(a), len(b))
	return dot(a, b)
}

// Axpy adds a*x[i] to dst[i]. A tier with FMA rounds once, the generic one twice. dst may be x.
func Axpy(dst []float32, a float32, x []float32) {
	checkLen("Axpy", len(dst), len(x))
	axpy(dst, a, x)
}

// Add adds x[i] to dst[i], rounded once. dst may be x.
func Add(dst, x []float32) {
	checkLen("Add", len(dst), len(x))
	add(dst, x)
}

// Mul multiplies dst[i] by x[i], rounded once. dst may be x.
func Mul(dst, x []float32) {
	checkLen("Mul", len(dst), len(x))
	mul(dst, x)
}

// Scale multiplies dst[i] by a, rounded once.
func Scale(dst []float32, a float32) { scale(dst, a) }

// checkLen panics unless the lengths are equal.
func checkLen(what string, a, b int) {
	if a != b {
		panic(fmt.Sprintf("kernel: %s: lengths %d and %d differ", what, a, b))
	}
}

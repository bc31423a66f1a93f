package kernel

import "math"

// Softmax replaces x by exp(x[i]) / sum exp(x). -Inf gives 0; a row of only -Inf, or with NaN or +Inf, gives NaN.
func Softmax(x []float32) {
	if len(x) == 0 {
		return
	}
	scale(x, 1/expSum(x, maxOf(x)))
}

// LogSoftmax replaces x by x[i] - log(sum exp(x)).
func LogSoftmax(x []float32) {
	if len(x) == 0 {
		return
	}
	top := maxOf(x)
	rest := float32(math.Log(float64(sumExp(x, top))))
	shift(x, -top) // in two steps: rest would vanish beside a large top
	shift(x, -rest)
}

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
	top, rest := logSumExp(x)
	shift(x, -top) // in two steps: rest would vanish beside a large top
	shift(x, -rest)
}

// LogSumExp returns log(sum exp(x)): what LogSoftmax subtracts from each, for who needs only a few of them. Of no values it is -Inf.
func LogSumExp(x []float32) float32 {
	if len(x) == 0 {
		return negInf
	}
	top, rest := logSumExp(x)
	return top + rest
}

// logSumExp returns two terms of log(sum exp(x)): the largest of x, and the rest.
func logSumExp(x []float32) (top, rest float32) {
	top = maxOf(x)
	return top, float32(math.Log(float64(sumExp(x, top))))
}

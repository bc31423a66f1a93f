package asr

import "math"

var negInf = float32(math.Inf(-1))

const logAddSteps = 64 // a unit of the natural logarithm

// logAddTable holds ln(1 + exp(-i/logAddSteps)).
var logAddTable = func() (t [16*logAddSteps + 2]float32) {
	for i := range t {
		t[i] = float32(math.Log1p(math.Exp(-float64(i) / logAddSteps)))
	}
	return t
}()

// logAdd returns ln(exp(a) + exp(b)) to within 1e-5.
func logAdd(a, b float32) float32 {
	if a < b {
		a, b = b, a
	}
	d := (a - b) * logAddSteps
	if !(d < 16*logAddSteps) { // also if b, or both, are -inf
		return a
	}
	i := int(d)
	return a + logAddTable[i] + (d-float32(i))*(logAddTable[i+1]-logAddTable[i])
}

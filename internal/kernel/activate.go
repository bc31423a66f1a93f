package kernel

import "fmt"

// Act is the activation at the end of a layer.
type Act int

// The activations. Errors are for every tier against the exact value; u is 2^-24, the rounding unit of float32.
const (
	None     Act = iota
	ReLU         // max(x, 0); exact; NaN stays NaN
	GELU         // x Φ(x), the erf form (Hendrycks and Gimpel 2016); |error| <= 8u max(|x|, 2^-20)
	GELUTanh     // its tanh approximation, as x / (1 + exp(-2u)); |error| <= 8u |x|
	SiLU         // x / (1 + exp(-x)); relative error <= 4u down to x = -87, below that |error| <= 1e-36
	Tanh         // relative error <= 6u
	Sigmoid      // 1 / (1 + exp(-x)); relative error <= 4u down to x = -87, below that |error| <= 1e-37
)

var actNames = [...]string{"none", "relu", "gelu", "gelu_tanh", "silu", "tanh", "sigmoid"}

// String returns the name that checkpoints use.
func (a Act) String() string {
	if a < 0 || int(a) >= len(actNames) {
		return fmt.Sprintf("Act(%d)", int(a))
	}
	return actNames[a]
}

func (a Act) check() {
	if a < 0 || int(a) >= len(actNames) {
		panic("kernel: unknown activation " + a.String())
	}
}

// Activate applies a to x in place. NaN gives NaN.
func Activate(a Act, x []float32) {
	a.check()
	activate(a, x)
}

// Exp replaces x[i] by exp(x[i]), with a relative error of at most 2u. Above 88.72 it gives +Inf; results below the
// smallest normal float32 (x < -87.33) are 0.
func Exp(x []float32) { exp(x) }

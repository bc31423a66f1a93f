//go:build !purego

package kernel

func exp(x []float32) {
	for n := block4(len(x)); n > 0; n = block4(len(x)) {
		expNEON(&x[0], n)
		x = x[n:]
	}
	expGeneric(x)
}

func expSum(x []float32, top float32) float32 {
	var s float32
	for n := block4(len(x)); n > 0; n = block4(len(x)) {
		s += expSumNEON(&x[0], top, n)
		x = x[n:]
	}
	return s + expSumGeneric(x, top)
}

func sumExp(x []float32, top float32) float32 {
	var s float32
	for n := block4(len(x)); n > 0; n = block4(len(x)) {
		s += sumExpNEON(&x[0], top, n)
		x = x[n:]
	}
	return s + sumExpGeneric(x, top)
}

func activate(a Act, x []float32) {
	for n := block4(len(x)); n > 0; n = block4(len(x)) {
		activateNEON(a, &x[0], n)
		x = x[n:]
	}
	activateGeneric(a, x)
}

func activateNEON(a Act, x *float32, n int) {
	switch a {
	case ReLU:
		reluNEON(x, n)
	case GELU:
		geluNEON(x, n)
	case GELUTanh:
		geluTanhNEON(x, n)
	case SiLU:
		siluNEON(x, n)
	case Tanh:
		tanhNEON(x, n)
	case Sigmoid:
		sigmoidNEON(x, n)
	}
}

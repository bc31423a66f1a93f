//go:build !purego

package kernel

func exp(x []float32) {
	switch {
	case len(x) == 0:
	case len(x) > longest:
		exp(x[:longest])
		exp(x[longest:])
	case useAVX512:
		expAVX512(&x[0], len(x))
	case useAVX2:
		expAVX2(&x[0], len(x))
	default:
		expGeneric(x)
	}
}

func expSum(x []float32, top float32) float32 {
	switch {
	case len(x) == 0:
		return 0
	case len(x) > longest:
		return expSum(x[:longest], top) + expSum(x[longest:], top)
	case useAVX512:
		return expSumAVX512(&x[0], top, len(x))
	case useAVX2:
		return expSumAVX2(&x[0], top, len(x))
	}
	return expSumGeneric(x, top)
}

func sumExp(x []float32, top float32) float32 {
	switch {
	case len(x) == 0:
		return 0
	case len(x) > longest:
		return sumExp(x[:longest], top) + sumExp(x[longest:], top)
	case useAVX512:
		return sumExpAVX512(&x[0], top, len(x))
	case useAVX2:
		return sumExpAVX2(&x[0], top, len(x))
	}
	return sumExpGeneric(x, top)
}

func activate(a Act, x []float32) {
	for len(x) > longest {
		activate(a, x[:longest])
		x = x[longest:]
	}
	switch {
	case len(x) == 0:
	case useAVX512:
		activateAVX512(a, &x[0], len(x))
	case useAVX2:
		activateAVX2(a, &x[0], len(x))
	default:
		activateGeneric(a, x)
	}
}

func activateAVX512(a Act, x *float32, n int) {
	switch a {
	case ReLU:
		reluAVX512(x, n)
	case GELU:
		geluAVX512(x, n)
	case GELUTanh:
		geluTanhAVX512(x, n)
	case SiLU:
		siluAVX512(x, n)
	case Tanh:
		tanhAVX512(x, n)
	case Sigmoid:
		sigmoidAVX512(x, n)
	}
}

func activateAVX2(a Act, x *float32, n int) {
	switch a {
	case ReLU:
		reluAVX2(x, n)
	case GELU:
		geluAVX2(x, n)
	case GELUTanh:
		geluTanhAVX2(x, n)
	case SiLU:
		siluAVX2(x, n)
	case Tanh:
		tanhAVX2(x, n)
	case Sigmoid:
		sigmoidAVX2(x, n)
	}
}

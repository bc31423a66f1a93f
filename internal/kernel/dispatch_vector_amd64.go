//go:build !purego

package kernel

import "github.com/parley-go/parley/internal/cpu"

// useAVX2 and useAVX512 choose the implementations; the higher tier wins. They change only in tests.
var useAVX2, useAVX512 bool

func init() { use(cpu.Current()) }

// use selects the implementations of a tier.
func use(t cpu.Tier) {
	useAVX2, useAVX512, useAMX = t >= cpu.AVX2, t >= cpu.AVX512, t >= cpu.AMX
	useExtras(cpu.Has(t))
}

// longest is how many values one assembly call may handle: assembly is not preempted, so calls stay below 50 µs.
const longest = 1 << 14

func dot(a, b []float32) float32 {
	switch {
	case len(a) == 0:
		return 0
	case len(a) > longest:
		return dot(a[:longest], b[:longest]) + dot(a[longest:], b[longest:])
	case useAVX512:
		return dotAVX512(&a[0], &b[0], len(a))
	case useAVX2:
		return dotAVX2(&a[0], &b[0], len(a))
	}
	return dotGeneric(a, b)
}

func axpy(dst []float32, a float32, x []float32) {
	switch {
	case len(dst) == 0:
	case len(dst) > longest:
		axpy(dst[:longest], a, x[:longest])
		axpy(dst[longest:], a, x[longest:])
	case useAVX512:
		axpyAVX512(&dst[0], a, &x[0], len(dst))
	case useAVX2:
		axpyAVX2(&dst[0], a, &x[0], len(dst))
	default:
		axpyGeneric(dst, a, x)
	}
}

func add(dst, x []float32) {
	switch {
	case len(dst) == 0:
	case len(dst) > longest:
		add(dst[:longest], x[:longest])
		add(dst[longest:], x[longest:])
	case useAVX512:
		addAVX512(&dst[0], &x[0], len(dst))
	case useAVX2:
		addAVX2(&dst[0], &x[0], len(dst))
	default:
		addGeneric(dst, x)
	}
}

func mul(dst, x []float32) {
	switch {
	case len(dst) == 0:
	case len(dst) > longest:
		mul(dst[:longest], x[:longest])
		mul(dst[longest:], x[longest:])
	case useAVX512:
		mulAVX512(&dst[0], &x[0], len(dst))
	case useAVX2:
		mulAVX2(&dst[0], &x[0], len(dst))
	default:
		mulGeneric(dst, x)
	}
}

func scale(dst []float32, a float32) {
	switch {
	case len(dst) == 0:
	case len(dst) > longest:
		scale(dst[:longest], a)
		scale(dst[longest:], a)
	case useAVX512:
		scaleAVX512(&dst[0], a, len(dst))
	case useAVX2:
		scaleAVX2(&dst[0], a, len(dst))
	default:
		scaleGeneric(dst, a)
	}
}

func shift(dst []float32, a float32) {
	switch {
	case len(dst) == 0:
	case len(dst) > longest:
		shift(dst[:longest], a)
		shift(dst[longest:], a)
	case useAVX512:
		shiftAVX512(&dst[0], a, len(dst))
	case useAVX2:
		shiftAVX2(&dst[0], a, len(dst))
	default:
		shiftGeneric(dst, a)
	}
}

func sum(x []float32) float32 {
	switch {
	case len(x) == 0:
		return 0
	case len(x) > longest:
		return sum(x[:longest]) + sum(x[longest:])
	case useAVX512:
		return sumAVX512(&x[0], len(x))
	case useAVX2:
		return sumAVX2(&x[0], len(x))
	}
	return sumGeneric(x)
}

func sumSquares(x []float32, mean float32) float32 {
	switch {
	case len(x) == 0:
		return 0
	case len(x) > longest:
		return sumSquares(x[:longest], mean) + sumSquares(x[longest:], mean)
	case useAVX512:
		return sumSquaresAVX512(&x[0], mean, len(x))
	case useAVX2:
		return sumSquaresAVX2(&x[0], mean, len(x))
	}
	return sumSquaresGeneric(x, mean)
}

func maxOf(x []float32) float32 {
	switch {
	case len(x) == 0:
		return negInf
	case len(x) > longest:
		return max(maxOf(x[:longest]), maxOf(x[longest:]))
	case useAVX512:
		return maxOfAVX512(&x[0], len(x))
	case useAVX2:
		return maxOfAVX2(&x[0], len(x))
	}
	return maxOfGeneric(x)
}

func normalize(dst, x, gamma, beta []float32, mean, scale float32) {
	if len(dst) == 0 {
		return
	}
	if len(dst) > longest {
		var tail []float32
		if beta != nil {
			beta, tail = beta[:longest], beta[longest:]
		}
		normalize(dst[:longest], x[:longest], gamma[:longest], beta, mean, scale)
		normalize(dst[longest:], x[longest:], gamma[longest:], tail, mean, scale)
		return
	}
	var b *float32
	if beta != nil {
		b = &beta[0]
	}
	switch {
	case useAVX512:
		normalizeAVX512(&dst[0], &x[0], &gamma[0], b, mean, scale, len(dst))
	case useAVX2:
		normalizeAVX2(&dst[0], &x[0], &gamma[0], b, mean, scale, len(dst))
	default:
		normalizeGeneric(dst, x, gamma, beta, mean, scale)
	}
}

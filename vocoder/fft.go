package vocoder

import "math"

// plan is the discrete Fourier transform of n complex values, n a power of two, in single precision: Stockham's algorithm with
// radix 4 and one last stage of radix 2 where n asks for it. It is immutable.
type plan struct {
	n        int
	twiddles [][]float32 // of each radix-4 stage: cos and sin of w, w², w³ for p = 0 .. n/4-1
}

func newPlan(n int) *plan {
	f := &plan{n: n}
	for n >= 4 {
		var t []float32
		for p := range n / 4 {
			for k := 1; k <= 3; k++ {
				s, c := math.Sincos(-2 * math.Pi * float64(p*k) / float64(n))
				t = append(t, float32(c), float32(s))
			}
		}
		f.twiddles = append(f.twiddles, t)
		n /= 4
	}
	return f
}

// values are complex numbers, real and imaginary parts apart.
type values struct{ re, im []float32 }

func newValues(n int) values { return values{make([]float32, n), make([]float32, n)} }

// swapped exchanges real and imaginary parts; the transform of the swapped is the swapped inverse transform, times n.
func (v values) swapped() values { return values{v.im, v.re} }

// transform returns the transform of x. It lies in x or in y, and the other is overwritten.
func (f *plan) transform(x, y values) values {
	stride := 1
	for _, t := range f.twiddles {
		radix4(x, y, t, stride)
		x, y = y, x
		stride *= 4
	}
	if stride < f.n { // 2*stride == n
		radix2(x, y, stride)
		x = y
	}
	return x
}

// radix4 is one stage: y[4p+k] = w^(kp) * (sum over j of i^(-jk) x[p + jn/4]), each a row of stride values.
func radix4(x, y values, twiddles []float32, stride int) {
	quarter := len(x.re) / 4
	for p := 0; p < quarter; p += stride {
		w := (*[6]float32)(twiddles)
		twiddles = twiddles[6:]
		ar, ai := x.re[p:][:stride], x.im[p:][:stride]
		br, bi := x.re[p+quarter:][:stride], x.im[p+quarter:][:stride]
		cr, ci := x.re[p+2*quarter:][:stride], x.im[p+2*quarter:][:stride]
		dr, di := x.re[p+3*quarter:][:stride], x.im[p+3*quarter:][:stride]
		r0, i0 := y.re[4*p:][:stride], y.im[4*p:][:stride]
		r1, i1 := y.re[4*p+stride:][:stride], y.im[4*p+stride:][:stride]
		r2, i2 := y.re[4*p+2*stride:][:stride], y.im[4*p+2*stride:][:stride]
		r3, i3 := y.re[4*p+3*stride:][:stride], y.im[4*p+3*stride:][:stride]
		for q := range ar {
			acr, aci, sbr, sbi := ar[q]+cr[q], ai[q]+ci[q], br[q]+dr[q], bi[q]+di[q]
			dcr, dci, jr, ji := ar[q]-cr[q], ai[q]-ci[q], di[q]-bi[q], br[q]-dr[q] // j = i (b - d)
			r0[q], i0[q] = acr+sbr, aci+sbi
			ur, ui := dcr-jr, dci-ji
			r1[q], i1[q] = w[0]*ur-w[1]*ui, w[0]*ui+w[1]*ur
			ur, ui = acr-sbr, aci-sbi
			r2[q], i2[q] = w[2]*ur-w[3]*ui, w[2]*ui+w[3]*ur
			ur, ui = dcr+jr, dci+ji
			r3[q], i3[q] = w[4]*ur-w[5]*ui, w[4]*ui+w[5]*ur
		}
	}
}

func radix2(x, y values, stride int) {
	for q := range stride {
		ar, ai, br, bi := x.re[q], x.im[q], x.re[q+stride], x.im[q+stride]
		y.re[q], y.im[q], y.re[q+stride], y.im[q+stride] = ar+br, ai+bi, ar-br, ai-bi
	}
}

// realPlan transforms 2n real values as n complex ones: x[2i] is the real part of the i-th, x[2i+1] the imaginary.
type realPlan struct {
	*plan
	turn values // (n+1) exp(-pi i k/n) / 2
}

func newRealPlan(n int) *realPlan {
	f := &realPlan{newPlan(n / 2), newValues(n/2 + 1)}
	for k := range f.turn.re {
		s, c := math.Sincos(-2 * math.Pi * float64(k) / float64(n))
		f.turn.re[k], f.turn.im[k] = float32(c/2), float32(s/2)
	}
	return f
}

// split makes of z (n), the transform of packed real values, their spectrum (n+1):
// X[k] = (Z[k] + conj Z[n-k])/2 - i w^k (Z[k] - conj Z[n-k])/2.
func (f *realPlan) split(spec, z values) {
	n := f.n
	for k := range n + 1 {
		a, b := k&(n-1), (n-k)&(n-1)
		er, ei := z.re[a]+z.re[b], z.im[a]-z.im[b]
		or, oi := z.re[a]-z.re[b], z.im[a]+z.im[b]
		wr, wi := f.turn.re[k], f.turn.im[k]
		spec.re[k], spec.im[k] = er/2+wr*oi+wi*or, ei/2+wi*oi-wr*or
	}
}

// join makes of a spectrum (n+1), whose first and last bins are taken as real, what transforms back to 2n packed real
// values, times 2n: Z[k] = X[k] + conj X[n-k] + i conj(w^k) (X[k] - conj X[n-k]).
func (f *realPlan) join(z, spec values) {
	n := f.n
	spec.im[0], spec.im[n] = 0, 0
	for k := range n {
		er, ei := spec.re[k]+spec.re[n-k], spec.im[k]-spec.im[n-k]
		or, oi := spec.re[k]-spec.re[n-k], spec.im[k]+spec.im[n-k]
		wr, wi := 2*f.turn.re[k], -2*f.turn.im[k]
		z.re[k], z.im[k] = er-wr*oi-wi*or, ei+wr*or-wi*oi
	}
}

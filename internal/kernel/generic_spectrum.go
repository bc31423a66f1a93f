package kernel

import "math"

// spectrumWindowGeneric computes dst (N, lanes) = window (N) x (N, 32), of which it takes the first columns.
func spectrumWindowGeneric(dst []float64, x []float32, window []float64) {
	lanes := spectrumLanes()
	for i, w := range window {
		for l := range lanes {
			dst[i*lanes+l] = w * float64(x[i*panelCols+l])
		}
	}
}

// spectrumPassGeneric computes y from x, (points, 2, lanes) each, with a transform of the radix by its definition where no
// butterfly is at hand.
func spectrumPassGeneric(p *spectrumPass, y, x []float64) {
	lanes := spectrumLanes()
	if lanes == 1 && (p.radix == 2 || p.radix == 4 || p.radix == 5) {
		p.passScalar(y, x)
		return
	}
	size, r := 2*lanes, p.radix
	for g := range p.groups {
		for j := range r {
			tr, ti := 1.0, 0.0
			if j > 0 {
				at := 2 * (g*(r-1) + j - 1)
				tr, ti = p.twiddles[at], p.twiddles[at+1]
			}
			for q := range p.s {
				out := y[(q+p.s*(r*g+j))*size:][:size]
				copy(out, x[(q+p.s*g)*size:][:size])
				for i := 1; i < r; i++ {
					root := p.roots[i*j%r*2:][:2]
					addProduct(out, x[(q+p.s*(g+p.groups*i))*size:][:size], root[0], root[1])
				}
				if j > 0 {
					multiply(out, tr, ti)
				}
			}
		}
	}
}

// passScalar is spectrumPassGeneric for one lane and the radices 2, 4 and 5, out of line for each.
func (p *spectrumPass) passScalar(y, x []float64) {
	apart := 2 * p.s * p.groups
	for g := range p.groups {
		twiddles := p.twiddles[2*g*(p.radix-1):][:2*(p.radix-1)]
		from, to := x[2*p.s*g:], y[2*p.s*p.radix*g:]
		switch p.radix {
		case 2:
			pass2(to, from, apart, 2*p.s, twiddles)
		case 4:
			pass4(to, from, apart, 2*p.s, twiddles)
		default:
			pass5(to, from, apart, 2*p.s, twiddles)
		}
	}
}

func get(x []float64, i int) complex128 { return complex(x[i], x[i+1]) }

func put(y []float64, i int, c complex128) { y[i], y[i+1] = real(c), imag(c) }

func timesI(c complex128) complex128 { return complex(-imag(c), real(c)) }

func scaled(f float64, c complex128) complex128 { return complex(f*real(c), f*imag(c)) }

// pass2, pass4 and pass5 compute step/2 butterflies; inputs are apart, outputs step values from one another.
func pass2(y, x []float64, apart, step int, twiddles []float64) {
	w := get(twiddles, 0)
	for q := 0; q < step; q += 2 {
		a0, a1 := get(x, q), get(x, q+apart)
		put(y, q, a0+a1)
		put(y, q+step, (a0-a1)*w)
	}
}

func pass4(y, x []float64, apart, step int, twiddles []float64) {
	w1, w2, w3 := get(twiddles, 0), get(twiddles, 2), get(twiddles, 4)
	for q := 0; q < step; q += 2 {
		a0, a1, a2, a3 := get(x, q), get(x, q+apart), get(x, q+2*apart), get(x, q+3*apart)
		even, d0, odd, d1 := a0+a2, a0-a2, a1+a3, timesI(a1-a3)
		put(y, q, even+odd)
		put(y, q+step, (d0-d1)*w1)
		put(y, q+2*step, (even-odd)*w2)
		put(y, q+3*step, (d0+d1)*w3)
	}
}

// Cosines and sines of 2π/5 and 4π/5.
const (
	cos1, cos2 = 0.30901699437494742410, -0.80901699437494742410
	sin1, sin2 = 0.95105651629515357212, 0.58778525229247312917
)

func pass5(y, x []float64, apart, step int, twiddles []float64) {
	w1, w2, w3, w4 := get(twiddles, 0), get(twiddles, 2), get(twiddles, 4), get(twiddles, 6)
	for q := 0; q < step; q += 2 {
		a0, a1, a2, a3, a4 := get(x, q), get(x, q+apart), get(x, q+2*apart), get(x, q+3*apart), get(x, q+4*apart)
		t1, t2, t3, t4 := a1+a4, a2+a3, a1-a4, a2-a3
		m1, m2 := a0+scaled(cos1, t1)+scaled(cos2, t2), a0+scaled(cos2, t1)+scaled(cos1, t2)
		n1, n2 := timesI(scaled(sin1, t3)+scaled(sin2, t4)), timesI(scaled(sin2, t3)-scaled(sin1, t4))
		put(y, q, a0+t1+t2)
		put(y, q+step, (m1-n1)*w1)
		put(y, q+2*step, (m2-n2)*w2)
		put(y, q+3*step, (m2+n2)*w3)
		put(y, q+4*step, (m1+n1)*w4)
	}
}

// addProduct adds in * (re + i im) to out; both are real parts, then imaginary parts.
func addProduct(out, in []float64, re, im float64) {
	n := len(out) / 2
	outIm, inRe, inIm := out[n:][:n], in[:n], in[n:][:n]
	for l, v := range outIm {
		out[l] += inRe[l]*re - inIm[l]*im
		outIm[l] = v + inRe[l]*im + inIm[l]*re
	}
}

func multiply(x []float64, re, im float64) {
	n := len(x) / 2
	for l, v := range x[:n] {
		w := x[n+l]
		x[l], x[n+l] = v*re-w*im, v*im+w*re
	}
}

// spectrumPowerGeneric computes dst (half+1, lanes), the power of the bins of a real transform, or its root, from the
// transform z (half+1, 2, lanes) of its even samples as real and its odd samples as imaginary parts. Bins k and half-k come
// from the same two values.
func spectrumPowerGeneric(dst, z, twiddles []float64, half int, root bool) {
	lanes := spectrumLanes()
	for k := range half/2 + 1 {
		c, d := twiddles[2*k], twiddles[2*k+1]
		z1, z2 := z[2*k*lanes:][:2*lanes], z[2*(half-k)*lanes:][:2*lanes]
		for l := range lanes {
			er, ei := z1[l]+z2[l], z1[lanes+l]-z2[lanes+l]
			or, oi := z1[lanes+l]+z2[lanes+l], z2[l]-z1[l]
			wr, wi := or*c-oi*d, or*d+oi*c
			low, high := (er+wr)*(er+wr)+(ei+wi)*(ei+wi), (er-wr)*(er-wr)+(ei-wi)*(ei-wi)
			if root {
				low, high = math.Sqrt(low), math.Sqrt(high)
			}
			dst[k*lanes+l], dst[(half-k)*lanes+l] = low, high
		}
	}
}

// spectrumFilterGeneric computes dst (lanes) = weights (N) power (N, lanes).
func spectrumFilterGeneric(dst, power, weights []float64) {
	clear(dst)
	for i, w := range weights {
		for l := range dst {
			dst[l] += w * power[i*len(dst)+l]
		}
	}
}

// spectrumLogGeneric computes dst = scale * log(max(x, floor)); NaN and infinity give NaN.
func spectrumLogGeneric(dst []float32, x []float64, floor, scale float64) {
	for i, v := range x {
		dst[i] = float32(math.Log(max(v, floor))*scale + (v - v))
	}
}

package vocoder

import (
	"math"

	"github.com/parley-go/parley/internal/kernel"
)

// filter shapes the excitation: complex gains on its STFT, and back by overlap-add.
type filter struct {
	h    *Harmonic
	a, b values // (FFT/2) packed samples and scratch
	spec values // (bins)
}

func newFilter(h *Harmonic) filter {
	return filter{h, newValues(h.cfg.FFT / 2), newValues(h.cfg.FFT / 2), newValues(h.bins)}
}

// add adds to dst (FFT) the frame of excitation x (FFT) under gains (3, bins): log-magnitudes, cosine-like and sine-like
// values. It overwrites gains.
func (f *filter) add(dst, x, gains []float32) {
	if silent(x) {
		return
	}
	for i := range f.a.re {
		f.a.re[i], f.a.im[i] = x[2*i]*f.h.window[2*i], x[2*i+1]*f.h.window[2*i+1]
	}
	f.h.fft.split(f.spec, f.h.fft.transform(f.a, f.b))
	n := f.h.bins
	size, cosine, sine := gains[:n], gains[n:][:n], gains[2*n:][:n]
	expGains(size)
	re, im := f.spec.re[:n], f.spec.im[:n]
	for k, g := range size {
		p, q := cosine[k], sine[k]
		g /= float32(math.Sqrt(float64(p*p + q*q + 1e-8)))
		re[k], im[k] = g*(re[k]*p-im[k]*q), g*(re[k]*q+im[k]*p)
	}
	f.h.fft.join(f.a, f.spec)
	y := f.h.fft.transform(f.a.swapped(), f.b).swapped()
	for i, v := range y.re {
		dst[2*i] += v * f.h.synthesis[2*i]
		dst[2*i+1] += y.im[i] * f.h.synthesis[2*i+1]
	}
}

func silent(x []float32) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// expGains turns log-gains into gains within bounds: what the network may say of a frame unlike any it has seen.
func expGains(x []float32) {
	for i, g := range x {
		x[i] = min(max(g, -20), 8)
	}
	kernel.Exp(x)
}

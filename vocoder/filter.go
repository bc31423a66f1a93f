package vocoder

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/parley-go/parley/internal/kernel"
)

// filter shapes the excitation: complex gains on its STFT, and back by overlap-add.
type filter struct {
	h     *Harmonic
	fft   *fourier.FFT
	spec  []complex128 // (bins)
	frame []float64    // (FFT)
}

func newFilter(h *Harmonic) filter {
	return filter{h, fourier.NewFFT(h.cfg.FFT), make([]complex128, h.bins), make([]float64, h.cfg.FFT)}
}

// add adds to dst (FFT) the frame of excitation x (FFT) under gains (3, bins): log-magnitudes, cosine-like and sine-like
// values. It overwrites gains.
func (f *filter) add(dst, x, gains []float32) {
	if silent(x) {
		return
	}
	for i, w := range f.h.window {
		f.frame[i] = float64(x[i] * w)
	}
	f.fft.Coefficients(f.spec, f.frame)
	n := f.h.bins
	size, cosine, sine := gains[:n], gains[n:2*n], gains[2*n:3*n]
	expGains(size)
	for k, a := range size {
		p, q := cosine[k], sine[k]
		r := a / float32(math.Sqrt(float64(p*p+q*q+1e-8)))
		f.spec[k] *= complex(float64(r*p), float64(r*q))
	}
	addInverse(dst, f.fft, f.frame, f.spec, f.h.synthesis)
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

// addInverse adds the inverse transform of spec times window to dst. frame is scratch.
func addInverse(dst []float32, fft *fourier.FFT, frame []float64, spec []complex128, window []float32) {
	last := len(spec) - 1
	spec[0], spec[last] = complex(real(spec[0]), 0), complex(real(spec[last]), 0)
	fft.Sequence(frame, spec)
	for i, w := range window {
		dst[i] += float32(frame[i]) * w
	}
}

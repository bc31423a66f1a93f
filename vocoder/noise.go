package vocoder

import "gonum.org/v1/gonum/dsp/fourier"

// hiss makes the noise: white spectra under the network's gains.
type hiss struct {
	h     *Harmonic
	fft   *fourier.FFT
	spec  []complex128 // (bins)
	frame []float64    // (NoiseFFT)
	white []float32    // (bins, 2) real and imaginary parts, each of unit variance
	draw  func(white []float32)
}

func newHiss(h *Harmonic, draw func([]float32)) hiss {
	n := h.cfg.NoiseFFT
	return hiss{h, fourier.NewFFT(n), make([]complex128, h.noise), make([]float64, n), make([]float32, 2*h.noise), draw}
}

// add adds to dst (NoiseFFT) a frame of noise under log-gains (bins). It overwrites gains.
func (s *hiss) add(dst, gains []float32) {
	s.draw(s.white)
	expGains(gains)
	for k, g := range gains {
		s.spec[k] = complex(float64(g*s.white[2*k]), float64(g*s.white[2*k+1]))
	}
	addInverse(dst, s.fft, s.frame, s.spec, s.h.noiseWindow)
}

// white draws uniform numbers of unit variance: SplitMix64 (Steele, Lea and Flood 2014).
type white struct{ state uint64 }

// reset makes the stream's noise the same for every sound.
func (w *white) reset() { w.state = 0x5eed }

// fill fills x, of even length.
func (w *white) fill(x []float32) {
	const scale = 1.7320508 / (1 << 31) // to -sqrt(3) .. sqrt(3)
	for i := 0; i < len(x); i += 2 {
		w.state += 0x9e3779b97f4a7c15
		z := w.state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
		x[i], x[i+1] = float32(int32(z))*scale, float32(int32(z>>32))*scale
	}
}

package vocoder

// hiss makes the noise: white spectra under the network's gains. The two frames of a hop go through one complex transform.
type hiss struct {
	h     *Harmonic
	a, b  values    // (NoiseFFT) spectra, sounds and scratch
	white []float32 // (2, bins, 2) real and imaginary parts, each of unit variance
	draw  func(white []float32)
}

func newHiss(h *Harmonic, draw func([]float32)) hiss {
	return hiss{h, newValues(h.cfg.NoiseFFT), newValues(h.cfg.NoiseFFT), make([]float32, 4*h.noise), draw}
}

// add adds to dst two frames of noise (NoiseFFT), Hop/2 apart, under log-gains (2, bins). It overwrites gains.
func (s *hiss) add(dst, gains []float32) {
	s.draw(s.white)
	expGains(gains)
	n, last := s.h.noise, s.h.noise-1
	x, y := s.white[:2*n], s.white[2*n:]
	for k := range n { // the spectrum of x + iy, where x and y are real sounds
		g, h := gains[k], gains[n+k]
		xr, xi, yr, yi := g*x[2*k], g*x[2*k+1], h*y[2*k], h*y[2*k+1]
		if k == 0 || k == last {
			xi, yi = 0, 0
		}
		s.a.re[k], s.a.im[k] = xr-yi, xi+yr
		if k > 0 {
			s.a.re[2*last-k], s.a.im[2*last-k] = xr+yi, yr-xi
		}
	}
	z := s.h.noiseFFT.transform(s.a.swapped(), s.b).swapped()
	for i, w := range s.h.noiseWindow {
		dst[i] += z.re[i] * w
	}
	dst = dst[s.h.cfg.Hop/2:]
	for i, w := range s.h.noiseWindow {
		dst[i] += z.im[i] * w
	}
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

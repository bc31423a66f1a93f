package audio

import (
	"fmt"

	"gonum.org/v1/gonum/dsp/fourier"
)

// An STFT is a short-time Fourier transform with a Hann window, and its inverse by weighted overlap-add (Griffin and
// Lim, IEEE TASSP 32(2), 1984). Inverse(Forward(x)) is x: the sound is extended with silence by N-Hop at both ends, so
// that every sample lies under all its windows, and each is divided by the sum of their squares. It belongs to one
// goroutine.
type STFT struct {
	n, hop int
	window []float64 // (N), periodic Hann
	norm   []float64 // (Hop): 1/(N * sum of the squared windows at a sample i mod Hop)
	fft    *fourier.FFT
	frame  []float64 // (N)
	sum    []float64 // (N): of the frames overlapping the one that comes next; [0] is the next sample out
}

// NewSTFT makes a transform of n samples every hop. hop must divide n and be at most n/2: then the windows overlap
// enough. It panics otherwise.
func NewSTFT(n, hop int) *STFT {
	if n < 4 || hop < 1 || n%hop != 0 || hop > n/2 {
		panic(fmt.Sprintf("audio: NewSTFT(%d, %d): the hop must divide the length and be at most half of it", n, hop))
	}
	s := &STFT{n: n, hop: hop, window: Hann(n), norm: make([]float64, hop), fft: fourier.NewFFT(n)}
	s.frame, s.sum = make([]float64, n), make([]float64, n)
	for i := range hop {
		total := 0.0
		for k := i; k < n; k += hop {
			total += s.window[k] * s.window[k]
		}
		s.norm[i] = 1 / (total * float64(n))
	}
	return s
}

// Bins is the number of complex values of a frame, N/2+1.
func (s *STFT) Bins() int { return s.n/2 + 1 }

// Frames is the number of frames of a sound of samples: every hop from N-Hop before it until it is covered throughout.
func (s *STFT) Frames(samples int) int {
	if samples <= 0 {
		return 0
	}
	return (samples+s.hop-1)/s.hop + s.n/s.hop - 1
}

// Analyze transforms one frame x (N) to dst (Bins).
func (s *STFT) Analyze(dst []complex128, x []float32) {
	for i, w := range s.window {
		s.frame[i] = w * float64(x[i])
	}
	s.fft.Coefficients(dst, s.frame)
}

// Synthesize adds the inverse transform of one frame spec (Bins) to those before it and appends the hop samples that
// no later frame reaches to dst. Sample 0 of what comes out is sample 0 of the first frame; see Reset.
func (s *STFT) Synthesize(dst []float32, spec []complex128) []float32 {
	s.fft.Sequence(s.frame, spec)
	for i, w := range s.window {
		s.sum[i] += w * s.frame[i]
	}
	for i, scale := range s.norm {
		dst = append(dst, float32(s.sum[i]*scale))
	}
	copy(s.sum, s.sum[s.hop:])
	clear(s.sum[s.n-s.hop:])
	return dst
}

// Reset forgets what Synthesize has been given.
func (s *STFT) Reset() { clear(s.sum) }

// Forward returns the spectrum of a whole sound, (Frames, Bins).
func (s *STFT) Forward(x []float32) []complex128 {
	frames, bins, pad := s.Frames(len(x)), s.Bins(), s.n-s.hop
	padded := make([]float32, pad+frames*s.hop+pad)
	copy(padded[pad:], x)
	spec := make([]complex128, frames*bins)
	for t := range frames {
		s.Analyze(spec[t*bins:(t+1)*bins], padded[t*s.hop:t*s.hop+s.n])
	}
	return spec
}

// Inverse returns the n samples whose spectrum, in the sense of least squares, is nearest to spec (Frames(n), Bins).
func (s *STFT) Inverse(spec []complex128, n int) []float32 {
	bins := s.Bins()
	s.Reset()
	var x []float32
	for t := range len(spec) / bins {
		x = s.Synthesize(x, spec[t*bins:(t+1)*bins])
	}
	s.Reset()
	pad := s.n - s.hop
	return x[min(pad, len(x)):min(pad+n, len(x))]
}

package vocoder

import (
	"math"
	"math/cmplx"
	"math/rand/v2"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/tensor"
)

// GriffinLim finds a sound whose STFT magnitudes come near those of the mel frames: the fast algorithm of Perraudin, Balazs
// and Sondergaard 2013 after Griffin and Lim 1984. F0 is not used. Its streams collect all frames and make sound in Flush.
type GriffinLim struct {
	cfg        audio.MelConfig
	unmel      *unmel
	window     []float64 // (FFT)
	iterations int
}

const momentum = 0.99

// NewGriffinLim returns a vocoder for the frames of audio.SpeakMel. 0 iterations mean 32.
func NewGriffinLim(iterations int) *GriffinLim {
	if iterations <= 0 {
		iterations = 32
	}
	m := audio.NewMel(audio.SpeakMel())
	cfg := m.Config()
	return &GriffinLim{cfg, newUnmel(m), audio.Hann(cfg.FFT), iterations}
}

// Rate implements Vocoder.
func (g *GriffinLim) Rate() int { return g.cfg.Rate }

// Hop implements Vocoder.
func (g *GriffinLim) Hop() int { return g.cfg.Hop }

// Mels implements Vocoder.
func (g *GriffinLim) Mels() int { return g.cfg.Mels }

// NewStream implements Vocoder.
func (g *GriffinLim) NewStream() Stream { return &griffinStream{g: g} }

type griffinStream struct {
	g   *GriffinLim
	mel []float32 // (T, Mels) so far
}

func (s *griffinStream) Push(dst []float32, mel tensor.Mat, f0 []float32) []float32 {
	checkFrames(s.g, mel, f0)
	for _, v := range mel.Data {
		s.mel = append(s.mel, saneMel(v))
	}
	return dst
}

func (s *griffinStream) Flush(dst []float32) []float32 {
	g := s.g
	frames, bins := len(s.mel)/g.cfg.Mels, g.unmel.bins
	if frames == 0 {
		return dst
	}
	target := make([]float64, frames*bins) // (T, bins) magnitudes
	for t := range frames {
		g.unmel.magnitudes(target[t*bins:][:bins], s.mel[t*g.cfg.Mels:][:g.cfg.Mels])
	}
	s.mel = s.mel[:0]
	for _, v := range g.invert(target, frames) {
		dst = append(dst, float32(v))
	}
	return dst
}

// invert returns the sound (T*Hop) with STFT magnitudes near target (T, bins).
func (g *GriffinLim) invert(target []float64, frames int) []float64 {
	w := newWhole(g.window, g.cfg.Hop, g.cfg.Left, frames)
	spec, last := make([]complex128, len(target)), make([]complex128, len(target))
	rng := rand.New(rand.NewPCG(1, 2))
	for i, m := range target {
		spec[i] = cmplx.Rect(m, 2*math.Pi*rng.Float64())
	}
	for range g.iterations {
		w.synthesize(spec)
		w.analyze(spec)
		for i, c := range spec {
			next := c + momentum*(c-last[i])
			last[i] = c
			if a := cmplx.Abs(next); a > 1e-12 {
				next *= complex(target[i]/a, 0)
			}
			spec[i] = next
		}
	}
	w.synthesize(spec)
	return w.sound
}

// whole is the STFT of a whole sound and its least-squares inverse. Frame t begins left samples before sample hop*t.
type whole struct {
	fft    *fourier.FFT
	window []float64 // (N)
	weight []float64 // (T*hop) sum of shifted squared windows, times N
	sound  []float64 // (T*hop)
	frame  []float64 // (N)
	hop    int
	left   int
}

func newWhole(window []float64, hop, left, frames int) *whole {
	n := len(window)
	w := &whole{fourier.NewFFT(n), window, make([]float64, frames*hop), make([]float64, frames*hop), make([]float64, n), hop, left}
	for t := range frames {
		for i := w.start(t); i < w.end(t); i++ {
			v := window[i-t*hop+left]
			w.weight[i] += v * v * float64(n)
		}
	}
	return w
}

// start and end bound the samples of frame t that lie in the sound.
func (w *whole) start(t int) int { return max(0, t*w.hop-w.left) }
func (w *whole) end(t int) int   { return min(len(w.sound), t*w.hop-w.left+len(w.window)) }

// analyze fills spec (T, bins) with the STFT of the sound.
func (w *whole) analyze(spec []complex128) {
	bins := len(w.window)/2 + 1
	for t := range len(spec) / bins {
		clear(w.frame)
		from := t*w.hop - w.left
		for i := w.start(t); i < w.end(t); i++ {
			w.frame[i-from] = w.sound[i] * w.window[i-from]
		}
		w.fft.Coefficients(spec[t*bins:][:bins], w.frame)
	}
}

// synthesize sets the sound to the one whose STFT is nearest to spec (T, bins).
func (w *whole) synthesize(spec []complex128) {
	bins := len(w.window)/2 + 1
	clear(w.sound)
	for t := range len(spec) / bins {
		w.fft.Sequence(w.frame, spec[t*bins:][:bins])
		from := t*w.hop - w.left
		for i := w.start(t); i < w.end(t); i++ {
			w.sound[i] += w.frame[i-from] * w.window[i-from]
		}
	}
	for i, v := range w.weight {
		w.sound[i] /= max(v, 1e-6)
	}
}

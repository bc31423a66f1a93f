package audio

import (
	"math"

	"github.com/parley-go/parley/internal/kernel"
)

// melFilters builds the triangles of Slaney's Auditory Toolbox (Interval TR 1998-010): peaks evenly spaced on the mel
// scale, each of unit area in Hz. They are those of librosa and of Whisper. Only the
// support of a triangle is kept.
func melFilters(cfg MelConfig) []kernel.Band {
	hz := make([]float64, cfg.Mels+2)
	low, high := hzToMel(cfg.Low), hzToMel(cfg.High)
	for i := range hz {
		hz[i] = melToHz(low + (high-low)*float64(i)/float64(cfg.Mels+1))
	}
	filters := make([]kernel.Band, cfg.Mels)
	for m := range filters {
		f := &filters[m]
		for bin := range cfg.FFT/2 + 1 {
			x := float64(bin) * float64(cfg.Rate) / float64(cfg.FFT)
			up, down := (x-hz[m])/(hz[m+1]-hz[m]), (hz[m+2]-x)/(hz[m+2]-hz[m+1])
			w := min(up, down) * 2 / (hz[m+2] - hz[m])
			if w <= 0 {
				continue
			}
			if len(f.Weights) == 0 {
				f.First = bin
			}
			f.Weights = append(f.Weights, w)
		}
	}
	return filters
}

// Slaney's scale is linear to 1 kHz, mel 15, and logarithmic above: 27 mels for a factor of 6.4.
const (
	melBreak = 15.0
	hzPerMel = 200.0 / 3
)

var melStep = math.Log(6.4) / 27

func hzToMel(hz float64) float64 {
	if m := hz / hzPerMel; m < melBreak {
		return m
	}
	return melBreak + math.Log(hz/1000)/melStep
}

func melToHz(mel float64) float64 {
	if mel < melBreak {
		return mel * hzPerMel
	}
	return 1000 * math.Exp((mel-melBreak)*melStep)
}

// Hann returns the periodic Hann window of n values: 0.5 - 0.5 cos(2 pi i/n).
func Hann(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
	}
	return w
}

// Filter returns the triangle of band i: its first bin and the weights of that bin and the following. They are not to be changed.
func (m *Mel) Filter(i int) (first int, weights []float64) {
	return m.filters[i].First, m.filters[i].Weights
}

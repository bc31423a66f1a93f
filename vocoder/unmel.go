package vocoder

import (
	"math"

	"github.com/parley-go/parley/audio"
)

// unmel estimates the magnitudes of STFT bins from mel bands.
type unmel struct {
	bank  []band
	total []float64 // (bins) sum of all bands' weights
	bins  int
}

type band struct {
	first   int
	weights []float64
}

func newUnmel(m *audio.Mel) *unmel {
	cfg := m.Config()
	u := &unmel{bins: cfg.FFT/2 + 1}
	u.total = make([]float64, u.bins)
	for i := range cfg.Mels {
		first, weights := m.Filter(i)
		u.bank = append(u.bank, band{first, weights})
		for j, w := range weights {
			u.total[first+j] += w
		}
	}
	return u
}

// magnitudes fills dst (bins) with the magnitudes whose mel bands are exp(mel) (Mels): multiplicative updates for the
// Kullback-Leibler divergence from a flat start (Lee and Seung 2001), which keep magnitudes positive and smooth.
func (u *unmel) magnitudes(dst []float64, mel []float32) {
	const updates = 30
	ratio := make([]float64, u.bins)
	for k := range dst {
		dst[k] = 1
		if u.total[k] == 0 {
			dst[k] = 0 // a bin in no band
		}
	}
	for range updates {
		clear(ratio)
		for i, b := range u.bank {
			sum := 1e-9
			for j, w := range b.weights {
				sum += w * dst[b.first+j]
			}
			q := math.Exp(float64(mel[i])) / sum
			for j, w := range b.weights {
				ratio[b.first+j] += w * q
			}
		}
		for k, t := range u.total {
			if t > 0 {
				dst[k] *= ratio[k] / t
			}
		}
	}
}

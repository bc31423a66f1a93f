package tts

import "math/rand/v2"

// texture draws what regression averages away. The acoustic model learned log-mels by regression, so it says their mean, which is more even from band to
// band than any speech, and of voiced sounds so even that the vocoder makes tones where there should be breath. texture lets each band of a voiced frame differ
// from the mean by chance: by a Gaussian of standard deviation MelSpread, alike for neighbouring bands, and for neighbouring frames, whose windows
// share samples. The same frames always get the same numbers.
type texture struct {
	spread []float32 // (Mels) nats; none: nothing is added
	source *rand.PCG
	normal *rand.Rand
	white  []float32 // (len(overFrames), Mels+2), the newest frame last, a band more at either end
	smooth []float32 // (Mels+2)
}

// What five frames and three bands of white noise contribute to one; the squares add up to one. Frames then correlate by 0.8 and 0.4, bands by 0.7 and 0.2.
var (
	overFrames = [5]float32{0.1242, 0.4967, 0.6898, 0.4967, 0.1242}
	overBands  = [3]float32{0.4082, 0.8165, 0.4082}
)

func newTexture(spread []float32) texture {
	t := texture{spread: spread}
	if len(spread) > 0 {
		t.source = new(rand.PCG)
		t.normal = rand.New(t.source)
		t.smooth = make([]float32, len(spread)+2)
		t.white = make([]float32, len(overFrames)*len(t.smooth))
	}
	return t
}

// reset begins the numbers anew.
func (x *texture) reset() {
	if x.source != nil {
		x.source.Seed(0x5eed, 0)
		clear(x.white)
	}
}

// add adds to the next frame (Mels), a log-mel.
func (x *texture) add(frame []float32, voiced bool) {
	if x.source == nil {
		return
	}
	n := len(x.smooth)
	newest := x.white[copy(x.white, x.white[n:]):]
	for i := range newest {
		newest[i] = float32(x.normal.NormFloat64())
	}
	if !voiced {
		return
	}
	clear(x.smooth)
	for k, share := range overFrames {
		for i, v := range x.white[k*n:][:n] {
			x.smooth[i] += share * v
		}
	}
	for i, s := range x.spread {
		y := x.smooth[i : i+3]
		frame[i] += s * (overBands[0]*y[0] + overBands[1]*y[1] + overBands[2]*y[2])
	}
}

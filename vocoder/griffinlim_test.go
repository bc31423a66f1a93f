package vocoder

import (
	"math"
	"testing"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/tensor"
)

// melOf returns the frames of a sound.
func melOf(x []float32) tensor.Mat {
	data := audio.NewMel(audio.SpeakMel()).Whole(nil, x)
	return tensor.From(data, len(data)/80, 80)
}

// distance is the mean absolute difference of log-mels floored at ln 1e-3.
func distance(a, b tensor.Mat) float64 {
	sum := 0.0
	for i, v := range a.Data {
		sum += math.Abs(math.Max(float64(v), -6.9) - math.Max(float64(b.Data[i]), -6.9))
	}
	return sum / float64(len(a.Data))
}

// vowel is n samples of a sound with 12 harmonics of a gliding F0 and a little noise. It returns F0 a frame too.
func vowel(n int) (x, f0 []float32) {
	x, f0 = make([]float32, n), make([]float32, n/300)
	phase := 0.0
	for i := range x {
		f := 180 + 40*math.Sin(float64(i)/9000)
		phase += 2 * math.Pi * f / 24000
		for h := 1.0; h <= 12; h++ {
			x[i] += float32(0.2 / h * math.Sin(h*phase+h*h))
		}
		if i%300 == 150 {
			f0[i/300] = float32(f)
		}
	}
	return x, f0
}

func TestGriffinLimFindsTheMel(t *testing.T) {
	x, f0 := vowel(18000)
	mel := melOf(x)
	y := Render(NewGriffinLim(0), mel, f0)
	if len(y) != len(x) {
		t.Fatalf("%d samples, want %d", len(y), len(x))
	}
	if d := distance(mel, melOf(y)); d > 0.3 {
		t.Errorf("log-mels differ by %.2f", d)
	}
}

func TestUnmelInvertsTheFilterbank(t *testing.T) {
	m := audio.NewMel(audio.SpeakMel())
	u := newUnmel(m)
	mel := make([]float32, 80)
	for i := range mel {
		mel[i] = float32(-2 - 0.05*float64(i) + math.Sin(float64(i)/5))
	}
	mags := make([]float64, u.bins)
	u.magnitudes(mags, mel)
	for i, want := range mel {
		first, weights := m.Filter(i)
		sum := 0.0
		for j, w := range weights {
			sum += w * mags[first+j]
		}
		if got := math.Log(sum); math.Abs(got-float64(want)) > 0.05 {
			t.Errorf("band %d is %.3f, want %.3f", i, got, want)
		}
	}
}

package vocoder

import (
	"math"
	"testing"
)

// The default voice's vocoder, on a sound that is not its voice.

func openVoice(t *testing.T) *Harmonic {
	h, err := Open("../models/en/voice")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestVoiceCopiesTheMel(t *testing.T) {
	x, f0 := vowel(24000)
	mel := melOf(x)
	if d := distance(mel, melOf(Render(openVoice(t), mel, f0))); d > 0.5 {
		t.Errorf("log-mels differ by %.2f", d)
	}
}

// roughest is the largest second difference of x.
func roughest(x []float32) float64 {
	worst := 0.0
	for i := 2; i < len(x); i++ {
		worst = max(worst, math.Abs(float64(x[i]-2*x[i-1]+x[i-2])))
	}
	return worst
}

func TestVoicingChangesWithoutClicks(t *testing.T) {
	h := openVoice(t)
	x, f0 := vowel(24000)
	mel := melOf(x)
	voiced := roughest(Render(h, mel, f0))
	for i := range f0 {
		if i/7%2 == 1 {
			f0[i] = 0
		}
	}
	if mixed := roughest(Render(h, mel, f0)); mixed > 1.5*voiced {
		t.Errorf("largest step of slope %.3f where voicing changes, %.3f where it does not", mixed, voiced)
	}
}

func TestPhaseIsContinuous(t *testing.T) {
	// With top below 2 F0 one harmonic remains: a sine, whose steps are bounded by its slope and by the fade.
	e := excitation{hop: 300, rate: 24000, top: 500}
	x := make([]float32, 60*300)
	for i := range 60 {
		f0 := 375 + 120*math.Sin(float64(i))
		if i%13 > 8 {
			f0 = 0
		}
		e.segment(x[i*300:][:300], f0)
	}
	amplitude := math.Sqrt(2 * 500.0 / 24000)
	for i := 1; i < len(x); i++ {
		if d := math.Abs(float64(x[i] - x[i-1])); d > amplitude*(2*math.Pi*500/24000+1.0/300) {
			t.Fatalf("step of %.3f at sample %d", d, i)
		}
	}
}

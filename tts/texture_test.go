package tts

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// textureOf returns what a texture adds to frames that are voiced but for every fourth of them, (frames, Mels).
func textureOf(x *texture, frames int) []float32 {
	x.reset()
	mels := len(x.spread)
	out := make([]float32, frames*mels)
	for t := range frames {
		x.add(out[t*mels:][:mels], t%4 != 3)
	}
	return out
}

// TestTexture: the spread of each band, how neighbours go together, and nothing where there is no voice.
func TestTexture(t *testing.T) {
	const mels, frames = 24, 4000
	spread := make([]float32, mels)
	for i := range spread {
		spread[i] = float32(i%3) * 0.4
	}
	x := newTexture(spread)
	y := textureOf(&x, frames)
	together := func(band, dt, db int) float64 { // the mean product of voiced values so far apart
		sum, n := 0.0, 0
		for i := 0; i+dt < frames; i++ {
			if i%4 != 3 && (i+dt)%4 != 3 {
				sum, n = sum+float64(y[i*mels+band])*float64(y[(i+dt)*mels+band+db]), n+1
			}
		}
		return sum / float64(n)
	}
	for b, s := range spread {
		if got := math.Sqrt(together(b, 0, 0)); math.Abs(got-float64(s)) > 0.1*float64(s) {
			t.Errorf("band %d: spread %.3f, want %.3f", b, got, s)
		}
		for i := 3; i < frames; i += 4 {
			if v := y[i*mels+b]; v != 0 {
				t.Fatalf("frame %d without voice has %v", i, v)
			}
		}
	}
	for _, c := range []struct {
		dt, db int
		want   float64
	}{{1, 0, 0.81}, {2, 0, 0.42}, {5, 0, 0}, {0, 1, 0.67}, {0, 3, 0}} {
		if got := together(10, c.dt, c.db) / (0.4 * float64(spread[10+c.db])); math.Abs(got-c.want) > 0.1 {
			t.Errorf("%d frames and %d bands apart: correlation %.2f, want %.2f", c.dt, c.db, got, c.want)
		}
	}
	if !slices.Equal(y, textureOf(&x, frames)) {
		t.Error("the second time other numbers")
	}
}

// TestTextureOfAnUtterance: a model with mel_spread says the same text in the same way each time, not smoothly, and without allocating.
func TestTextureOfAnUtterance(t *testing.T) {
	a := tinyAcoustic(t)
	ids, _ := a.tokens([]rune("ˈab, əbab. ab"))
	say := func() (mel, f0 []float32) {
		u := a.newUtterance()
		u.plan(ids, 0, 1.6, 0)
		return all(u)
	}
	even, f0 := say()
	a.MelSpread = slices.Repeat([]float32{0.5}, a.Mels)
	rough, _ := say()
	for i := range even {
		if voiced := f0[i/a.Mels] > 0; voiced == (even[i] == rough[i]) {
			t.Fatalf("value %d, voiced %v: %v became %v", i, voiced, even[i], rough[i])
		}
	}
	if again, _ := say(); !slices.Equal(rough, again) {
		t.Error("the second time another sound")
	}
	u := a.newUtterance()
	u.plan(slices.Repeat(ids, 40), 0, 1, 0)
	u.next()
	if n := testing.AllocsPerRun(20, func() { u.next() }); n != 0 && !raceDetector {
		t.Errorf("next allocates %v times a chunk", n)
	}
}

// TestSpreadIsChecked: a spread that no voice has is an error that names it.
func TestSpreadIsChecked(t *testing.T) {
	c, _ := tinyFile(t)
	for _, bad := range []float32{-1, 11, float32(math.NaN())} {
		c.MelSpread = slices.Repeat([]float32{bad}, c.Mels)
		if err := c.check(); err == nil || !strings.Contains(err.Error(), "mel_spread") {
			t.Errorf("spread %v: %v", bad, err)
		}
	}
	c.MelSpread = []float32{1}
	if err := c.check(); err == nil || !strings.Contains(err.Error(), "mel_spread") {
		t.Errorf("one spread for %d bands: %v", c.Mels, err)
	}
}

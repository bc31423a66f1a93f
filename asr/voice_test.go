package asr

import (
	"slices"
	"testing"
)

// TestVoiceOfASegment: an encoder frame is two and a half of the detector's.
func TestVoiceOfASegment(t *testing.T) {
	v := &voice{hop: 256}
	for _, c := range []struct {
		name   string
		speech [][2]int // frames of the detector
		lo, hi int      // of the encoder
		want   bool
	}{
		{"nothing", nil, 0, 40, false},
		{"a word", [][2]int{{20, 30}}, 0, 40, true},
		{"clicks", [][2]int{{20, 22}, {26, 28}, {40, 44}}, 0, 40, false},
		{"a word with a gap", [][2]int{{20, 25}, {26, 31}}, 0, 40, true},
		{"speech before", [][2]int{{10, 40}}, 16, 40, false},
		{"speech behind", [][2]int{{50, 90}}, 0, 20, false},
	} {
		v.first, v.probs = 0, slices.Repeat([]float32{0.1}, 100)
		for _, s := range c.speech {
			for i := s[0]; i < s[1]; i++ {
				v.probs[i] = 0.9
			}
		}
		if got := v.speaks(c.lo, c.hi); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		v.drop(c.lo)
		if got := v.speaks(c.lo, c.hi); got != c.want {
			t.Errorf("%s, what was before forgotten: %v", c.name, got)
		}
	}
}

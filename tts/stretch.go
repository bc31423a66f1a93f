package tts

import "github.com/parley-go/parley/transformer"

// stretch speeds frames up by leaving out some, between which it interpolates. The acoustic model's steps of 25 ms are too
// coarse for fast speech; its F0 stays what it was because the vocoder takes it in Hz.
type stretch struct {
	speed float64         // frames taken for each one given, 1 or more
	taken int             // frames
	given int             // frames
	last  []float32       // (Mels) the last frame taken
	lastF float32         // its F0
	mel   transformer.Mat // what push gives
	f0    []float32
}

// stretched is how many frames become of n, by the test of push: a quotient may round across it.
func stretched(n int, speed float64) int {
	k := int(float64(n-1)/speed) + 2
	for ; k > 0 && float64(k-1)*speed > float64(n-1); k-- {
	}
	return k
}

// start begins an utterance.
func (s *stretch) start(speed float64) { s.speed, s.taken, s.given = speed, 0, 0 }

// push takes the next frames mel (T, Mels) and f0 (T) and returns those that are ready, which last until the next push.
// Frame k is taken from place k*speed.
func (s *stretch) push(mel transformer.Mat, f0 []float32) (transformer.Mat, []float32) {
	if s.speed == 1 {
		return mel, f0
	}
	end := s.taken + mel.Rows
	data := s.mel.Data[:0]
	s.f0 = s.f0[:0]
	for ; float64(s.given)*s.speed <= float64(end-1); s.given++ {
		place := float64(s.given) * s.speed
		i := int(place)
		a, fa := s.frame(mel, f0, i)
		b, fb := s.frame(mel, f0, min(i+1, end-1))
		w := float32(place - float64(i))
		for j := range a {
			data = append(data, a[j]+w*(b[j]-a[j]))
		}
		s.f0 = append(s.f0, between(fa, fb, w))
	}
	s.taken, s.lastF = end, f0[len(f0)-1]
	s.last = append(s.last[:0], mel.Row(mel.Rows-1)...)
	s.mel = transformer.MatOf(data, len(s.f0), mel.Cols)
	return s.mel, s.f0
}

// frame returns frame i of the utterance: the last one of the push before, or one of mel.
func (s *stretch) frame(mel transformer.Mat, f0 []float32, i int) ([]float32, float32) {
	if i < s.taken {
		return s.last, s.lastF
	}
	return mel.Row(i - s.taken), f0[i-s.taken]
}

// between interpolates F0, and takes the nearer one where either has no voice.
func between(a, b, w float32) float32 {
	switch {
	case a > 0 && b > 0:
		return a + w*(b-a)
	case w < 0.5:
		return a
	}
	return b
}

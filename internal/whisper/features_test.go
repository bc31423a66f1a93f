package whisper

import "testing"

// Half a minute of sound to the log-mel of a window.
func BenchmarkFeatures(b *testing.B) {
	m := tiny(b, "multilingual")
	clip, s := sweep(30), m.newSession()
	for b.Loop() {
		f := s.open(clip.Source())
		if err := f.fill(b.Context(), 30*frameRate); err != nil {
			b.Fatal(err)
		}
		f.window(s.window(), 0, m.config.frames(), false)
	}
}

package vad

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"
)

func detectors(t testing.TB) map[string]Detector {
	return map[string]Detector{"ours": Default(), "silero": ruledSilero(t), "energy": Energy}
}

func TestStreamingEqualsWhole(t *testing.T) {
	x := sound()
	for name, d := range detectors(t) {
		want := Probabilities(d, x)
		rng := rand.New(rand.NewPCG(1, 2))
		s := d.NewStream()
		for _, size := range []int{1, 7, d.Hop() - 1, d.Hop(), d.Hop() + 1, 4097, len(x), -1} {
			var got []float32
			for at := 0; at < len(x); {
				n := size
				if size < 0 {
					n = rng.IntN(3000)
				}
				n = min(n, len(x)-at)
				got = s.Push(got, x[at:at+n])
				at += n
			}
			got = s.Flush(got)
			if len(got) != len(want) {
				t.Fatalf("%s, pushes of %d: %d probabilities, want %d", name, size, len(got), len(want))
			}
			for i := range want {
				if d := got[i] - want[i]; !(d < 1e-5 && d > -1e-5) {
					t.Fatalf("%s, pushes of %d, frame %d: %v, want %v", name, size, i, got[i], want[i])
				}
			}
		}
	}
}

func TestFramesOfAnyLength(t *testing.T) {
	x := sound()
	for name, d := range detectors(t) {
		h := d.Hop()
		for _, n := range []int{0, 1, h - 1, h, h + 1, 2 * h, 2*h + 1, 10*h - 1} {
			if got := len(Probabilities(d, x[:n])); got != (n+h-1)/h {
				t.Errorf("%s: %d samples make %d probabilities", name, n, got)
			}
		}
	}
}

// TestFramesComeInTime holds what the documentation says: the network hears 32 ms ahead, the others nothing.
func TestFramesComeInTime(t *testing.T) {
	x := sound()
	for name, ahead := range map[string]int{"ours": 2 * hop, "silero": 0, "energy": 0} {
		d := detectors(t)[name]
		n := 20*d.Hop() + ahead
		if got := len(d.NewStream().Push(nil, x[:n])); got != 20 {
			t.Errorf("%s: %d probabilities after %d samples, want 20", name, got, n)
		}
		if got := len(d.NewStream().Push(nil, x[:n-1])); got != 19 {
			t.Errorf("%s: %d probabilities after %d samples, want 19", name, got, n-1)
		}
	}
}

// TestBadSamples pushes what is not a sound and then one: probabilities stay in [0, 1], and soon nothing of it is left.
func TestBadSamples(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	x := sound()
	for name, d := range detectors(t) {
		want := Probabilities(d, x)
		for _, bad := range []float32{nan, inf, -inf, math.MaxFloat32, -1e30, 40000, math.SmallestNonzeroFloat32} {
			s := d.NewStream()
			got := s.Push(nil, slices.Repeat([]float32{bad}, 16*d.Hop()))
			for range 3 {
				got = s.Push(got, make([]float32, 16000*d.Hop()/256))
			}
			at := len(got)
			got = s.Flush(s.Push(got, x))
			for i, p := range got {
				if !(p >= 0 && p <= 1) {
					t.Fatalf("%s, %v: frame %d: %v", name, bad, i, p)
				}
			}
			if name != "silero" && len(got)-at < len(want)-3 {
				t.Fatalf("%s, %v: %d probabilities", name, bad, len(got)-at)
			}
			if again := s.Flush(s.Push(nil, x)); !slices.Equal(again, want) {
				t.Errorf("%s, %v: a stream that was flushed is not as new", name, bad)
			}
		}
	}
}

func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	x, dst := sound(), make([]float32, 0, 200)
	for name, d := range detectors(t) {
		s := d.NewStream()
		s.Push(dst, x)
		if n := testing.AllocsPerRun(20, func() { s.Push(dst, x[:1600]) }); n != 0 {
			t.Errorf("%s: %v allocations a push", name, n)
		}
		seg := NewSegmenter(d.Rate(), d.Hop(), nil)
		spans, probs := make([]Span, 0, 100), Probabilities(d, x)
		for range 50 {
			seg.Push(spans, probs)
		}
		if n := testing.AllocsPerRun(20, func() { seg.Push(spans, probs) }); n != 0 {
			t.Errorf("%s: the segmenter makes %v allocations a push", name, n)
		}
	}
}

func TestManyStreamsOfOneModel(t *testing.T) {
	x := sound()
	want := Probabilities(Default(), x)
	done := make(chan []float32)
	for range 4 {
		go func() { done <- Probabilities(Default(), x) }()
	}
	for range 4 {
		if !slices.Equal(<-done, want) {
			t.Error("results differ")
		}
	}
}

func TestWrongFiles(t *testing.T) {
	file := ruled(t)
	bad := fstest.MapFS{"empty": {}, "cut": {Data: file[:len(file)-4]}, "other": {Data: []byte("\x02\x00\x00\x00\x00\x00\x00\x00{}")}}
	for name := range bad {
		if d, err := OpenFS(bad, name); err == nil {
			t.Errorf("%s: %v", name, d)
		}
	}
	if _, err := Open("testdata/missing.safetensors"); err == nil {
		t.Error("a missing file is no error")
	}
	good := fstest.MapFS{"a": {Data: file}, "b": {Data: embedded}}
	for name, hop := range map[string]int{"a": 512, "b": 256} {
		if d, err := OpenFS(good, name); err != nil || d.Hop() != hop {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
}

func FuzzPush(f *testing.F) {
	f.Add([]byte{0, 1, 2, 255, 128}, uint16(3))
	f.Add([]byte{0x7f, 0xc0, 0, 0}, uint16(1))
	f.Fuzz(func(t *testing.T, data []byte, size uint16) {
		x := make([]float32, len(data)*50)
		for i := range x {
			b := data[i%len(data)]
			x[i] = math.Float32frombits(uint32(b)<<24 | uint32(data[(i*7+1)%len(data)])<<16 | uint32(i&0xffff))
		}
		for _, d := range []Detector{Default(), Energy} {
			s := d.NewStream()
			var got []float32
			for at := 0; at < len(x); at += int(size) + 1 {
				got = s.Push(got, x[at:min(len(x), at+int(size)+1)])
			}
			got = s.Flush(got)
			if len(got) != (len(x)+d.Hop()-1)/d.Hop() {
				t.Fatalf("%d probabilities of %d samples", len(got), len(x))
			}
			for _, p := range got {
				if !(p >= 0 && p <= 1) {
					t.Fatalf("%v", got)
				}
			}
		}
	})
}

func BenchmarkPush(b *testing.B) {
	x := sound()[:rate]
	for name, d := range detectors(b) {
		b.Run(name, func(b *testing.B) {
			s, dst := d.NewStream(), make([]float32, 0, 100)
			b.ReportAllocs()
			for b.Loop() { // a second of sound, 32 ms at a time
				for at := 0; at < len(x); at += 512 {
					s.Push(dst, x[at:min(len(x), at+512)])
				}
			}
		})
	}
}

package audio

import (
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
)

// resample pulls the whole of c through a resampler in reads of size block.
func resample(t testing.TB, s Source, rate, block int) []float32 {
	t.Helper()
	r := Resample(s, rate)
	if r.Rate() != rate {
		t.Fatalf("rate %d, want %d", r.Rate(), rate)
	}
	var out []float32
	buf := make([]float32, block)
	for {
		n, err := r.Read(buf)
		out = append(out, buf[:n]...)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// ratios are those that matter and those that are awkward.
var ratios = [][2]int{
	{44100, 16000}, {48000, 16000}, {24000, 16000}, {22050, 16000}, {11025, 16000}, {8000, 16000}, {48000, 24000},
	{22051, 16000}, {16000, 44100}, {24000, 48000}, {16001, 16000}, {96000, 8000}, {8000, 48000},
}

// gain is the gain of the filter for a tone of hz, in dB, over outputs away from the ends, by projection on sine and
// cosine at the frequency where the tone comes out (folded, if it is above half the output rate).
func gain(t testing.TB, from, to int, hz float64) float64 {
	t.Helper()
	n := from / 10
	in := Clip{Rate: from, Samples: make([]float32, n)}
	for i := range in.Samples {
		in.Samples[i] = float32(math.Cos(2*math.Pi*hz*float64(i)/float64(from) + 0.3))
	}
	out := resample(t, in.Source(), to, 4096)
	out = out[len(out)/4 : len(out)*3/4]
	energy := 0.0
	for _, v := range out {
		energy += float64(v) * float64(v)
	}
	return 10 * math.Log10(2*energy/float64(len(out))+1e-30)
}

func TestResampleResponse(t *testing.T) {
	for _, r := range ratios {
		low := float64(min(r[0], r[1]))
		worstPass, worstStop := 0.0, -1000.0
		for _, f := range []float64{0.01, 0.1, 0.2, 0.3, 0.4, 0.43, 0.45} {
			worstPass = max(worstPass, math.Abs(gain(t, r[0], r[1], f*low)))
		}
		for _, f := range []float64{0.5, 0.505, 0.51, 0.53, 0.55, 0.6, 0.7, 0.9, 1, 1.3, 1.49} {
			if hz := f * low; hz < float64(r[0])/2 {
				worstStop = max(worstStop, gain(t, r[0], r[1], hz))
			}
		}
		if worstPass > 0.05 || worstStop > -90 {
			t.Errorf("%d -> %d: pass band within %.3f dB, stop band below %.1f dB", r[0], r[1], worstPass, worstStop)
		}
		t.Logf("%d -> %d: pass band within %.4f dB, stop band below %.1f dB", r[0], r[1], worstPass, worstStop)
	}
}

// TestResampleImages raises the rate: everything in the output that is not the tone is an image.
func TestResampleImages(t *testing.T) {
	for _, r := range [][2]int{{8000, 16000}, {11025, 16000}, {16000, 44100}, {16000, 22051}, {22051, 24000}} {
		for _, f := range []float64{0.05, 0.25, 0.45} {
			hz := math.Round(f * float64(r[0]))
			in := tone(r[0], r[0]/2, hz)
			out := resample(t, in.Source(), r[1], 1000)
			want := tone(r[1], len(out), hz)
			mid := len(out) / 4
			if d := snr(out[mid:3*mid], want.Samples[mid:3*mid]); d < 90 {
				t.Errorf("%d -> %d, tone of %g Hz: %.1f dB", r[0], r[1], hz, d)
			}
		}
	}
}

// TestResampleDelay checks the place of a band-limited pulse.
func TestResampleDelay(t *testing.T) {
	for _, r := range ratios {
		at := 0.1 // seconds
		pulse := func(rate int) Clip {
			c := Clip{Rate: rate, Samples: make([]float32, rate/5)}
			for i := range c.Samples {
				x := (float64(i)/float64(rate) - at) * 1500
				c.Samples[i] = float32(math.Exp(-x * x))
			}
			return c
		}
		got, want := resample(t, pulse(r[0]).Source(), r[1], 512), pulse(r[1])
		if d := maxDiff(got, want.Samples); d > 2e-5 {
			t.Errorf("%d -> %d: differs by %g", r[0], r[1], d)
		}
	}
}

func TestResampleLength(t *testing.T) {
	for _, r := range ratios {
		for _, n := range []int{0, 1, 2, 3, 100, 4096, 4097} {
			got := len(resample(t, Clip{r[0], make([]float32, n)}.Source(), r[1], 100))
			if want := int(math.Floor(float64(n)*float64(r[1])/float64(r[0]) + 0.5)); got != want {
				t.Errorf("%d samples %d -> %d: got %d, want %d", n, r[0], r[1], got, want)
			}
		}
	}
}

// TestResampleStreaming feeds and pulls in odd pieces: the result is bit for bit that of one piece.
func TestResampleStreaming(t *testing.T) {
	for _, r := range ratios {
		c := chirp(r[0], 9000, 2)
		want := resample(t, c.Source(), r[1], 1<<20)
		for _, sizes := range [][]int{{1}, {1, 2, 3000}, {997, 0, 5}} {
			got := resample(t, &chunked{Clip: c, sizes: sizes}, r[1], 41)
			if !slices.Equal(got, want) {
				t.Errorf("%d -> %d in pieces of %v: differs", r[0], r[1], sizes)
			}
		}
	}
}

func TestResampleErrors(t *testing.T) {
	c := tone(16000, 100, 440)
	if s := c.Source(); Resample(s, 16000) != s {
		t.Error("same rate: not the same source")
	}
	for _, r := range [][2]int{{16000, 0}, {16000, -5}, {0, 16000}, {16000, 1 << 30}} {
		if _, err := ReadAll(Resample(Clip{r[0], c.Samples}.Source(), r[1]), 0); err == nil {
			t.Errorf("%d -> %d: no error", r[0], r[1])
		}
	}
	if _, err := ReadAll(Resample(errSource{8000, errTest}, 16000), 0); err != errTest {
		t.Errorf("error of the source: got %v", err)
	}
	if got, err := c.Resample(8000); err != nil || got.Rate != 8000 || len(got.Samples) != 50 {
		t.Errorf("Clip.Resample: %d samples at %d, %v", len(got.Samples), got.Rate, err)
	}
}

func TestResampleAllocs(t *testing.T) {
	r := Resample(&endless{rate: 44100}, 16000)
	buf := make([]float32, 1600)
	r.Read(buf)
	if n := testing.AllocsPerRun(20, func() { r.Read(buf) }); n > 0 {
		t.Errorf("%g allocations a read", n)
	}
}

// endless is a sound without end.
type endless struct {
	rate int
	seed uint32
}

func (s *endless) Rate() int { return s.rate }

func (s *endless) Read(p []float32) (int, error) {
	for i := range p {
		s.seed = s.seed*1664525 + 1013904223
		p[i] = float32(int32(s.seed)) / (1 << 32)
	}
	return len(p), nil
}

func BenchmarkResample(b *testing.B) {
	for _, r := range ratios[:8] {
		b.Run(fmt.Sprintf("%dto%d", r[0], r[1]), func(b *testing.B) {
			s := Resample(&endless{rate: r[0]}, r[1])
			buf := make([]float32, r[1]) // a second
			for b.Loop() {
				for n := 0; n < len(buf); {
					m, _ := s.Read(buf[n:])
					n += m
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "x-realtime")
		})
	}
}

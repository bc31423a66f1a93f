package audio

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// readF32 reads little-endian floats.
func readF32(t testing.TB, name string) []float32 {
	t.Helper()
	b := readFile(t, name)
	x := make([]float32, len(b)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x
}

var melConfigs = map[string]MelConfig{
	"listen": ListenMel(), "speak": SpeakMel(), "whisper80": WhisperMel(80), "whisper128": WhisperMel(128),
}

// TestMelGolden compares with training/asr/prepare.py (numpy in single precision), numpy, and torch after openai/whisper.
func TestMelGolden(t *testing.T) {
	x := decodeAll(t, bytes.NewReader(readFile(t, "noisy.wav"))).Samples
	for name, cfg := range melConfigs {
		m := NewMel(cfg)
		got, want := m.Whole(nil, x), readF32(t, name+".mel.f32")
		if strings.HasPrefix(name, "whisper") {
			WhisperScale(got)
		}
		if len(got) != len(want) || len(got) != m.Frames(len(x))*cfg.Mels {
			t.Errorf("%s: %d values, want %d", name, len(got), len(want))
			continue
		}
		if d := maxDiff(got, want); d > 1e-5 {
			t.Errorf("%s: differs by %g", name, d)
		} else {
			t.Logf("%s: differs by %.2g", name, d)
		}
	}
}

// TestMelFilters compares the filterbanks with those of transformers, which are those of librosa.
func TestMelFilters(t *testing.T) {
	s := bufio.NewScanner(bytes.NewReader(readFile(t, "filters.txt")))
	checked := 0
	for s.Scan() {
		var rate, n, mels, m int
		var sum, mean float64
		if c, _ := fmt.Sscan(s.Text(), &rate, &n, &mels, &m, &sum, &mean); c != 6 {
			continue
		}
		f := melFilters(MelConfig{Rate: rate, FFT: n, Mels: mels, High: float64(rate) / 2})[m]
		var gotSum, gotMean float64
		for i, w := range f.Weights {
			gotSum += w
			gotMean += w * float64(f.First+i)
		}
		gotMean /= gotSum
		if math.Abs(gotSum/sum-1) > 1e-6 || math.Abs(gotMean-mean) > 1e-5 {
			t.Errorf("%s: got %.12g %.12g", s.Text(), gotSum, gotMean)
		}
		checked++
	}
	if checked != 21 {
		t.Errorf("%d filters checked", checked)
	}
}

// TestMelStreaming pushes odd pieces: the frames are bit for bit those of the whole.
func TestMelStreaming(t *testing.T) {
	x := (&endless{rate: 16000, seed: 7}).take(20011)
	for name, cfg := range melConfigs {
		m := NewMel(cfg)
		s := m.NewStream()
		for _, n := range []int{0, 1, 39, 40, 100, 199, 200, 201, 399, 400, 401, 1023, 1024, 5000, len(x)} {
			want := m.Whole(nil, x[:n])
			if len(want) != m.Frames(n)*cfg.Mels {
				t.Errorf("%s, %d samples: %d values, Frames says %d", name, n, len(want), m.Frames(n))
			}
			for _, step := range []int{1, 7, 160, 4096, 9999} {
				var got []float32
				for i := 0; i < n; i += step {
					got = s.Push(got, x[i:min(i+step, n)])
				}
				if got = s.Flush(got); !slices.Equal(got, want) {
					t.Errorf("%s, %d samples by %d: %d values, want %d", name, n, step, len(got), len(want))
				}
			}
		}
	}
}

func (s *endless) take(n int) []float32 {
	x := make([]float32, n)
	s.Read(x)
	return x
}

func TestMelFrames(t *testing.T) {
	for _, test := range []struct {
		name string
		n    int
		want int
	}{
		{"listen", 0, 0}, {"listen", 1, 1}, {"listen", 400, 1}, {"listen", 559, 1}, {"listen", 560, 2}, {"listen", 16000, 98},
		{"speak", 299, 0}, {"speak", 300, 1}, {"speak", 24000, 80}, {"speak", 24299, 80},
		{"whisper80", 159, 0}, {"whisper80", 160, 1}, {"whisper80", 480000, 3000}, {"whisper128", 480159, 3000},
	} {
		if got := NewMel(melConfigs[test.name]).Frames(test.n); got != test.want {
			t.Errorf("%s: %d samples make %d frames, want %d", test.name, test.n, got, test.want)
		}
	}
}

// TestMelSilence: the floor, not minus infinity.
func TestMelSilence(t *testing.T) {
	for name, want := range map[string]float64{"listen": math.Log(1e-10), "speak": math.Log(1e-5), "whisper80": -10} {
		for i, v := range NewMel(melConfigs[name]).Whole(nil, make([]float32, 2000)) {
			if math.Abs(float64(v)-want) > 1e-6 {
				t.Fatalf("%s: value %d is %g, want %g", name, i, v, want)
			}
		}
	}
}

var raceDetector bool

func TestMelAllocs(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool drop values")
	}
	x := (&endless{rate: 16000}).take(4000)
	for name, cfg := range melConfigs {
		s := NewMel(cfg).NewStream()
		dst := s.Push(nil, x)
		dst = append(dst, make([]float32, 10000)...)
		if n := testing.AllocsPerRun(20, func() { s.Push(dst[:0], x) }); n > 0 {
			t.Errorf("%s: %g allocations a push", name, n)
		}
	}
}

func TestNewMelPanics(t *testing.T) {
	for _, change := range []func(*MelConfig){
		func(c *MelConfig) { c.Hop = 0 }, func(c *MelConfig) { c.Mels = 0 }, func(c *MelConfig) { c.Window = c.FFT + 1 },
		func(c *MelConfig) { c.High = 9000 }, func(c *MelConfig) { c.Power = 0 }, func(c *MelConfig) { c.Low = -1 },
		func(c *MelConfig) { c.FFT++ },
		func(c *MelConfig) { c.Reflect, c.Right = true, c.FFT },
	} {
		cfg := ListenMel()
		change(&cfg)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for %+v", cfg)
				}
			}()
			NewMel(cfg)
		}()
	}
}

func BenchmarkMel(b *testing.B) {
	for _, name := range []string{"listen", "speak", "whisper80"} {
		b.Run(name, func(b *testing.B) {
			cfg := melConfigs[name]
			s := NewMel(cfg).NewStream()
			x := (&endless{}).take(cfg.Rate) // a second
			var dst []float32
			for b.Loop() {
				dst = s.Push(dst[:0], x)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "x-realtime")
		})
	}
}

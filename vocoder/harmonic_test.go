package vocoder

import (
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-go/parley/internal/tensor"
	"github.com/parley-go/parley/internal/weights"
)

const golden = "testdata/golden" // made by training/goldens/vocoder.py

type example struct {
	mel                          tensor.Mat
	f0, noise, excitation, sound []float32
}

func openGolden(t testing.TB) (*Harmonic, example) {
	t.Helper()
	h, err := Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Open(golden + "/example.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	get := func(name string) []float32 {
		x, err := f.Float32(name, f.Shape(name)...)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	mel := get("mel")
	return h, example{tensor.From(mel, len(mel)/h.Mels(), h.Mels()), get("f0"), get("noise"), get("excitation"), get("sound")}
}

// worst is the largest difference between got and want, relative to the largest value wanted.
func worst(t *testing.T, got, want []float32) float64 {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	diff, top := 0.0, 1e-9
	for i, w := range want {
		diff = max(diff, math.Abs(float64(got[i]-w)))
		top = max(top, math.Abs(float64(w)))
	}
	return diff / top
}

func TestExcitationMatchesPyTorch(t *testing.T) {
	h, ex := openGolden(t)
	e := excitation{hop: h.Hop(), rate: float64(h.Rate()), top: h.cfg.Top}
	got := make([]float32, len(ex.excitation))
	for i, f := range ex.f0 {
		e.segment(got[i*h.Hop():][:h.Hop()], float64(f))
	}
	if d := worst(t, got, ex.excitation); d > 1e-4 {
		t.Errorf("differs by %.2g", d)
	}
}

func TestSoundMatchesPyTorch(t *testing.T) {
	h, ex := openGolden(t)
	s := h.NewStream().(*harmonicStream)
	rest := ex.noise
	s.hiss.draw = func(white []float32) { rest = rest[copy(white, rest):] }
	got := s.Flush(s.Push(nil, ex.mel, ex.f0))
	if d := worst(t, got, ex.sound); d > 1e-4 {
		t.Errorf("differs by %.2g", d)
	}
}

func TestStreamingEqualsWhole(t *testing.T) {
	h, _ := openGolden(t)
	r := rand.New(rand.NewPCG(3, 4))
	frames := 3*batch + 7
	mel, f0 := tensor.New(frames, h.Mels()), make([]float32, frames)
	for i := range mel.Data {
		mel.Data[i] = float32(r.NormFloat64() - 4)
	}
	for i := range f0 {
		if i%40 < 25 {
			f0[i] = float32(100 + 200*r.Float64())
		}
	}
	want := Render(h, mel, f0)
	if len(want) != frames*h.Hop() {
		t.Fatalf("%d samples of %d frames", len(want), frames)
	}
	s := h.NewStream()
	for try := range 20 {
		var got []float32
		for at := 0; at < frames; {
			n := min(1+r.IntN(1+try*3), frames-at)
			got = s.Push(got, mel.Slice(at, at+n), f0[at:at+n])
			at += n
			if ready := max(0, (at-1-h.cfg.LookAhead)*h.Hop()+h.Hop()/2+h.Hop()-h.cfg.FFT/2); at > h.cfg.LookAhead && len(got) != ready {
				t.Fatalf("%d samples after %d frames, want %d", len(got), at, ready)
			}
		}
		if d := worst(t, s.Flush(got), want); d > 1e-5 {
			t.Fatalf("try %d: differs by %.2g", try, d)
		}
	}
}

func TestShortSounds(t *testing.T) {
	h, ex := openGolden(t)
	s := h.NewStream()
	for n := range 6 {
		y := s.Flush(s.Push(nil, ex.mel.Slice(0, n), ex.f0[:n]))
		if len(y) != n*h.Hop() {
			t.Errorf("%d frames make %d samples, want %d", n, len(y), n*h.Hop())
		}
	}
}

func TestBadValuesStayHarmless(t *testing.T) {
	h, ex := openGolden(t)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	mel := tensor.From(append([]float32(nil), ex.mel.Data...), ex.mel.Rows, ex.mel.Cols)
	f0 := append([]float32(nil), ex.f0...)
	for i, v := range []float32{nan, inf, -inf, 1e30, -1e30, math.MaxFloat32} {
		mel.Data[17*i], f0[2*i+1] = v, v
	}
	for _, v := range []Vocoder{h, NewGriffinLim(2)} {
		m := mel
		if v.Mels() != m.Cols {
			m = tensor.New(mel.Rows, v.Mels())
			copy(m.Data, mel.Data)
		}
		for i, y := range Render(v, m, f0) {
			if y != y || math.IsInf(float64(y), 0) {
				t.Fatalf("%T: sample %d is %g", v, i, y)
			}
		}
	}
}

// raceDetector tells that the race detector is on, under which sync.Pool drops what it is given.
var raceDetector bool

func TestSteadyStateAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	h, ex := openGolden(t)
	s := h.NewStream()
	dst := s.Push(nil, ex.mel, ex.f0)
	if n := testing.AllocsPerRun(20, func() { dst = s.Push(dst[:0], ex.mel, ex.f0) }); n > 0 {
		t.Errorf("%g allocations a call", n)
	}
}

func TestOpenNamesWhatIsWrong(t *testing.T) {
	config, err := os.ReadFile(golden + "/vocoder.json")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(golden + "/vocoder.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	open := func(config string, data []byte) error {
		_, err := OpenFS(fstest.MapFS{"vocoder.json": {Data: []byte(config)}, "vocoder.safetensors": {Data: data}})
		return err
	}
	good := string(config)
	if err := open(good, data); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ config, want string }{
		{strings.Replace(good, "harmonic-noise", "magic", 1), "kind"},
		{strings.Replace(good, `"width": 16`, `"width": 17`, 1), "inp.weight"},
		{strings.Replace(good, `"width": 16`, `"width": -1`, 1), "width"},
		{strings.Replace(good, `"blocks": 2`, `"blocks": 3`, 1), "blocks.2."},
		{strings.Replace(good, `"fft": 64`, `"fft": 6400`, 1), "go together"},
		{strings.Replace(good, `"look_ahead": 2`, `"look_ahead": 1`, 1), "go together"},
		{strings.Replace(good, `"mel_scale": 2.5`, `"mel_scale": 0`, 1), "mel_scale"},
		{good[:40], "vocoder.json"},
		{"", "vocoder.json"},
	} {
		if err := open(c.config, data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s...: error %v, want one that names %s", c.config, err, c.want)
		}
	}
	if err := open(good, data[:200]); err == nil || !strings.Contains(err.Error(), "vocoder.safetensors") {
		t.Errorf("cut file: error %v", err)
	}
	if _, err := OpenFS(fstest.MapFS{}); err == nil {
		t.Error("no error for an empty directory")
	}
}

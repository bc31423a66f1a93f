package vad

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-go/parley/internal/weights"
)

// sound is the sound of the goldens (training/goldens/vad.py): a buzz with a gliding pitch and syllables in silence and hiss.
func sound() []float32 {
	x := make([]float32, 24100)
	for i := range x {
		t := float64(i) / 16000
		sum := 0.0
		for k := 1.0; k < 20; k++ {
			sum += math.Sin(2*math.Pi*k*(120*t+10*math.Sin(4*t))) / k
		}
		sum *= 0.1 * max(0, math.Sin(2*math.Pi*2.5*t))
		if t <= 0.4 {
			sum = 0
		}
		noise := math.Mod(math.Sin(float64(i)*12.9898)*43758.5453, 1)
		if noise < 0 {
			noise++
		}
		x[i] = float32(sum + 0.01*(noise-0.5))
	}
	return x
}

// ruled is a file of silero's shapes whose weights follow a rule.
func ruled(t testing.TB) []byte {
	var w weights.Writer
	for seed, v := range []struct {
		name  string
		shape []int
	}{{"stft_conv.weight", []int{258, 1, 256}}, {"conv1.weight", []int{128, 129, 3}}, {"conv1.bias", []int{128}}, {"conv2.weight", []int{64, 128, 3}},
		{"conv2.bias", []int{64}}, {"conv3.weight", []int{64, 64, 3}}, {"conv3.bias", []int{64}}, {"conv4.weight", []int{128, 64, 3}}, {"conv4.bias", []int{128}},
		{"lstm_cell.weight_ih", []int{512, 128}}, {"lstm_cell.weight_hh", []int{512, 128}}, {"lstm_cell.bias_ih", []int{512}}, {"lstm_cell.bias_hh", []int{512}},
		{"final_conv.weight", []int{1, 128, 1}}, {"final_conv.bias", []int{1}}} {
		n, fan := 1, 1
		for i, d := range v.shape {
			n *= d
			if i > 0 {
				fan *= d
			}
		}
		if len(v.shape) == 1 {
			fan = 16
		}
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(math.Sin(float64(i)*0.7+float64(seed)) * 1.5 / math.Sqrt(float64(fan)))
		}
		w.Float32(v.name, x, v.shape...)
	}
	var file bytes.Buffer
	if _, err := w.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func ruledSilero(t testing.TB) Detector {
	f, err := weights.Parse("ruled", ruled(t))
	if err != nil {
		t.Fatal(err)
	}
	d, err := load(f)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func goldens(t *testing.T) map[string][]float32 {
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g map[string][]float32
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// near compares probabilities to 1e-4.
func near(t *testing.T, got, want []float32) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%d probabilities, want %d", len(got), len(want))
	}
	for i := range want {
		if d := got[i] - want[i]; !(d < 1e-4 && d > -1e-4) {
			t.Errorf("frame %d: %v, want %v", i, got[i], want[i])
		}
	}
}

func TestNetworkAsPyTorch(t *testing.T) {
	near(t, Probabilities(Default(), sound()), goldens(t)["ours"])
}

func TestSileroAsPyTorch(t *testing.T) {
	near(t, Probabilities(ruledSilero(t), sound()), goldens(t)["silero"])
}

// TestSileroAsItsPackage needs silero-vad's weights, $PARLEY_WEIGHTS/silero_vad.safetensors (training/vad/silero.py).
func TestSileroAsItsPackage(t *testing.T) {
	path := filepath.Join(os.Getenv("PARLEY_WEIGHTS"), "silero_vad.safetensors")
	d, err := Open(path)
	if err != nil {
		t.Skipf("PARLEY_WEIGHTS names no folder with silero_vad.safetensors, which training/vad/silero.py makes: %v", err)
	}
	near(t, Probabilities(d, sound()), goldens(t)["silero_package"])
}

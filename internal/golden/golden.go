// Package golden has what tests share that compare tiny models with the goldens of training/goldens.
package golden

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/tensor"
	"github.com/parley-go/parley/internal/weights"
)

// Must returns a function that gives v, or ends the test with err.
func Must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Model returns the weights of a directory in a precision, open until the test ends.
func Model(t testing.TB, dir string, p kernel.Precision) weights.Loader {
	t.Helper()
	f := Must(weights.OpenDir(dir))(t)
	t.Cleanup(func() { f.Close() })
	return weights.As(f, p)
}

// Read reads golden.json of a directory into a value and returns golden.safetensors, open until the test ends.
func Read(t testing.TB, dir string, into any) *weights.File {
	t.Helper()
	if err := json.Unmarshal(Must(os.ReadFile(dir+"/golden.json"))(t), into); err != nil {
		t.Fatal(err)
	}
	f := Must(weights.Open(dir + "/golden.safetensors"))(t)
	t.Cleanup(func() { f.Close() })
	return f
}

// Sound is that of training/goldens/common.py, of 16 kHz: gliding tones that come and go, bursts of noise, and noise throughout.
func Sound(seconds, noise float64) []float32 {
	x := make([]float32, int(16000*seconds))
	state := uint32(1)
	for i := range x {
		t := float64(i) / 16000
		v := 0.3*math.Sin(2*math.Pi*(200+40*t)*t) + 0.2*math.Sin(2*math.Pi*(900-30*t)*t)*math.Mod(math.Floor(3*t), 2)
		if math.Mod(math.Floor(7*t), 3) == 0 {
			v = 0
		}
		state = 1664525*state + 1013904223
		n := float64(state)/(1<<31) - 1
		if math.Mod(math.Floor(5*t), 3) == 0 {
			v += 0.1 * n
		}
		x[i] = float32(v + noise*n)
	}
	return x
}

// Near compares every step-th row of got with tensor name of f, to 1e-3.
func Near(t testing.TB, got tensor.Mat, f *weights.File, name string, step int) {
	t.Helper()
	shape := f.Shape(name)
	want := tensor.From(Must(f.Float32(name, shape...))(t), shape[0], shape[1])
	if got.Cols != want.Cols || (got.Rows+step-1)/step != want.Rows {
		t.Fatalf("%s: (%d, %d), want of (%d, %d) one in %d", name, got.Rows, got.Cols, want.Rows, want.Cols, step)
	}
	for i := range want.Rows {
		for j, w := range want.Row(i) {
			if d := math.Abs(float64(got.Row(step * i)[j] - w)); !(d <= 1e-3*max(1, math.Abs(float64(w)))) {
				t.Fatalf("%s: row %d, column %d: %v, want %v", name, step*i, j, got.Row(step * i)[j], w)
			}
		}
	}
}

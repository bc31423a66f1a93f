package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/weights"
)

// model writes one tensor of each kind that run tells apart.
func model(t *testing.T, bad float32) string {
	t.Helper()
	x := make([]float32, 72*96)
	for i := range x {
		x[i] = float32(i%31) - 15
	}
	x[100] += bad
	var w weights.Writer
	w.Float16("a.weight", x, 72, 96)
	w.Float16("coarse.weight", x, 72, 96)
	w.Float32("conv.weight", x, 72, 32, 3)
	w.Float16("positions.weight", x, 72, 96)
	w.Float32("table", x, 72, 96)
	w.Float16("a.bias", x[:72], 72)
	w.Float32("small.weight", x[:96], 1, 96)
	path := filepath.Join(t.TempDir(), "in.safetensors")
	if err := w.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// someKept are rules for it.
var someKept = rules{keep: *regexp.MustCompile("^positions"), coarse: *regexp.MustCompile("^coarse")}

func TestRun(t *testing.T) {
	in := model(t, 0)
	out := filepath.Join(t.TempDir(), "out.safetensors")
	var report bytes.Buffer
	if err := run(&report, in, out, someKept); err != nil {
		t.Fatal(err)
	}
	a, err := weights.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := weights.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for name, dtype := range map[string]string{"a.weight": "I8", "a.weight.scale": "F32", "coarse.weight": "I8", "conv.weight": "I8", "conv.weight.scale": "F32",
		"positions.weight": "F16", "table": "F16", "a.bias": "F16", "small.weight": "F32"} {
		if got := b.Type(name); got != dtype {
			t.Errorf("%s is %q, want %s", name, got, dtype)
		}
	}
	if n := len(b.Names()); n != 10 {
		t.Errorf("%d tensors: %v", n, b.Names())
	}
	for _, name := range a.Names() {
		shape := a.Shape(name)
		x, err1 := a.Float32(name, shape...)
		y, err2 := b.Float32(name, shape...)
		most := 0.07
		if name == "coarse.weight" {
			most = 0.25 // half a step of 15 in 31
		}
		if err1 != nil || err2 != nil || !slices.EqualFunc(x, y, func(v, w float32) bool { return math.Abs(float64(v-w)) < most }) {
			t.Errorf("%s differs, or %v, %v", name, err1, err2)
		}
	}
	if s := report.String(); strings.Count(s, "I8") != 3 || !strings.Contains(s, "bytes became") {
		t.Errorf("the report is %s", s)
	}
	again := filepath.Join(t.TempDir(), "again.safetensors")
	if err := run(&report, out, again, someKept); err != nil {
		t.Fatal(err)
	}
	c, err := weights.Open(again)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	x, _ := b.Float32("a.weight", 72, 96)
	if y, err := c.Float32("a.weight", 72, 96); err != nil || !slices.Equal(x, y) {
		t.Errorf("quantising twice changes values, or %v", err)
	}
}

func TestNoNumber(t *testing.T) {
	err := run(new(bytes.Buffer), model(t, float32(math.Inf(1))), filepath.Join(t.TempDir(), "out"), rules{keep: *regexp.MustCompile("$^"), coarse: *regexp.MustCompile("$^")})
	if err == nil || !strings.Contains(err.Error(), `"a.weight": row 1`) {
		t.Errorf("got %v", err)
	}
}

// TestCoarse: the scale is that with the least error, and no value is beyond what the levels say.
func TestCoarse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	x, q := make([]float32, 4096), make([]int8, 4096)
	for range 20 {
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		x[7] = 6 // far out: worth less than finer steps for all others
		s := coarse(q, x)
		if lo, hi := slices.Min(q), slices.Max(q); hi != levels || lo < -levels {
			t.Errorf("values from %d to %d", lo, hi)
		}
		if s >= 0.99*6/levels || errorOf(x, s) > errorOf(x, 6.0/levels) {
			t.Errorf("scale %g: error %g, without cutting %g", s, errorOf(x, s), errorOf(x, 6.0/levels))
		}
	}
	if s := coarse(q, make([]float32, 4096)); s != 0 || slices.Max(q) != 0 {
		t.Errorf("of zeros: scale %g, %d", s, slices.Max(q))
	}
	if s := coarse(q, []float32{1, float32(math.NaN())}); s == s {
		t.Errorf("of what is no number: scale %g", s)
	}
}

package main

import (
	"bytes"
	"math"
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
	w.Float16("six.weight", x, 72, 96)
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

var keepPositions = rules{keep: regexp.MustCompile("^positions"), six: regexp.MustCompile("^six")}

func TestRun(t *testing.T) {
	in := model(t, 0)
	out := filepath.Join(t.TempDir(), "out.safetensors")
	var report bytes.Buffer
	if err := run(&report, in, out, keepPositions); err != nil {
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
	for name, dtype := range map[string]string{"a.weight": "I8", "six.weight": "I6", "a.weight.scale": "F32", "conv.weight": "I8", "conv.weight.scale": "F32",
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
		if b.Type(name) == "I6" {
			most = 0.25
		}
		if err1 != nil || err2 != nil || !slices.EqualFunc(x, y, func(v, w float32) bool { return math.Abs(float64(v-w)) < most }) {
			t.Errorf("%s differs, or %v, %v", name, err1, err2)
		}
	}
	if s := report.String(); strings.Count(s, "I8") != 2 || strings.Count(s, "I6") != 1 || !strings.Contains(s, "bytes became") {
		t.Errorf("the report is %s", s)
	}
	again := filepath.Join(t.TempDir(), "again.safetensors")
	if err := run(&report, out, again, keepPositions); err != nil {
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
	err := run(new(bytes.Buffer), model(t, float32(math.Inf(1))), filepath.Join(t.TempDir(), "out"), rules{regexp.MustCompile("$^"), regexp.MustCompile("$^")})
	if err == nil || !strings.Contains(err.Error(), `"a.weight": row 1`) {
		t.Errorf("got %v", err)
	}
}

package weights

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/kernel"
)

// sixed returns a file with x (out, in) as "x" in 6 bits, and its integers and scales.
func sixed(t testing.TB, x []float32, out, in int) (*File, []int8, []float32) {
	t.Helper()
	q, scale := make([]int8, len(x)), make([]float32, out)
	for i := range out {
		scale[i] = Quantize6(q[i*in:(i+1)*in], x[i*in:(i+1)*in])
	}
	var w Writer
	w.Int6("x", q, scale, out, in)
	return reopened(t, &w), q, scale
}

func reopened(t testing.TB, w *Writer) *File {
	t.Helper()
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	f, err := Parse("m", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestInt6Exact: all ways from the file to the values give scale times what was stored.
func TestInt6Exact(t *testing.T) {
	const out, in = 1400, 36 // more values than Float32 reads at a time
	f, q, scale := sixed(t, matrix(out, in, false), out, in)
	if names := f.Names(); !slices.Equal(names, []string{"x", "x.scale"}) || f.Type("x") != "I6" || !slices.Equal(f.Shape("x"), []int{out, in}) {
		t.Fatalf("names %v, x is %s %v", names, f.Type("x"), f.Shape("x"))
	}
	want := make([]float32, out*in)
	for i := range want {
		want[i] = scale[i/in] * float32(q[i])
	}
	if got, err := f.Float32("x", out, in); err != nil || !slices.Equal(got, want) {
		t.Errorf("Float32 differs, or %v", err)
	}
	rows, err := f.Rows("x", out, in)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, in)
	for i := range out {
		if rows(row, i); !slices.Equal(row, want[i*in:(i+1)*in]) {
			t.Fatalf("row %d differs", i)
		}
	}
	packed := kernel.PackInt8Rows(0, out, in, func(dst []int8, i int) float32 {
		copy(dst, q[i*in:(i+1)*in])
		return scale[i]
	})
	m, err := As(f, kernel.Int8).Matrix("x", out, in)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "Matrix", m, packed)
}

// TestQuantize6: the error is at most that of a scale by the largest magnitude, and rows that have no scale say so.
func TestQuantize6(t *testing.T) {
	const out, in = 300, 128
	x := matrix(out, in, false)
	q := make([]int8, in)
	for i := range out {
		row := x[i*in : (i+1)*in]
		scale := Quantize6(q, row)
		var top, sum, plain float64
		for _, v := range row {
			top = max(top, math.Abs(float64(v)))
		}
		for j, v := range row {
			if q[j] < -top6 || q[j] > top6 {
				t.Fatalf("row %d: %d", i, q[j])
			}
			d := float64(v) - float64(scale)*float64(q[j])
			sum += d * d
			if step := top / top6; step > 0 {
				d = float64(v) - step*math.RoundToEven(float64(v)/step)
				plain += d * d
			}
		}
		if sum > plain*1.0001 {
			t.Errorf("row %d: squared error %g, with the largest magnitude as scale %g", i, sum, plain)
		}
	}
	if scale := Quantize6(q[:3], []float32{1, float32(math.NaN()), 2}); scale == scale {
		t.Errorf("the scale of a row with NaN is %v", scale)
	}
}

// TestInt6Header: what cannot be a matrix of 6 bits is an error and no panic.
func TestInt6Header(t *testing.T) {
	bytes := func(n int) []float32 { return make([]float32, n) }
	for want, add := range map[string]func(*Writer){
		"want U8 of shape [out 3*in/4], got F32 [2 3]": func(w *Writer) { w.Float32("x.int6", bytes(6), 2, 3) },
		`tensor "x" is there twice`: func(w *Writer) {
			w.Int6("x", make([]int8, 8), []float32{1, 1}, 2, 4)
			w.Float32("x", bytes(8), 2, 4)
		},
		"got U8 [2 4]": func(w *Writer) {
			w.data = append(w.data, 1, 2, 3, 4, 5, 6, 7, 8)
			w.add("x.int6", "U8", 8, []int{2, 4})
		},
		"got U8 [6]": func(w *Writer) { w.data = append(w.data, 1, 2, 3, 4, 5, 6); w.add("x.int6", "U8", 6, []int{6}) },
	} {
		var w Writer
		add(&w)
		var b strings.Builder
		if _, err := w.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := Parse("m", []byte(b.String())); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	var w Writer
	w.add("x.int6", "U8", 0, []int{0, 3})
	w.Float32(ScaleOf("x"), nil, 0)
	if x, err := reopened(t, &w).Float32("x", 0, 4); err != nil || len(x) != 0 {
		t.Errorf("a matrix of no rows: %v, %v", x, err)
	}
}

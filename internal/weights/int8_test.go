package weights

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/kernel"
)

// matrix returns random (out, in), its rows of different sizes, rounded to float16 if half is set.
func matrix(out, in int, half bool) []float32 {
	r := rand.New(rand.NewPCG(3, uint64(out)))
	x := make([]float32, out*in)
	for i := range x {
		x[i] = float32(r.NormFloat64() * math.Exp2(float64(i/in%9-4)))
		if half {
			x[i] = widen(toF16(x[i]))
		}
	}
	clear(x[in : 2*in]) // a row of zeros
	return x
}

// quantized returns a file with x (out, in) as "x" in 8 bits, and its integers and scales.
func quantized(t testing.TB, x []float32, out, in int) (*File, []int8, []float32) {
	t.Helper()
	q, scale := make([]int8, len(x)), make([]float32, out)
	for i := range out {
		scale[i] = Quantize(q[i*in:(i+1)*in], x[i*in:(i+1)*in])
	}
	var w Writer
	w.Int8("x", q, scale, out, in)
	w.Int8("conv", q, scale, out, in/3, 3)
	return reopened(t, &w), q, scale
}

// same compares the values of two matrices, which are equal only if their integers and scales are.
func same(t *testing.T, what string, a, b *kernel.Packed) {
	t.Helper()
	x, y := make([]float32, a.K()), make([]float32, b.K())
	for i := range a.N() {
		a.Row(x, i)
		if b.Row(y, i); !slices.Equal(x, y) {
			t.Fatalf("%s: row %d differs", what, i)
		}
	}
}

// TestInt8Exact: all ways from the file to a matrix of 8 bits give what is stored, and so does quantising the float16
// values that it was made of.
func TestInt8Exact(t *testing.T) {
	const out, in = 700, 36
	for _, half := range []bool{true, false} {
		x := matrix(out, in, half)
		f, q, scale := quantized(t, x, out, in)
		want := kernel.PackInt8Rows(0, out, in, func(dst []int8, i int) float32 {
			copy(dst, q[i*in:(i+1)*in])
			return scale[i]
		})
		l := As(f, kernel.Int8)
		direct, err := l.Matrix("x", out, in)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "Matrix", direct, want)
		dir, err := As(newDir("m", f), kernel.Int8).Matrix("x", out, in)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "Matrix of a directory", dir, want)
		rows, err := l.Rows("conv", out, in/3, 3)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "Rows", l.Pack(out, in, rows), want)
		var s Stack
		s.Add(func(dst []float32, i int) { rows(dst, i+out/2) }, out/2)
		s.Add(rows, out)
		stacked := l.Pack(s.Out(), in, s.Row)
		same(t, "Stack", kernel.PackRows(kernel.F32, out, in, func(dst []float32, i int) { stacked.Row(dst, out/2+i) }), want)
		floats, err := f.Float32("x", out, in)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "Float32", kernel.PackAs(kernel.F32, floats, out, in), want)
		if half {
			same(t, "float16", kernel.PackAs(kernel.Int8, x, out, in), want)
		}
		for _, p := range precisions[:2] {
			m, err := As(f, p).Matrix("x", out, in)
			if err != nil || m.Precision() != p {
				t.Fatal(p, err)
			}
			same(t, p.String(), m, kernel.PackAs(p, floats, out, in))
		}
	}
}

// TestQuantize: no value is off by more than half a step, and rows that have no scale say so.
func TestQuantize(t *testing.T) {
	const in = 129
	q := make([]int8, in)
	for i := range 300 {
		x := matrix(2, in, false)[:in]
		for j := range x {
			x[j] *= float32(math.Exp2(float64(i - 120)))
		}
		scale := Quantize(q, x)
		for j, v := range x {
			if off := math.Abs(float64(v) - float64(scale)*float64(q[j])); q[j] == -128 || off > 0.503*float64(scale)+leastTop {
				t.Fatalf("%g became %d * %g", v, q[j], scale)
			}
		}
	}
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		if scale := Quantize(q[:3], []float32{1, bad, 2}); scale == scale {
			t.Errorf("the scale of a row with %v is %v", bad, scale)
		}
	}
	if scale := Quantize(q[:2], []float32{math.MaxFloat32, 0}); !(scale > 1e36 && scale <= math.MaxFloat32) {
		t.Errorf("the scale of the largest number is %v", scale)
	}
}

// TestInt8Lowest: -128, which the kernels do not take, is rounded with its row.
func TestInt8Lowest(t *testing.T) {
	f, err := Parse("m", sample(t))
	if err != nil {
		t.Fatal(err)
	}
	m, err := As(f, kernel.Int8).Matrix("q", 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, 2)
	if m.Row(row, 0); math.Abs(float64(row[1])+64) > 1e-4 || math.Abs(float64(row[0])-0.5) > 0.01 {
		t.Errorf("row 0 is %v, want 0.5 and -64", row)
	}
}

func TestScaleErrors(t *testing.T) {
	for want, add := range map[string]func(*Writer){
		`tensor "x.scale": want shape [2], got no such tensor`:                          func(*Writer) {},
		`tensor "x.scale": want shape [2], got [3]`:                                     func(w *Writer) { w.Float32("x.scale", []float32{1, 2, 3}, 3) },
		`tensor "x.scale": want shape [2], got [2 1]`:                                   func(w *Writer) { w.Float32("x.scale", []float32{1, 2}, 2, 1) },
		`tensor "x.scale": want F32, got F16`:                                           func(w *Writer) { w.Float16("x.scale", []float32{1, 2}, 2) },
		`tensor "x.scale": want finite scales that are not negative, got NaN in row 1`:  func(w *Writer) { w.Float32("x.scale", []float32{1, float32(math.NaN())}, 2) },
		`tensor "x.scale": want finite scales that are not negative, got +Inf in row 0`: func(w *Writer) { w.Float32("x.scale", []float32{float32(math.Inf(1)), 1}, 2) },
		`tensor "x.scale": want finite scales that are not negative, got -1 in row 1`:   func(w *Writer) { w.Float32("x.scale", []float32{1, -1}, 2) },
	} {
		var w Writer
		w.Int8("x", []int8{1, 2, 3, 4}, nil, 2, 2)
		add(&w)
		path := filepath.Join(t.TempDir(), ModelFile)
		if err := w.Save(path); err != nil {
			t.Fatal(err)
		}
		mapped, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		streamed, err := OpenFS(streams{os.DirFS(filepath.Dir(path))}, ModelFile)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []*File{mapped, streamed} {
			_, floats := f.Float32("x", 2, 2)
			_, rows := f.Rows("x", 2, 2)
			m, packed := As(f, kernel.Int8).Matrix("x", 2, 2)
			for _, err := range []error{floats, rows, packed} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got error %v, want %s", err, want)
				}
			}
			if m != nil {
				t.Error("a matrix beside an error")
			}
			f.Close()
		}
	}
}

// reopened is what was written, read again.
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

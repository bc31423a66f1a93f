package transformer

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/parley-go/parley/internal/weights"
)

// random is a Loader of randomWeights.
var random = As(randomWeights{}, F32)

// randomWeights is a Source that makes up every tensor it is asked for, the same one for the same name.
type randomWeights struct{}

func (randomWeights) Has(string) bool { return true }

func (randomWeights) Float32(name string, shape ...int) ([]float32, error) {
	n := 1
	for _, d := range shape {
		n *= d
	}
	h := fnv.New64a()
	h.Write([]byte(name))
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	x := make([]float32, n)
	fan := math.Sqrt(float64(n / shape[0]))
	for i := range x {
		x[i] = float32(r.NormFloat64() / fan)
		if len(shape) == 1 {
			x[i] = 0.5 + x[i]/4
		}
	}
	return x, nil
}

func (w randomWeights) Rows(name string, shape ...int) (weights.Rows, error) {
	x, err := w.Float32(name, shape...)
	return rowsOf(x), err
}

// rowsOf reads a matrix.
func rowsOf(x []float32) weights.Rows {
	return func(dst []float32, i int) { copy(dst, x[i*len(dst):(i+1)*len(dst)]) }
}

func randomMat(r *rand.Rand, rows, cols int) Mat {
	x := NewMat(rows, cols)
	for i := range x.Data {
		x.Data[i] = float32(r.NormFloat64())
	}
	return x
}

// near fails unless got and want agree to within 1e-4 of want's scale.
func near(t *testing.T, what string, got, want Mat) {
	t.Helper()
	if got.Rows != want.Rows || got.Cols != want.Cols {
		t.Fatalf("%s: got shape (%d, %d), want (%d, %d)", what, got.Rows, got.Cols, want.Rows, want.Cols)
	}
	for i, w := range want.Data {
		if d := math.Abs(float64(got.Data[i] - w)); !(d <= 1e-4*max(1, math.Abs(float64(w)))) {
			t.Fatalf("%s: row %d, column %d: got %v, want %v", what, i/want.Cols, i%want.Cols, got.Data[i], w)
		}
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// join puts b's rows after a's.
func join(a, b Mat) Mat {
	return MatOf(append(append([]float32{}, a.Data...), b.Data...), a.Rows+b.Rows, b.Cols)
}

var raceDetector bool

// allocatesNothing fails if f, which has run often enough to grow what it reuses, allocates. Under the race detector
// pools forget on purpose, so nothing is claimed there.
func allocatesNothing(t *testing.T, f func()) {
	t.Helper()
	if n := testing.AllocsPerRun(50, f); n != 0 && !raceDetector {
		t.Errorf("%v allocations", n)
	}
}

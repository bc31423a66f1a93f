package weights

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/parley-go/parley/internal/kernel"
)

var precisions = []kernel.Precision{kernel.F32, kernel.BF16, kernel.Int8}

// saved writes layers of random (n, n) matrices, in half precision, to a file.
func saved(t testing.TB, layers, n int) string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	var w Writer
	x := make([]float32, n*n)
	for i := range layers {
		for j := range x {
			x[j] = float32(r.NormFloat64())
		}
		w.Float16(string(rune('a'+i)), x, n, n)
	}
	path := filepath.Join(t.TempDir(), ModelFile)
	if err := w.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMatrix: what Matrix packs straight from the file is what packing the float32 values gives.
func TestMatrix(t *testing.T) {
	const n = 70
	f, err := Open(saved(t, 1, n))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := f.Float32("a", n, n)
	if err != nil {
		t.Fatal(err)
	}
	got, want := make([]float32, n), make([]float32, n)
	for _, p := range precisions {
		m, err := As(f, p).Matrix("a", n, n)
		if err != nil || m.Precision() != p {
			t.Fatal(p, m.Precision(), err)
		}
		ref := kernel.PackAs(p, x, n, n)
		for i := range n {
			m.Row(got, i)
			ref.Row(want, i)
			if !slices.Equal(got, want) {
				t.Fatalf("%v: row %d differs", p, i)
			}
		}
	}
}

func TestStack(t *testing.T) {
	f, err := Open(saved(t, 2, 33))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var s Stack
	for _, name := range []string{"a", "b"} {
		rows, err := f.Rows(name, 33, 33)
		if err != nil {
			t.Fatal(err)
		}
		s.Add(rows, 33)
	}
	m := f.Pack(s.Out(), 33, s.Row)
	b, err := f.Float32("b", 33, 33)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, 33)
	if m.Row(row, 34); m.N() != 66 || !slices.Equal(row, b[33:66]) {
		t.Errorf("%d rows; row 34 is not row 1 of b", m.N())
	}
}

// TestViews: prefix, precision and threads pass through each other in any order.
func TestViews(t *testing.T) {
	f, err := Open(saved(t, 1, 8))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, l := range []Loader{
		WithThreads(As(Sub(f, ""), kernel.Int8), 3), As(Sub(WithThreads(f, 3), ""), kernel.Int8), Sub(As(struct{ Loader }{WithThreads(f, 3)}, kernel.Int8), ""),
	} {
		if l.Precision() != kernel.Int8 || l.Threads() != 3 || !l.Has("a") {
			t.Errorf("%v, %d threads, has a: %v", l.Precision(), l.Threads(), l.Has("a"))
		}
	}
	if got := Finer(As(f, kernel.Int8)).Precision(); got != kernel.BF16 {
		t.Errorf("finer than int8 is %v", got)
	}
	if got := Finer(f).Precision(); got != kernel.F32 {
		t.Errorf("finer than f32 is %v", got)
	}
}

func heap() int {
	runtime.GC() // twice: pools forget in two steps
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse)
}

// TestMemory: after loading, a model takes at most 1.1 times the size of its weights as they are kept.
func TestMemory(t *testing.T) {
	const layers, n = 8, 1024
	path := saved(t, layers, n)
	for i, p := range precisions {
		before := heap()
		d, err := OpenDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		l := As(d, p)
		var kept []*kernel.Packed
		for _, name := range d.Names() {
			m, err := l.Matrix(name, n, n)
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, m)
		}
		d.Close()
		size := layers * n * n * 4 >> i
		if got := heap() - before; float64(got) > 1.1*float64(size) {
			t.Errorf("%v: %d bytes of heap for %d of weights", p, got, size)
		}
		runtime.KeepAlive(kept)
	}
}

// TestCollectedWhileRead: the collector may run as often as it likes while a mapped file is read, and when the file itself is
// out of reach of everything but its rows.
func TestCollectedWhileRead(t *testing.T) {
	const n = 256
	path := saved(t, 1, n)
	want := load(t, path, n)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	for range 20 {
		rows := rowsOf(t, path, n)
		got := make([]float32, n)
		for i := range n {
			if rows(got, i); !slices.Equal(got, want[i*n:(i+1)*n]) {
				t.Fatal("row", i, "differs")
			}
		}
		m := kernel.PackRows(kernel.Int8, n, n, rows)
		m.Row(got, n-1)
	}
	close(stop)
	wg.Wait()
}

// rowsOf keeps nothing but the rows of a file that nobody closes.
func rowsOf(t *testing.T, path string, n int) Rows {
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.Rows("a", n, n)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func load(t *testing.T, path string, n int) []float32 {
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := f.Float32("a", n, n)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestLoadsDoNotPileUp: loading and dropping a model leaves nothing behind, on the heap or in open files.
func TestLoadsDoNotPileUp(t *testing.T) {
	path := saved(t, 1, 64)
	once := func() {
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := As(f, kernel.Int8).Matrix("a", 64, 64); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	once()
	before, files := heap(), openFiles()
	for range 2000 {
		once()
	}
	if after := heap(); after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	if after := openFiles(); after > files {
		t.Errorf("%d open files became %d", files, after)
	}
}

// openFiles counts them where the system tells.
func openFiles() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}

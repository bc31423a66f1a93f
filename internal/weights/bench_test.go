package weights

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-go/parley/internal/kernel"
)

// BenchmarkLoad loads a checkpoint as a model does: matrices packed, the rest in float32. PARLEY_WEIGHTS names a folder of
// checkpoints, whisper-base among them.
func BenchmarkLoad(b *testing.B) {
	dir := filepath.Join(os.Getenv("PARLEY_WEIGHTS"), "whisper-base")
	if _, err := os.Stat(filepath.Join(dir, ModelFile)); err != nil {
		b.Skip("no whisper-base in PARLEY_WEIGHTS")
	}
	for _, p := range []kernel.Precision{kernel.F32, kernel.BF16, kernel.Int8} {
		b.Run(p.String(), func(b *testing.B) {
			for b.Loop() {
				loadAll(b, dir, p)
			}
		})
	}
}

// loadAll returns the bytes of all matrices and of all other tensors.
func loadAll(tb testing.TB, dir string, p kernel.Precision) (kept []any, size int) {
	tb.Helper()
	d, err := OpenDir(dir)
	if err != nil {
		tb.Fatal(err)
	}
	defer d.Close()
	l := As(d, p)
	for _, name := range d.Names() {
		shape := d.Shape(name)
		if len(shape) == 2 {
			m, err := l.Matrix(name, shape[0], shape[1])
			if err != nil {
				tb.Fatal(err)
			}
			kept, size = append(kept, m), size+m.Bytes()
			continue
		}
		x, err := l.Float32(name, shape...)
		if err != nil {
			tb.Fatal(err)
		}
		kept, size = append(kept, x), size+4*len(x)
	}
	return kept, size
}

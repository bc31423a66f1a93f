package wav2vec2

import (
	"os"
	"reflect"
	"testing"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// A model opened for one thread has no matrix that would use more.
func TestThreadsOfTheHead(t *testing.T) {
	fsys := os.DirFS("testdata/group")
	d, err := weights.OpenDirFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(fsys, weights.WithThreads(weights.As(d, kernel.F32), 1))
	if err != nil {
		t.Fatal(err)
	}
	threads := func(l *transformer.Linear) int64 {
		return reflect.ValueOf(l).Elem().FieldByName("weight").Elem().FieldByName("threads").Int()
	}
	if threads(m.head) != 1 || m.stem.first.Threads != 1 {
		t.Errorf("the head uses %d threads, the first convolution %d; want 1", threads(m.head), m.stem.first.Threads)
	}
}

package transformer

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

// TestStrips: cut into strips or not, by however many threads, the result is the same, and nothing is allocated.
func TestStrips(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	r := rand.New(rand.NewPCG(1, 1))
	for _, gated := range []bool{false, true} {
		f := must(loadFFN(random, Config{D: 16, FFN: 2048, Act: SiLU, Gated: gated, Names: ParleyNames}))(t)
		for _, rows := range []int{1, 255, 257, 800} {
			in, base := randomMat(r, rows, 16), randomMat(r, rows, 16)
			x, want := NewMat(rows, 16), NewMat(rows, 16)
			copy(want.Data, base.Data)
			f.strip(new(hidden), want, in)
			for _, threads := range []int{1, 2, 3} {
				runtime.GOMAXPROCS(threads)
				w := newWorkspace()
				copy(x.Data, base.Data)
				f.add(w, x, in)
				near(t, "strips", x, want)
				if n := f.strips(rows); n > 1 && n%threads != 0 {
					t.Errorf("%d strips for %d threads", n, threads)
				}
			}
		}
		if testing.Short() { // in an emulator it takes minutes
			continue
		}
		w := newWorkspace()
		x, in := randomMat(r, 600, 16), randomMat(r, 600, 16)
		allocatesNothing(t, func() { f.add(w, x, in) })
	}
}

package par

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// withThreads sets GOMAXPROCS for one test.
func withThreads(t testing.TB, n int) {
	old := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

func TestForCoversOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		withThreads(t, threads)
		for _, n := range []int{-1, 0, 1, 2, 7, 16, 100, 1001} {
			for _, grain := range []int{-1, 0, 1, 3, 50, 5000} {
				counts := make([]atomic.Int32, max(n, 0))
				For(n, grain, func(lo, hi int) {
					if lo >= hi || lo < 0 || hi > n || (hi < n && hi-lo < grain) {
						t.Errorf("n=%d grain=%d: piece [%d, %d)", n, grain, lo, hi)
					}
					for i := lo; i < hi; i++ {
						counts[i].Add(1)
					}
				})
				for i := range counts {
					if c := counts[i].Load(); c != 1 {
						t.Fatalf("threads=%d n=%d grain=%d: index %d ran %d times", threads, n, grain, i, c)
					}
				}
			}
		}
	}
}

// TestForRunsInParallel tries again while the worker is still leaving an earlier call: For then runs inline.
func TestForRunsInParallel(t *testing.T) {
	withThreads(t, 2)
	var met atomic.Bool
	for range 200 {
		var inside atomic.Int32
		For(2, 1, func(lo, hi int) {
			inside.Add(1)
			for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); runtime.Gosched() {
				if inside.Load() == 2 {
					met.Store(true)
					return
				}
			}
		})
		if met.Load() {
			return
		}
	}
	t.Error("two pieces never ran at once")
}

// TestForWithin: never more than the limit at once, and everything once.
func TestForWithin(t *testing.T) {
	withThreads(t, 8)
	for _, limit := range []int{0, 1, 2, 3, 8, 100} {
		var inside, most, sum atomic.Int64
		for range 50 {
			ForWithin(limit, 64, 1, func(lo, hi int) {
				now := inside.Add(1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				runtime.Gosched()
				sum.Add(int64(hi - lo))
				inside.Add(-1)
			})
		}
		if sum.Load() != 50*64 {
			t.Errorf("limit %d: covered %d", limit, sum.Load())
		}
		if limit > 0 && most.Load() > int64(limit) {
			t.Errorf("limit %d: %d at once", limit, most.Load())
		}
	}
}

func TestForNests(t *testing.T) {
	withThreads(t, 4)
	var total atomic.Int64
	For(8, 1, func(lo, hi int) {
		for range hi - lo {
			For(8, 1, func(lo, hi int) {
				For(hi-lo, 1, func(lo, hi int) { total.Add(int64(hi - lo)) })
			})
		}
	})
	if total.Load() != 64 {
		t.Errorf("%d innermost indices, want 64", total.Load())
	}
}

// TestConcurrentCallersProgress keeps one call from ending until another one, begun later, is done.
func TestConcurrentCallersProgress(t *testing.T) {
	withThreads(t, 2)
	inside, release := make(chan struct{}, 4), make(chan struct{})
	var first sync.WaitGroup
	first.Go(func() {
		For(2, 1, func(lo, hi int) {
			inside <- struct{}{}
			<-release
		})
	})
	<-inside
	var sum atomic.Int64
	For(100, 1, func(lo, hi int) { sum.Add(int64(hi - lo)) })
	close(release)
	first.Wait()
	if sum.Load() != 100 {
		t.Errorf("second caller covered %d of 100", sum.Load())
	}
}

func TestManyCallers(t *testing.T) {
	withThreads(t, 4)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 300 {
				var sum atomic.Int64
				For(64, 2, func(lo, hi int) { sum.Add(int64(hi - lo)) })
				if sum.Load() != 64 {
					t.Errorf("covered %d of 64", sum.Load())
				}
			}
		})
	}
	callers.Wait()
}

func TestPanicReachesCaller(t *testing.T) {
	for _, threads := range []int{1, 2, 4} {
		withThreads(t, threads)
		for bad := range 32 {
			func() {
				defer func() {
					if v := recover(); v != "boom" {
						t.Errorf("threads=%d bad=%d: recovered %v", threads, bad, v)
					}
				}()
				For(32, 1, func(lo, hi int) {
					if lo <= bad && bad < hi {
						panic("boom")
					}
				})
				t.Errorf("threads=%d bad=%d: no panic", threads, bad)
			}()
		}
		var sum atomic.Int64 // the pool survives
		For(32, 1, func(lo, hi int) { sum.Add(int64(hi - lo)) })
		if sum.Load() != 32 {
			t.Errorf("after the panics: covered %d of 32", sum.Load())
		}
	}
}

// TestNoGoroutinePerCall holds the pool at GOMAXPROCS-1 workers.
func TestNoGoroutinePerCall(t *testing.T) {
	withThreads(t, 4)
	For(100, 1, func(lo, hi int) {})
	before := runtime.NumGoroutine()
	for range 1000 {
		For(100, 1, func(lo, hi int) {})
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, then %d", before, after)
	}
}

func TestForAllocatesNothing(t *testing.T) {
	withThreads(t, 4)
	f := func(lo, hi int) {}
	if n := testing.AllocsPerRun(1000, func() { For(100, 1, f) }); n >= 1 { // a collection may empty the pool of jobs
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkForEmpty(b *testing.B) {
	f := func(lo, hi int) {}
	b.ReportAllocs()
	for b.Loop() {
		For(64, 1, f)
	}
}

package asr

import (
	"context"
	"math"
	"runtime"
	"sync"
	"testing"

	"github.com/parley-go/parley/audio"
)

// TestShortCallsDoNotPileUp: ten thousand calls on one model, by four goroutines, leave nothing on the heap.
func TestShortCallsDoNotPileUp(t *testing.T) {
	m := tinyModel(t)
	samples := make([]float32, 1600) // 100 ms
	for i := range samples {
		samples[i] = float32(0.3 * math.Sin(float64(i*i)/5000))
	}
	calls := func(n int) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range n / 4 {
					clip := audio.Clip{Rate: sampleRate, Samples: samples}
					if _, err := m.Transcribe(context.Background(), clip.Source(), &Options{Search: Greedy}); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	heap := func() uint64 {
		runtime.GC() // twice: pools forget in two steps
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapInuse
	}
	n := 10_000
	if raceDetector || testing.Short() {
		n = 500
	}
	calls(100)
	before := heap()
	calls(n)
	if after := heap(); after > before+1<<20 {
		t.Errorf("%d bytes of heap became %d after %d calls", before, after, n)
	}
}

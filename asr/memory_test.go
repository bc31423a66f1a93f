package asr

import (
	"context"
	"math"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/parley-go/parley/audio"
)

// TestShortCallsDoNotPileUp: thousands of calls on one model, by four goroutines, leave nothing on the heap.
func TestShortCallsDoNotPileUp(t *testing.T) {
	t.Run("own", func(t *testing.T) { shortCalls(t, tinyModel(t), &Options{Search: Greedy}, 10_000) })
	n := 2_000
	if os.Getenv("PARLEY_WEIGHTS") != "" { // by hand, with a model of any size
		n = 10_000
	}
	t.Run("whisper", func(t *testing.T) { shortCalls(t, openTiny(t, "multilingual"), everything(), n) })
}

func shortCalls(t *testing.T, m *Model, o *Options, n int) {
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
					if _, err := m.Transcribe(context.Background(), clip.Source(), o); err != nil {
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
	if raceDetector || testing.Short() {
		n = min(n, 500)
	}
	calls(100)
	before := heap()
	calls(n)
	if after := heap(); after > before+1<<20 {
		t.Errorf("%d bytes of heap became %d after %d calls", before, after, n)
	}
}

package kernel

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/parley-go/parley/internal/cpu"
)

// FuzzInt8 demands of every way to multiply bytes the integers of plain Go, from any bit patterns, NaN included.
func FuzzInt8(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		defer use(cpu.Current())
		all := floats(data)
		k := 1 + len(data)%23 + len(all)/40
		rows := len(all) / k
		m, n := (rows+1)/2, rows/2
		if n == 0 {
			return
		}
		x, w := all[:m*k], all[len(all)-n*k:]
		run := func() ([]int8, []float32) {
			q, scales, dst := make([]int8, m*k), make([]float32, m), make([]float32, m*n)
			for i := range m {
				scales[i], _ = quantizeRow(q[i*k:(i+1)*k], x[i*k:(i+1)*k], 0)
			}
			packed := PackAs(Int8, w, n, k)
			Gemm(dst, n, x, k, m, packed, Epilogue{})
			return append(q, packed.q...), append(append(scales, packed.scale...), dst...)
		}
		use(cpu.Generic)
		wantBytes, wantFloats := run()
		for _, way := range int8Ways()[1:] {
			way.use()
			bytes, floats := run()
			if !slices.Equal(bytes, wantBytes) {
				t.Fatalf("%s: quantised otherwise", way.name)
			}
			for i, v := range floats { // the same sums, so at most the last two roundings differ
				if want := float64(wantFloats[i]); !within(v, want, 4*u*math.Abs(want)+1e-44) {
					t.Fatalf("%s, (%d, %d, %d): [%d] = %g, want %g", way.name, m, k, n, i, v, want)
				}
			}
		}
	})
}

// TestInt8Longest has the largest sums and the longest rows that there are; longer ones are refused.
func TestInt8Longest(t *testing.T) {
	eachInt8(t, func(t *testing.T) {
		const m, n = 15, 33
		x, w := make([]float32, m*maxInt8K), make([]float32, n*maxInt8K)
		for i := range x {
			x[i] = float32(1 - i/maxInt8K%2*2)
		}
		for i := range w {
			w[i] = float32(i/maxInt8K%2*2 - 1)
		}
		dst := make([]float32, m*n)
		Gemm(dst, n, x, maxInt8K, m, PackAs(Int8, w, n, maxInt8K), Epilogue{})
		for i, v := range dst {
			want := float64((1 - i/n%2*2) * (i%n%2*2 - 1) * maxInt8K)
			if !within(v, want, 6*u*maxInt8K) {
				t.Fatalf("[%d, %d] = %g, want %g", i/n, i%n, v, want)
			}
		}
	})
	defer func() {
		if recover() == nil {
			t.Error("a longer row was accepted")
		}
	}()
	PackAs(Int8, nil, 0, maxInt8K+1)
}

// TestInt8Concurrently shares one matrix among goroutines while the collector runs.
func TestInt8Concurrently(t *testing.T) {
	eachInt8(t, func(t *testing.T) {
		const m, n, k = 21, 200, 260
		r := newRand()
		x, w := randoms(r, m*k), PackAs(Int8, extremes(r, n*k), n, k)
		product := func(rows int) []float32 {
			dst := make([]float32, rows*n)
			Gemm(dst, n, x, k, rows, w, Epilogue{Act: GELU})
			return dst
		}
		want := product(m)
		for _, goroutines := range []int{1, 2, 16} {
			var wait sync.WaitGroup
			for g := range goroutines {
				wait.Go(func() {
					for i := range 6 {
						rows := 1 + (g+5*i)%m
						sameBits(t, fmt.Sprintf("%d rows", rows), product(rows), want[:rows*n])
						if i%3 == 0 {
							runtime.GC()
						}
					}
				})
			}
			wait.Wait()
		}
	})
}

func TestInt8AllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool drop values")
	}
	eachInt8(t, func(t *testing.T) {
		const m, n, k = 60, 500, 256
		r := newRand()
		x, w, dst := randoms(r, m*k), PackAs(Int8, randoms(r, n*k), n, k), make([]float32, m*n)
		for _, rows := range []int{1, 5, m} {
			call := func() { Gemm(dst, n, x, k, rows, w, Epilogue{Act: GELU, Residual: dst}) }
			if got := testing.AllocsPerRun(5, call); got >= 1 { // the pools may be emptied by a collection
				t.Errorf("%d rows: %g allocations per call", rows, got)
			}
		}
	})
}

package kernel

import (
	"runtime"
	"sync"
	"testing"
)

// everything calls each kernel once on its own buffers and returns what they computed.
func everything() []float32 {
	r := newRand()
	const m, n, k = 64, 256, 192
	x, w, y := randoms(r, m*k), Pack(randoms(r, n*k), n, k), make([]float32, m*n)
	Gemm(y, n, x, k, m, w, Epilogue{Bias: randoms(r, n), Act: GELU})
	for _, p := range []Precision{BF16, Int8} {
		for _, rows := range []int{m, 1} {
			Gemm(y, n, x, k, rows, PackAs(p, randoms(r, n*k), n, k), Epilogue{Act: SiLU, Residual: y})
		}
	}
	var kv KV
	kv.Append(y, n, y, n, m, 4, n/4)
	out := make([]float32, m*n)
	a := Attention{Heads: 4, Dim: n / 4, Scale: 0.01, Q: y, LdQ: n, Dst: out, LdDst: n}
	a.Add(0, m, 0, &kv, 0, Mask{})
	a.Run()
	for i := range m {
		row := out[i*n : (i+1)*n]
		Softmax(row)
		LayerNorm(row, row, y[:n], y[n:2*n], 1e-5)
		Axpy(row, Dot(row, y[:n])*1e-3, y[:n])
	}
	conv := make([]float32, (m-6)*n)
	DepthwiseConv1d(0, conv, out, m-6, n, y[:7*n], 7, nil)
	Activate(Tanh, conv)
	return conv
}

// TestCollectorDuringKernels moves stacks and collects while several goroutines are inside kernels: results must not change.
func TestCollectorDuringKernels(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		want := everything()
		stop := make(chan struct{})
		var collector, workers sync.WaitGroup
		collector.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					runtime.GC()
				}
			}
		})
		for range 4 {
			workers.Go(func() {
				for range 8 {
					got := everything()
					for i := range want {
						if got[i] != want[i] {
							t.Errorf("[%d] = %g, want %g", i, got[i], want[i])
							return
						}
					}
				}
			})
		}
		workers.Wait()
		close(stop)
		collector.Wait()
	})
}

func TestNothingIsAllocated(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool drop values")
	}
	r := newRand()
	x, w, dst := randoms(r, 200*256), Pack(randoms(r, 500*256), 500, 256), make([]float32, 200*500)
	bias, half, quarter := randoms(r, 500), PackAs(BF16, randoms(r, 500*256), 500, 256), PackAs(Int8, randoms(r, 500*256), 500, 256)
	for name, f := range map[string]func(){
		"Gemm": func() { Gemm(dst, 500, x, 256, 60, w, Epilogue{Bias: bias, Act: GELU, Residual: dst}) },
		"gemv": func() { Gemm(dst, 500, x, 256, 1, w, Epilogue{Bias: bias}) },
		"bf16": func() {
			Gemm(dst, 500, x, 256, 60, half, Epilogue{Bias: bias, Act: GELU, Residual: dst})
			Gemm(dst, 500, x, 256, 3, half, Epilogue{Bias: bias})
		},
		"int8": func() {
			Gemm(dst, 500, x, 256, 60, quarter, Epilogue{Bias: bias, Act: GELU, Residual: dst})
			Gemm(dst, 500, x, 256, 3, quarter, Epilogue{Bias: bias})
		},
		"rows": func() {
			Softmax(bias)
			LayerNorm(dst[:256], x[:256], x[256:512], nil, 1)
			Activate(SiLU, bias)
			DepthwiseConv1d(0, dst[:100*256], x[:102*256], 100, 256, x[:3*256], 3, nil)
		},
	} {
		eachTier(t, func(t *testing.T) {
			if n := testing.AllocsPerRun(5, f); n >= 1 { // the pools may be emptied by a collection
				t.Errorf("%s: %g allocations per call", name, n)
			}
		})
	}
}

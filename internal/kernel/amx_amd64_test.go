//go:build !purego

package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/parley-go/parley/internal/cpu"
	features "golang.org/x/sys/cpu"
)

// onTiles runs test on emulated tile registers, around the kernels of the current tier, and on real ones. emulate makes the
// wrappers call run with the name of a function of the assembly in file and its job.
func onTiles(t *testing.T, file string, emulate func(run func(function string, job any)), test func(t *testing.T)) {
	t.Run("emulated", func(t *testing.T) {
		if raceEnabled {
			t.Skip("the emulator takes a minute with the race detector")
		}
		programs, data := readPrograms(t, file)
		defer restoreTiles()
		useAMX = true
		var calls atomic.Int32
		emulate(func(function string, job any) {
			calls.Add(1)
			new(emulator).run(t, programs[function], job, data)
		})
		test(t)
		if calls.Load() == 0 {
			t.Error("the tile kernels were not called")
		}
	})
	t.Run("hardware", func(t *testing.T) {
		if !slices.Contains(cpu.Tiers(), cpu.AMX) {
			t.Skip("NOT RUN: this processor or system has no AMX; the kernels ran emulated only")
		}
		defer restoreTiles()
		use(cpu.AMX)
		test(t)
	})
}

func restoreTiles() {
	emulateTiles, emulateAttend = nil, nil
	use(cpu.Current())
}

// eachAMX is onTiles for products.
func eachAMX(t *testing.T, test func(t *testing.T)) {
	onTiles(t, "amx_amd64.s", func(run func(function string, job any)) {
		emulateTiles = func(job *amxTiles, p Precision) { run(map[Precision]string{BF16: "amxBF16", Int8: "amxInt8"}[p], job) }
	}, test)
}

func TestAMXShapes(t *testing.T) {
	eachAMX(t, func(t *testing.T) {
		r := newRand()
		for _, p := range []Precision{BF16, Int8} {
			for _, m := range []int{1, 4, 5, 15, 16, 17, 31, 32, 33, 48, 49, 70} {
				for _, n := range []int{1, 16, 31, 32, 33, 65} {
					k := 1 + r.IntN(300)
					c := gemmCase{precision: p, m: m, n: n, k: k, padX: r.IntN(5), padD: r.IntN(5), bias: m%2 == 0, residual: (m + n) % 3}
					c.runAs(t, r)
				}
			}
		}
	})
}

// TestAMXDepths has K below, at and above a block of either precision, and of one and several calls.
func TestAMXDepths(t *testing.T) {
	eachAMX(t, func(t *testing.T) {
		r := newRand()
		for _, p := range []Precision{BF16, Int8} {
			for _, k := range []int{1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 95, 96, 127, 128, 129, 191, 240, 256, 1000} {
				gemmCase{precision: p, m: 19, n: 37, k: k, padX: 3, bias: true, residual: k % 3}.runAs(t, r)
			}
		}
		gemmCase{precision: BF16, m: 130, n: 20, k: 2 * amxWork / 4, bias: true}.runAs(t, r) // four panels a call
	})
}

func TestAMXEpilogues(t *testing.T) {
	eachAMX(t, func(t *testing.T) {
		r := newRand()
		for act := None; act <= Sigmoid; act++ {
			for residual := range 3 {
				for _, p := range []Precision{BF16, Int8} {
					gemmCase{precision: p, m: 40, n: 70, k: 100, padD: 3, bias: residual == 1, residual: residual, act: act}.runAs(t, r)
				}
			}
		}
	})
}

func TestAMXPropagatesNaN(t *testing.T) {
	eachAMX(t, func(t *testing.T) {
		const m, n, k = 40, 65, 35
		for _, p := range []Precision{BF16, Int8} {
			x, w, dst := randoms(newRand(), m*k), randoms(newRand(), n*k), make([]float32, m*n)
			x[7*k+34], w[20*k+4] = nan, nan
			Gemm(dst, n, x, k, m, PackAs(p, w, n, k), Epilogue{})
			for i, v := range dst {
				if want := i/n == 7 || i%n == 20; (v != v) != want {
					t.Fatalf("%v: [%d, %d] = %g", p, i/n, i%n, v)
				}
			}
		}
	})
}

// TestAMXAllocatesNothing runs all but the tile kernels.
func TestAMXAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool drop values")
	}
	defer restoreTiles()
	useAMX, emulateTiles = true, func(*amxTiles, Precision) {}
	const m, n, k = 60, 500, 250
	x, dst := randoms(newRand(), m*k), make([]float32, m*n)
	for _, p := range []Precision{BF16, Int8} {
		w := PackAs(p, randoms(newRand(), n*k), n, k)
		if allocations := testing.AllocsPerRun(5, func() { Gemm(dst, n, x, k, m, w, Epilogue{Act: GELU, Residual: dst}) }); allocations >= 1 {
			t.Errorf("%v: %g allocations per call", p, allocations)
		}
	}
}

// runAs is run or runInt8.
func (c gemmCase) runAs(t *testing.T, r *rand.Rand) {
	t.Helper()
	if c.precision == Int8 {
		c.runInt8(t, randoms(r, c.m*c.k), randoms(r, c.n*c.k))
	} else {
		c.run(t, r)
	}
}

func TestRoundBF16(t *testing.T) {
	if !features.X86.HasAVX512BF16 || !slices.Contains(cpu.Tiers(), cpu.AVX512) {
		t.Skip("NOT RUN: no AVX512-BF16 here")
	}
	r := newRand()
	for _, n := range append(lengths[1:], longest+33) {
		x := make([]float32, n)
		for i := range x {
			for !(math.Abs(float64(x[i])) >= 0x1p-126 || x[i] != x[i]) { // others become 0
				x[i] = math.Float32frombits(r.Uint32())
			}
		}
		in, _ := guarded(t, x)
		size := roundUp(n, 32)
		out := slices.Repeat([]uint16{0xabcd}, size+16)
		roundRow(out[:size], in)
		for i, got := range out {
			want := uint16(0xabcd)
			switch {
			case i < n:
				want = bf16Bits(x[i])
			case i < size:
				want = 0
			}
			if got != want {
				t.Fatalf("length %d: [%d] is %04x, want %04x", n, i, got, want)
			}
		}
	}
}

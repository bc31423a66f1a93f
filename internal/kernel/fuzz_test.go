package kernel

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/parley-go/parley/internal/cpu"
)

// floats reads any bit patterns, NaN and infinities included.
func floats(data []byte) []float32 {
	x := make([]float32, len(data)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return x
}

func seeds(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0x80, 0x7f, 0, 0, 0xc0, 0xff, 0, 0, 0x80, 0xff, 1, 0, 0, 0})
	r := newRand()
	for _, n := range []int{31, 64, 67, 131} {
		data := make([]byte, 0, 4*n)
		for range n {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(r.NormFloat64()*20)))
		}
		f.Add(data)
	}
}

// FuzzRoundedOnce demands identical bits from every tier for any input.
func FuzzRoundedOnce(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		defer use(cpu.Current())
		x := floats(data)
		y, x := x[:len(x)/2], x[(len(x)+1)/2:]
		run := func() []float32 {
			d := append([]float32(nil), x...)
			Add(d, y)
			Mul(d, y)
			Scale(d, 0.5)
			top := maxOf(d)
			Activate(ReLU, d)
			return append(d, top)
		}
		use(cpu.Generic)
		want := run()
		for _, tier := range cpu.Tiers()[1:] {
			use(tier)
			sameBits(t, tier.String(), run(), want)
		}
	})
}

// FuzzFunctions demands the documented error from every tier for any input.
func FuzzFunctions(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		defer use(cpu.Current())
		x := floats(data)
		for _, tier := range cpu.Tiers() {
			use(tier)
			for _, e := range exact {
				got := append([]float32(nil), x...)
				e.apply(got)
				for i, v := range x {
					if math.IsInf(float64(v), 0) || math.Abs(float64(v)) > 1e18 {
						continue // TestFunctionSpecials
					}
					want := e.f(float64(v))
					bound := e.bound(float64(v), want)
					if math.Abs(want) > math.MaxFloat32 {
						want = math.Copysign(math.Inf(1), want)
					}
					if !within(got[i], want, bound+1e-38) {
						t.Fatalf("%v %s(%g) = %g, want %g", tier, e.name, v, got[i], want)
					}
				}
			}
		}
	})
}

// FuzzGemm demands the bound of accumulations from every tier for any shape.
func FuzzGemm(f *testing.F) {
	f.Add(uint8(1), uint8(33), uint16(65), uint8(3), uint64(1))
	f.Add(uint8(29), uint8(70), uint16(513), uint8(0xff), uint64(2))
	f.Fuzz(func(t *testing.T, m, n uint8, k uint16, how uint8, seed uint64) {
		defer use(cpu.Current())
		c := gemmCase{
			m: int(m % 40), n: int(n % 100), k: int(k % 600), padX: int(how & 3), padD: int(how >> 2 & 3),
			bias: how&16 != 0, residual: int(how>>5) % 3, act: Act(seed % 7),
		}
		for _, tier := range cpu.Tiers() {
			use(tier)
			r := rand.New(rand.NewPCG(seed, 3))
			c.precision = F32
			c.run(t, r)
			c.precision = BF16
			c.run(t, r)
		}
	})
}

package vocoder

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// fourierSum is the definition.
func fourierSum(x []complex128, k int) (sum complex128) {
	for i, v := range x {
		sum += v * cmplx.Rect(1, -2*math.Pi*float64(i*k%len(x))/float64(len(x)))
	}
	return sum
}

func TestTransformIsTheFourierSum(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := 2; n <= 1024; n *= 2 {
		x, want := newValues(n), make([]complex128, n)
		for i := range want {
			x.re[i], x.im[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
			want[i] = complex(float64(x.re[i]), float64(x.im[i]))
		}
		y := newPlan(n).transform(x, newValues(n))
		for k := range n {
			if d := cmplx.Abs(fourierSum(want, k) - complex(float64(y.re[k]), float64(y.im[k]))); d > 1e-5*float64(n) {
				t.Fatalf("n %d: value %d is off by %.2g", n, k, d)
			}
		}
	}
}

func TestRealTransformAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for n := 4; n <= 1024; n *= 2 {
		f, z, x := newRealPlan(n), newValues(n/2), make([]complex128, n)
		for i := range x {
			x[i] = complex(float64(float32(r.NormFloat64())), 0)
		}
		for i := range n / 2 {
			z.re[i], z.im[i] = float32(real(x[2*i])), float32(real(x[2*i+1]))
		}
		spec := newValues(n/2 + 1)
		f.split(spec, f.transform(z, newValues(n/2)))
		for k := range n/2 + 1 {
			if d := cmplx.Abs(fourierSum(x, k) - complex(float64(spec.re[k]), float64(spec.im[k]))); d > 1e-5*float64(n) {
				t.Fatalf("n %d: bin %d is off by %.2g", n, k, d)
			}
		}
		f.join(z, spec)
		y := f.transform(z.swapped(), newValues(n/2)).swapped()
		for i := range x {
			got := y.re[i/2]
			if i%2 == 1 {
				got = y.im[i/2]
			}
			if d := math.Abs(float64(got)/float64(n) - real(x[i])); d > 1e-5 {
				t.Fatalf("n %d: sample %d is off by %.2g", n, i, d)
			}
		}
	}
}

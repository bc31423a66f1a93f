package transformer

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// convSpec computes a convolution from its definition.
func convSpec(x Mat, w, b []float32, c ConvConfig) Mat {
	y := NewMat(0, c.Out)
	for start := -c.PadLeft; start+(c.Kernel-1)*c.Dilation < x.Rows+c.PadRight; start += c.Stride {
		row := NewMat(1, c.Out)
		for o := range c.Out {
			sum := float64(b[o])
			for k := range c.Kernel {
				if at := start + k*c.Dilation; at >= 0 && at < x.Rows {
					for i := range c.In {
						sum += float64(x.Row(at)[i]) * float64(w[(o*c.In+i)*c.Kernel+k])
					}
				}
			}
			row.Data[o] = max(0, float32(sum))
		}
		y = join(y, row)
	}
	return y
}

func TestConv1d(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 60 {
		c := ConvConfig{In: 1 + r.IntN(6), Out: 1 + r.IntN(9), Kernel: 1 + r.IntN(5), Stride: 1 + r.IntN(6), Dilation: 1 + r.IntN(3),
			PadLeft: r.IntN(4), PadRight: r.IntN(9), Act: ReLU}
		w, b := randomMat(r, c.Out, c.In*c.Kernel).Data, randomMat(r, 1, c.Out).Data
		conv := NewConv1d(w, b, c)
		x := randomMat(r, r.IntN(200), c.In)
		want := convSpec(x, w, b, c)
		near(t, fmt.Sprintf("Forward %+v of %d rows", c, x.Rows), conv.Forward(x), want)
		if conv.Rows(x.Rows) != want.Rows {
			t.Fatalf("%+v: Rows(%d) = %d, want %d", c, x.Rows, conv.Rows(x.Rows), want.Rows)
		}
		var s Conv1dState
		for range 2 { // the second time in a used state
			got := NewMat(0, c.Out)
			for lo := 0; lo < x.Rows; {
				hi := min(lo+r.IntN(9), x.Rows)
				got = join(got, conv.Step(&s, x.Slice(lo, hi)))
				lo = hi
			}
			near(t, fmt.Sprintf("Step %+v", c), join(got, conv.Flush(&s)), want)
		}
	}
}

func TestConv1dStepAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	c := ConvConfig{In: 8, Out: 16, Kernel: 3, Stride: 2}
	conv := NewConv1d(randomMat(r, 16, 24).Data, nil, c)
	var s Conv1dState
	x := randomMat(r, 7, 8)
	for range 10 {
		conv.Step(&s, x)
	}
	allocatesNothing(t, func() { conv.Step(&s, x) })
}

func TestDepthwiseConv1d(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, right := range []int{0, 2, 4} {
		const c, k = 6, 5
		w, b := randomMat(r, c, k).Data, randomMat(r, 1, c).Data
		d := NewDepthwiseConv1d(w, b, c, k, right)
		x := randomMat(r, 31, c)
		want := NewMat(x.Rows, c)
		for i := range x.Rows {
			for j := range c {
				sum := b[j]
				for tap := range k {
					if at := i + tap - (k - 1 - right); at >= 0 && at < x.Rows {
						sum += w[j*k+tap] * x.Row(at)[j]
					}
				}
				want.Row(i)[j] = sum
			}
		}
		var s DepthwiseState
		got := NewMat(x.Rows, c)
		d.Forward(&s, got, x)
		near(t, "Forward", got, want)
		for lo := 0; right == 0 && lo < x.Rows; {
			hi := min(lo+1+r.IntN(8), x.Rows)
			d.Step(&s, got.Slice(lo, hi), x.Slice(lo, hi))
			lo = hi
		}
		near(t, "Step", got, want)
	}
}

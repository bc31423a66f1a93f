package transformer

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// transposeSpec computes a transposed convolution from its definition.
func transposeSpec(x Mat, w, b []float32, c ConvTransposeConfig) Mat {
	if x.Rows == 0 {
		return NewMat(0, c.Out)
	}
	all := NewMat((x.Rows-1)*c.Stride+c.Kernel, c.Out)
	for i := range all.Rows {
		copy(all.Row(i), b)
	}
	for t := range x.Rows {
		for k := range c.Kernel {
			for o := range c.Out {
				for i, v := range x.Row(t) {
					all.Row(t*c.Stride + k)[o] += v * w[(i*c.Out+o)*c.Kernel+k]
				}
			}
		}
	}
	for i, v := range all.Data {
		all.Data[i] = max(v, 0)
	}
	hi := max(all.Rows-c.CropRight, 0)
	return all.Slice(min(c.CropLeft, hi), hi)
}

func TestConvTranspose1d(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for i := range 60 {
		c := ConvTransposeConfig{In: 1 + r.IntN(6), Out: 1 + r.IntN(9), Stride: 1 + r.IntN(6), Act: ReLU}
		c.Kernel = c.Stride + r.IntN(9)
		c.CropLeft, c.CropRight = r.IntN(c.Kernel), r.IntN(c.Kernel-c.Stride+1)
		name := fmt.Sprint("up", i)
		conv := must(LoadConvTranspose1d(random, name, c))(t)
		w, b := must(random.Float32(name+".weight", c.In, c.Out, c.Kernel))(t), must(random.Float32(name+".bias", c.Out))(t)
		for _, rows := range []int{0, 1, 2, 1 + r.IntN(70)} {
			x := randomMat(r, rows, c.In)
			want := transposeSpec(x, w, b, c)
			near(t, fmt.Sprintf("Forward %+v of %d rows", c, rows), conv.Forward(x), want)
			if conv.Rows(rows) != want.Rows {
				t.Fatalf("%+v: Rows(%d) = %d, want %d", c, rows, conv.Rows(rows), want.Rows)
			}
			var s ConvTranspose1dState
			for range 2 { // the second time in a used state
				got := NewMat(0, c.Out)
				for lo := 0; lo < rows; {
					hi := min(lo+r.IntN(9), rows)
					got = join(got, conv.Step(&s, x.Slice(lo, hi)))
					lo = hi
				}
				near(t, fmt.Sprintf("Step %+v", c), join(got, conv.Flush(&s)), want)
			}
		}
	}
}

// TestConvTranspose1dIsCausal: rows come out as soon as no later row of the input adds to them.
func TestConvTranspose1dIsCausal(t *testing.T) {
	c := ConvTransposeConfig{In: 3, Out: 4, Kernel: 16, Stride: 8, CropLeft: 4, CropRight: 4}
	conv := must(LoadConvTranspose1d(random, "up", c))(t)
	var s ConvTranspose1dState
	x := randomMat(rand.New(rand.NewPCG(1, 1)), 1, 3)
	for i, want := range []int{4, 8, 8} {
		if y := conv.Step(&s, x); y.Rows != want {
			t.Errorf("step %d made %d rows, want %d", i, y.Rows, want)
		}
	}
	if y := conv.Flush(&s); y.Rows != 4 {
		t.Errorf("Flush made %d rows, want 4", y.Rows)
	}
	allocatesNothing(t, func() { conv.Step(&s, x) })
}

// TestTorchConvolutions compares with torch.nn.functional.conv1d and conv_transpose1d.
func TestTorchConvolutions(t *testing.T) {
	g := openGolden(t, "torch_conv")
	x := g.mat(t, "input")
	load := As(g, F32)
	for name, c := range map[string]ConvConfig{
		"stem":    {Kernel: 3, PadLeft: 1, PadRight: 1, Act: GELU},
		"strided": {Kernel: 3, Stride: 2, PadLeft: 1, PadRight: 1},
		"dilated": {Kernel: 7, Dilation: 5, PadLeft: 15, PadRight: 15},
		"both":    {Kernel: 4, Stride: 3, Dilation: 2},
	} {
		c.In, c.Out = x.Cols, 6
		near(t, name, must(LoadConv1d(load, name, c))(t).Forward(x), g.mat(t, name))
	}
	for name, c := range map[string]ConvTransposeConfig{
		"up8": {Kernel: 16, Stride: 8, CropLeft: 4, CropRight: 4},
		"up3": {Kernel: 7, Stride: 3, CropLeft: 2, CropRight: 2},
	} {
		c.In, c.Out = x.Cols, 6
		near(t, name, must(LoadConvTranspose1d(load, name, c))(t).Forward(x), g.mat(t, name))
	}
}

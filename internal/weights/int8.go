package weights

import (
	"bytes"
	"math"

	"github.com/parley-go/parley/internal/kernel"
)

// ScaleOf is the name of the F32 tensor (out) that holds the scales of the I8 tensor (out, ...) of a name: its row i is scale[i] times what
// the bytes say.
func ScaleOf(name string) string { return name + ".scale" }

// Quantize writes row x of a matrix to q, -127 to 127, such that x is about scale * q, and returns the scale. Loading the row in
// kernel.Int8 gives q and scale back, even through float32, because the scale is made of the 16 leading bits of the largest magnitude; float16
// has no more, so that x in float16 loads as the same q and scale. The scale is NaN if some value is no finite number.
func Quantize(q []int8, x []float32) (scale float32) {
	var top float32
	for _, v := range x {
		if v-v != 0 {
			return float32(math.NaN())
		}
		top = max(top, float32(math.Abs(float64(v))))
	}
	top = math.Float32frombits(math.Float32bits(top) &^ 0xff)
	if top < leastTop {
		clear(q)
		return 0
	}
	inverse := 127 / top
	for i, v := range x {
		q[i] = int8(math.RoundToEven(float64(float32(v * inverse))))
	}
	return top / 127
}

// leastTop is the magnitude below which a row counts as zeros, as in package kernel.
const leastTop = 0x1p-118

// int8Rows writes row i of a tensor to q and returns its scale.
type int8Rows func(q []int8, i int) (scale float32)

// An int8Source can give a matrix as it is stored in 8 bits.
type int8Source interface {
	// int8Rows returns nil if the tensor is of another type, or has bytes that the kernels do not take.
	int8Rows(name string, out, in int) (int8Rows, error)
}

// packInt8 returns nil if there are no rows.
func packInt8(threads, out, in int, rows int8Rows) *kernel.Packed {
	if rows == nil {
		return nil
	}
	return kernel.PackInt8Rows(threads, out, in, rows)
}

func (f *File) int8Rows(name string, out, in int) (int8Rows, error) {
	t, err := f.find(name, []int{out, in})
	if err != nil || t.dtype != "I8" {
		return nil, err
	}
	scale, err := f.scales(name, t.shape)
	if err != nil {
		return nil, err
	}
	raw, err := f.bytes(t)
	if err != nil {
		return nil, f.errorf(name, "%w", err)
	}
	const lowest = 0x80 // -128
	if bytes.IndexByte(raw, lowest) >= 0 {
		return nil, nil
	}
	return func(q []int8, i int) float32 {
		for j, b := range raw[i*in : (i+1)*in] {
			q[j] = int8(b)
		}
		f.pages.touch(in)
		return scale[i]
	}, nil
}

func (d *Dir) int8Rows(name string, out, in int) (int8Rows, error) {
	f, err := d.find(name, []int{out, in})
	if err != nil {
		return nil, err
	}
	return f.int8Rows(name, out, in)
}

// scales reads and checks the scales of an I8 tensor.
func (f *File) scales(name string, shape []int) ([]float32, error) {
	if len(shape) == 0 {
		return nil, f.errorf(name, "want at least one dimension for I8, got a scalar")
	}
	s := ScaleOf(name)
	t, err := f.find(s, shape[:1])
	if err != nil {
		return nil, err
	}
	if t.dtype != "F32" {
		return nil, f.errorf(s, "want F32, got %s", t.dtype)
	}
	scale, err := f.Float32(s, shape[0])
	for i, v := range scale {
		if !(v >= 0 && v <= math.MaxFloat32) {
			return nil, f.errorf(s, "want finite scales that are not negative, got %v in row %d", v, i)
		}
	}
	return scale, err
}

package weights

import (
	"fmt"
	"math"
	"strings"
)

// A matrix X of 6 bits is two tensors: X.int6 of type U8, (out, 3 in/4), and ScaleOf(X). Four values, each 32 more than it is, share
// three bytes, the first in the lowest bits. Readers see X of type I6 and shape (out, in).

// sixBits ends the name of the tensor that holds a matrix of 6 bits.
const sixBits = ".int6"

// top6 is the largest magnitude in 6 bits.
const top6 = 31

// clips are the shares of a row's largest magnitude that Quantize6 tries as the largest value it can say.
var clips = []float32{1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7}

// Quantize6 writes row x of a matrix to q, -31 to 31, such that x is about scale * q, and returns the scale, that with the least mean square
// error among a few: a row's largest values may be cut off for the sake of the others. The scale is NaN if some value is no finite number.
func Quantize6(q []int8, x []float32) (scale float32) {
	top, ok := magnitude(x)
	if !ok {
		return float32(math.NaN())
	}
	if top < leastTop {
		clear(q)
		return 0
	}
	least := math.Inf(1)
	for _, c := range clips {
		s := c * top / top6
		if e := error6(x, s); e < least {
			scale, least = s, e
		}
	}
	for i, v := range x {
		q[i] = round6(v, scale)
	}
	return scale
}

func round6(v, scale float32) int8 {
	return int8(min(top6, max(-top6, math.RoundToEven(float64(v/scale)))))
}

// error6 returns the sum of squared errors of x in 6 bits with a scale.
func error6(x []float32, scale float32) float64 {
	var sum float64
	for _, v := range x {
		d := float64(v - scale*float32(round6(v, scale)))
		sum += d * d
	}
	return sum
}

// pack6 appends values of 6 bits, whose count is a multiple of 4.
func pack6(dst []byte, q []int8) []byte {
	for ; len(q) > 0; q = q[4:] {
		v := uint32(q[0]+32) | uint32(q[1]+32)<<6 | uint32(q[2]+32)<<12 | uint32(q[3]+32)<<18
		dst = append(dst, byte(v), byte(v>>8), byte(v>>16))
	}
	return dst
}

// unpack6 is the reverse: raw has three bytes for four values of q.
func unpack6(q []int8, raw []byte) {
	for i := 0; i+4 <= len(q); i += 4 {
		b := raw[i/4*3:][:3]
		v := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		q[i], q[i+1], q[i+2], q[i+3] = int8(v&63)-32, int8(v>>6&63)-32, int8(v>>12&63)-32, int8(v>>18)-32
	}
}

func decodeI6(dst []float32, raw []byte) {
	for ; len(dst) >= 4 && len(raw) >= 3; dst, raw = dst[4:], raw[3:] {
		v := uint32(raw[0]) | uint32(raw[1])<<8 | uint32(raw[2])<<16
		dst[0], dst[1], dst[2], dst[3] = values6[v&63], values6[v>>6&63], values6[v>>12&63], values6[v>>18&63]
	}
}

// values6 is what the bits of a value say.
var values6 = func() (t [64]float32) {
	for i := range t {
		t[i] = float32(i - 32)
	}
	return t
}()

// nameSixBits gives matrices of 6 bits the name, type and shape that their readers ask for.
func nameSixBits(tensors map[string]tensor) error {
	for name, t := range tensors {
		base, ok := strings.CutSuffix(name, sixBits)
		if !ok {
			continue
		}
		if t.dtype != "U8" || len(t.shape) != 2 || t.shape[1]%3 != 0 {
			return fmt.Errorf("tensor %q: want U8 of shape [out 3*in/4], got %s %v", name, t.dtype, t.shape)
		}
		if _, twice := tensors[base]; twice {
			return fmt.Errorf("tensor %q is there twice, once in 6 bits", base)
		}
		delete(tensors, name)
		tensors[base] = tensor{"I6", []int{t.shape[0], t.shape[1] / 3 * 4}, t.lo, t.hi}
	}
	return nil
}

// Int6 adds a matrix (out, in) of values from -31 to 31 and its scales (out). in that is no multiple of 4 panics.
func (w *Writer) Int6(name string, values []int8, scale []float32, out, in int) {
	if in%4 != 0 || len(values) != out*in {
		panic(fmt.Sprintf("weights: Writer: tensor %q: %d values of 6 bits for shape [%d %d]", name, len(values), out, in))
	}
	w.data = pack6(w.data, values)
	w.add(name+sixBits, "U8", len(values)/4*3, []int{out, in / 4 * 3})
	w.Float32(ScaleOf(name), scale, out)
}

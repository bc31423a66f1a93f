package main

import (
	"math"
	"slices"
)

// levels is the largest magnitude of a coarse row: its values from -31 to 31 take 5 bits each once they are compressed, those from -127 to 127
// nearly 7.
const levels = 31

// clips are the shares of a row's largest magnitude that coarse tries as the largest value it can say.
var clips = []float32{1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7}

// coarse writes row x to q such that x is about scale * q and returns the scale, that with the least mean square error among a few: a row's
// largest values may be cut off for the sake of the others. The scale is NaN if some value is no finite number.
func coarse(q []int8, x []float32) (scale float32) {
	top := max(slices.Max(x), -slices.Min(x))
	if top-top != 0 {
		return float32(math.NaN())
	}
	if top < 0x1p-100 {
		clear(q)
		return 0
	}
	least := math.Inf(1)
	for _, c := range clips {
		s := c * top / levels
		if e := errorOf(x, s); e < least {
			scale, least = s, e
		}
	}
	for i, v := range x {
		q[i] = round(v, scale)
	}
	return scale
}

func round(v, scale float32) int8 {
	return int8(min(levels, max(-levels, math.RoundToEven(float64(v/scale)))))
}

// errorOf returns the sum of squared errors of x with a scale.
func errorOf(x []float32, scale float32) float64 {
	var sum float64
	for _, v := range x {
		d := float64(v - scale*float32(round(v, scale)))
		sum += d * d
	}
	return sum
}

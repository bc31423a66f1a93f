package vocoder

import "math"

// excitation is the source of voiced sound: all harmonics of F0 below top with one amplitude, in the closed form
//
//	sum over h <= n of cos(2 pi h p) = sin((2n+1) pi p) / (2 sin(pi p)) - 1/2
//
// where p is the phase of the fundamental in cycles. F0 is constant from the centre of one frame to that of the next, and the
// phase continuous, as in Kokoro's source. The amplitude, sqrt(2 F0/rate) for unit power, changes linearly and fades in and
// out where voice begins and ends.
type excitation struct {
	hop   int
	rate  float64
	top   float64
	phase float64 // at the centre of the last frame, cycles, [0, 1)
	last  float64 // F0 of the last frame, Hz
}

func (e *excitation) reset() { e.phase, e.last = 0, 0 }

// segment fills dst (hop) with the sound from the centre of the last frame to that of the next, which has F0 f0.
func (e *excitation) segment(dst []float32, f0 float64) {
	f := f0
	if f == 0 {
		f = e.last
	}
	from, to := math.Sqrt(2*e.last/e.rate), math.Sqrt(2*f0/e.rate)
	e.last = f0
	if f == 0 {
		clear(dst)
		return
	}
	n := math.Floor(e.top / f)
	step := f / e.rate
	num, den := rotor(math.Pi*(2*n+1)*e.phase, math.Pi*(2*n+1)*step), rotor(math.Pi*e.phase, math.Pi*step)
	slope := (to - from) / float64(e.hop)
	for i := range dst {
		sum := n // the limit where sin(pi p) is 0
		if d := 2 * imag(den.z); math.Abs(d) >= 1e-5 {
			sum = imag(num.z)/d - 0.5
		}
		dst[i] = float32((from + slope*float64(i)) * sum)
		num.turn()
		den.turn()
	}
	e.phase += step * float64(e.hop)
	e.phase -= math.Floor(e.phase)
}

// oscillator is a point on the unit circle that turns by one angle a sample.
type oscillator struct{ z, by complex128 }

func rotor(angle, step float64) oscillator {
	s, c := math.Sincos(angle)
	ds, dc := math.Sincos(step)
	return oscillator{complex(c, s), complex(dc, ds)}
}

func (o *oscillator) turn() { o.z *= o.by }

package vad

import (
	"math"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
)

// silero is the 16 kHz network of silero-vad, versions 5 and 6 (https://github.com/snakers4/silero-vad, MIT): magnitudes of a
// short-time Fourier transform written as a convolution, four convolutions, an LSTM cell, a logistic unit. It judges
// frames of 512 samples and sees 64 before them and, mirrored at the end, none after.
type silero struct {
	stft  *kernel.Packed // (2*bins, window): real parts, imaginary parts
	convs [4]sileroConv
	cell  recurrent
	head  dense // (1, 128)
}

// sileroConv is a convolution of 3 taps over time, padded by a row of zeros on both sides, with ReLU.
type sileroConv struct {
	dense       // (out, 3*in), taps before channels
	in, stride  int
	rowsIn, out int // rows in and channels out
}

const (
	sileroHop     = 512
	sileroContext = 64
	sileroWindow  = 256
	sileroStep    = 128
	sileroBins    = sileroWindow/2 + 1
	sileroRows    = 4 // of the transform: 640 samples, 64 of them mirrored
	sileroWidth   = 128
)

func loadSilero(f weights.Loader) (*silero, error) {
	d := &silero{convs: [4]sileroConv{
		{in: sileroBins, out: 128, stride: 1, rowsIn: 4},
		{in: 128, out: 64, stride: 2, rowsIn: 4},
		{in: 64, out: 64, stride: 2, rowsIn: 2},
		{in: 64, out: sileroWidth, stride: 1, rowsIn: 1},
	}}
	stft, err := f.Float32("stft_conv.weight", 2*sileroBins, 1, sileroWindow)
	if err != nil {
		return nil, err
	}
	d.stft = kernel.Pack(stft, 2*sileroBins, sileroWindow)
	for i, name := range [...]string{"conv1", "conv2", "conv3", "conv4"} {
		if err := d.convs[i].load(f, name); err != nil {
			return nil, err
		}
	}
	if d.cell, err = loadRecurrent(f, "lstm_cell.", "", 4, sileroWidth, sileroWidth); err != nil {
		return nil, err
	}
	w, err := f.Float32("final_conv.weight", 1, sileroWidth, 1)
	if err != nil {
		return nil, err
	}
	d.head.w = kernel.Pack(w, 1, sileroWidth)
	d.head.b, err = f.Float32("final_conv.bias", 1)
	return d, err
}

// load reads name.weight (out, in, 3) and name.bias (out).
func (c *sileroConv) load(f weights.Loader, name string) error {
	w, err := f.Float32(name+".weight", c.out, c.in, 3)
	if err != nil {
		return err
	}
	taps := make([]float32, len(w))
	for o := range c.out {
		for i := range c.in {
			for k := range 3 {
				taps[(o*3+k)*c.in+i] = w[(o*c.in+i)*3+k]
			}
		}
	}
	c.w = kernel.Pack(taps, c.out, 3*c.in)
	c.b, err = f.Float32(name+".bias", c.out)
	return err
}

// forward convolves x (rowsIn, in) into dst and returns (rows, out). unfolded is scratch.
func (c *sileroConv) forward(dst, x, unfolded []float32) []float32 {
	rows := (c.rowsIn-1)/c.stride + 1
	u := unfolded[:rows*3*c.in]
	clear(u)
	for r := range rows {
		for k := range 3 {
			if at := r*c.stride + k - 1; at >= 0 && at < c.rowsIn {
				copy(u[(r*3+k)*c.in:(r*3+k+1)*c.in], x[at*c.in:])
			}
		}
	}
	dst = dst[:rows*c.out]
	c.apply(dst, u, rows, kernel.ReLU)
	return dst
}

func (d *silero) Rate() int { return rate }
func (d *silero) Hop() int  { return sileroHop }

func (d *silero) NewStream() Stream {
	s := &sileroStream{d: d, frames: newFrameBuffer(sileroContext+sileroHop, sileroContext)}
	s.take = s.frame
	return s
}

type sileroStream struct {
	d        *silero
	frames   frameBuffer
	h, c     [sileroWidth]float32
	dst      []float32
	take     func(x []float32)
	samples  [sileroContext + sileroHop + sileroWindow/4]float32
	spectrum [sileroRows * 2 * sileroBins]float32
	a, b     [sileroRows * sileroBins]float32
	unfolded [sileroRows * 3 * sileroBins]float32
	gates    [2][4 * sileroWidth]float32
	prob     [1]float32
}

func (s *sileroStream) Push(dst, samples []float32) []float32 {
	s.dst = dst
	s.frames.push(samples, s.take)
	return s.result()
}

func (s *sileroStream) Flush(dst []float32) []float32 {
	s.dst = dst
	s.frames.flush(s.take)
	clear(s.h[:])
	clear(s.c[:])
	return s.result()
}

func (s *sileroStream) result() []float32 {
	dst := s.dst
	s.dst = nil
	return dst
}

// frame judges x (576).
func (s *sileroStream) frame(x []float32) {
	n := copy(s.samples[:], x)
	for i := n; i < len(s.samples); i++ {
		s.samples[i] = x[2*n-2-i]
	}
	mags := s.magnitudes()
	y, other := mags, s.b[:]
	for i := range s.d.convs {
		out := s.d.convs[i].forward(other, y, s.unfolded[:])
		y, other = out, y[:cap(y)]
	}
	s.d.cell.input.apply(s.gates[0][:], y, 1, kernel.None)
	s.d.cell.lstm(s.h[:], s.c[:], s.gates[0][:], s.gates[1][:])
	z := s.unfolded[:sileroWidth]
	copy(z, s.h[:])
	kernel.Activate(kernel.ReLU, z)
	s.d.head.apply(s.prob[:], z, 1, kernel.Sigmoid)
	s.dst = append(s.dst, s.prob[0])
}

// magnitudes transforms samples: (rows, bins).
func (s *sileroStream) magnitudes() []float32 {
	kernel.Gemm(s.spectrum[:], 2*sileroBins, s.unfoldSamples(), sileroWindow, sileroRows, s.d.stft, kernel.Epilogue{})
	dst := s.a[:]
	for r := range sileroRows {
		z := s.spectrum[r*2*sileroBins:]
		for i := range sileroBins {
			re, im := z[i], z[sileroBins+i]
			dst[r*sileroBins+i] = float32(math.Sqrt(float64(re*re + im*im)))
		}
	}
	return dst
}

// unfoldSamples copies the windows of the transform next to each other: (rows, window).
func (s *sileroStream) unfoldSamples() []float32 {
	u := s.unfolded[:sileroRows*sileroWindow]
	for r := range sileroRows {
		copy(u[r*sileroWindow:(r+1)*sileroWindow], s.samples[r*sileroStep:])
	}
	return u
}

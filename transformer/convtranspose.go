package transformer

import "fmt"

// ConvTransposeConfig is the shape of a ConvTranspose1d, which makes Stride rows of one.
type ConvTransposeConfig struct {
	In, Out, Kernel, Stride int // Kernel >= Stride
	CropLeft                int // rows left out at the beginning
	CropRight               int // rows left out at the end, at most Kernel-Stride; PyTorch's padding crops both
	Act                     Act // of the result
	NoBias                  bool
}

// ConvTranspose1d is a transposed convolution over time: each row of its input adds Kernel rows to the result, every
// Stride rows. Rows q*Stride to (q+1)*Stride of the result see rows q-ceil(Kernel/Stride)+1 to q of the input, each through
// other taps, so all are one row of a Conv1d with Stride*Out columns. It is causal.
type ConvTranspose1d struct {
	ConvTransposeConfig
	conv *Conv1d
}

// LoadConvTranspose1d reads name+".weight" (In, Out, Kernel), as PyTorch stores it, and name+".bias" (Out).
func LoadConvTranspose1d(f Loader, name string, c ConvTransposeConfig) (*ConvTranspose1d, error) {
	if c.Stride < 1 || c.Kernel < c.Stride || c.CropLeft < 0 || c.CropRight < 0 || c.CropRight > c.Kernel-c.Stride {
		panic(fmt.Sprintf("transformer: impossible transposed convolution %+v", c))
	}
	w, err := f.Float32(param(name, "weight"), c.In, c.Out, c.Kernel)
	if err != nil {
		return nil, err
	}
	b, err := loadBias(f, name, c.Out, !c.NoBias)
	if err != nil {
		return nil, err
	}
	taps := (c.Kernel + c.Stride - 1) / c.Stride
	packed := f.Pack(c.Stride*c.Out, taps*c.In, func(dst []float32, i int) { c.taps(dst, w, i/c.Out, i%c.Out, taps) })
	var bias []float32
	for range c.Stride {
		bias = append(bias, b...)
	}
	conv := &Conv1d{ConvConfig{In: c.In, Out: c.Stride * c.Out, Kernel: taps, PadLeft: taps - 1, PadRight: taps - 1, Act: c.Act}, newLinear(packed, bias)}
	conv.check()
	return &ConvTranspose1d{c, conv}, nil
}

// taps fills dst (taps, In) with the weights that make column o of the rows at a phase, 0..Stride-1: the oldest row of the
// input comes first and contributes its last taps.
func (c *ConvTransposeConfig) taps(dst, w []float32, phase, o, taps int) {
	for t := range taps {
		k := phase + (taps-1-t)*c.Stride
		for i := range c.In {
			dst[t*c.In+i] = 0
			if k < c.Kernel {
				dst[t*c.In+i] = w[(i*c.Out+o)*c.Kernel+k]
			}
		}
	}
}

// Rows returns how many rows Forward makes of t.
func (c *ConvTranspose1d) Rows(t int) int {
	if t == 0 {
		return 0
	}
	return max(0, (t-1)*c.Stride+c.Kernel-c.CropLeft-c.CropRight)
}

// ConvTranspose1dState is one stream's place in a ConvTranspose1d. It belongs to one goroutine at a time.
type ConvTranspose1dState struct {
	conv Conv1dState
	made int // rows, the ones left out included
}

// Reset makes s the start of a new stream.
func (s *ConvTranspose1dState) Reset() {
	s.conv.Reset()
	s.made = 0
}

// Forward makes a new (Rows(T), Out) of a whole sequence x (T, In).
func (c *ConvTranspose1d) Forward(x Mat) Mat {
	y := c.conv.Forward(x)
	rows := c.Rows(x.Rows)
	return MatOf(y.Data[min(c.CropLeft, y.Rows*c.Stride)*c.Out:][:rows*c.Out], rows, c.Out)
}

// Step takes the next rows x (T, In) of a stream and returns the results (T', Out) that they complete: T*Stride, fewer at the
// beginning. These belong to s and last until its next call.
func (c *ConvTranspose1d) Step(s *ConvTranspose1dState, x Mat) Mat {
	if x.Rows == 0 {
		return Mat{Cols: c.Out}
	}
	y := c.conv.Step(&s.conv, x)
	return c.crop(s, y, y.Rows*c.Stride)
}

// Flush ends the stream and returns its last results. s is then a new stream.
func (c *ConvTranspose1d) Flush(s *ConvTranspose1dState) Mat {
	defer s.Reset()
	if s.made == 0 {
		return Mat{Cols: c.Out}
	}
	y := c.conv.Flush(&s.conv)
	return c.crop(s, y, c.Kernel-c.Stride-c.CropRight)
}

// crop returns the first rows of y, as rows of Out columns, without those that CropLeft leaves out.
func (c *ConvTranspose1d) crop(s *ConvTranspose1dState, y Mat, rows int) Mat {
	skip := min(max(c.CropLeft-s.made, 0), rows)
	s.made += rows
	return MatOf(y.Data[skip*c.Out:rows*c.Out], rows-skip, c.Out)
}

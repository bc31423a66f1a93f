package speech2text

import (
	"fmt"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/transformer"
)

// stem halves the rate of frames by each of its convolutions, with gated linear units.
type stem []*transformer.Conv1d

func loadStem(f transformer.Loader, c *Config) (stem, error) {
	var s stem
	in := c.Mels
	for i, k := range c.ConvKernels {
		out := c.ConvChannels
		if i == len(c.ConvKernels)-1 {
			out = 2 * c.D
		}
		conv, err := transformer.LoadConv1d(f, fmt.Sprintf("conv.conv_layers.%d", i), transformer.ConvConfig{In: in, Out: out, Kernel: k, Stride: 2, PadLeft: k / 2, PadRight: k / 2})
		if err != nil {
			return nil, err
		}
		s = append(s, conv)
		in = out / 2
	}
	return s, nil
}

// frames turns x (T, mels) into (T', D).
func (s stem) frames(x transformer.Mat) transformer.Mat {
	for _, c := range s {
		x = glu(c.Forward(x))
	}
	return x
}

// glu returns the first half of the columns of x (T, 2D) times the sigmoid of the second (Dauphin et al. 2017, arXiv:1612.08083).
func glu(x transformer.Mat) transformer.Mat {
	y := transformer.NewMat(x.Rows, x.Cols/2)
	for t := range x.Rows {
		row, gate := x.Row(t)[:y.Cols], x.Row(t)[y.Cols:]
		kernel.Activate(kernel.Sigmoid, gate)
		copy(y.Row(t), row)
		kernel.Mul(y.Row(t), gate)
	}
	return y
}

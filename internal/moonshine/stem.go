package moonshine

import (
	"math"

	"github.com/parley-go/parley/transformer"
)

// stem turns samples into frames, 384 samples apart (Jeffries et al. 2024, section 3.1).
type stem struct {
	conv1, conv2, conv3 *transformer.Conv1d
	gamma, beta         []float32 // (D)
}

// Shortest is the fewest samples that make a frame.
const Shortest = 127 + 64*(7-1) + 64*3*(3-1)

func loadStem(f transformer.Loader, d int) (s *stem, err error) {
	s = &stem{}
	if s.conv1, err = transformer.LoadConv1d(f, "conv1", transformer.ConvConfig{In: 1, Out: d, Kernel: 127, Stride: 64, Act: transformer.Tanh, NoBias: true}); err != nil {
		return nil, err
	}
	if s.gamma, err = f.Float32("groupnorm.weight", d); err != nil {
		return nil, err
	}
	if s.beta, err = f.Float32("groupnorm.bias", d); err != nil {
		return nil, err
	}
	if s.conv2, err = transformer.LoadConv1d(f, "conv2", transformer.ConvConfig{In: d, Out: 2 * d, Kernel: 7, Stride: 3, Act: transformer.GELU}); err != nil {
		return nil, err
	}
	s.conv3, err = transformer.LoadConv1d(f, "conv3", transformer.ConvConfig{In: 2 * d, Out: d, Kernel: 3, Stride: 2, Act: transformer.GELU})
	return s, err
}

// frames turns a whole sound x (N) into frames (T, D).
func (s *stem) frames(x []float32) transformer.Mat {
	y := s.conv1.Forward(transformer.MatOf(x, len(x), 1))
	s.normalise(y)
	return s.conv3.Forward(s.conv2.Forward(y))
}

// normalise makes mean and variance over all of y (T, D) 0 and 1: a group norm of one group.
func (s *stem) normalise(y transformer.Mat) {
	sum, square := 0.0, 0.0
	for _, v := range y.Data {
		sum += float64(v)
		square += float64(v) * float64(v)
	}
	n := float64(max(len(y.Data), 1))
	mean := sum / n
	scale := float32(1 / math.Sqrt(max(square/n-mean*mean, 0)+1e-5))
	for t := range y.Rows {
		row := y.Row(t)
		for i, v := range row {
			row[i] = (v-float32(mean))*scale*s.gamma[i] + s.beta[i]
		}
	}
}

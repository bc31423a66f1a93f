package wav2vec2

import (
	"context"
	"fmt"
	"math"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/par"
	"github.com/parley-go/parley/transformer"
)

// stem turns samples into frames by strided convolutions (Baevski et al. 2020, section 2, feature encoder).
type stem struct {
	convs   []*transformer.Conv1d
	norms   []*transformer.Norm // after each convolution, of feat_extract_norm "layer"
	act     transformer.Act
	first   *grouped // of "group", in the place of convs[0]
	hop     int
	threads int
}

// grouped is the first convolution of "group": each of its channels is normalised over the whole sound.
type grouped struct {
	transformer.ConvConfig
	w, b        []float32 // (Out, Kernel), (Out)
	gamma, beta []float32 // (Out)
}

const groupEps = 1e-5

func loadStem(f transformer.Loader, c *Config) (*stem, error) {
	s := &stem{act: activations[c.StemAct], hop: c.hop(), threads: f.Threads()}
	layered := c.StemNorm == "layer"
	in := 1
	for i, out := range c.ConvDim {
		name := fmt.Sprintf("conv_layers.%d.", i)
		conv := transformer.ConvConfig{In: in, Out: out, Kernel: c.ConvKernel[i], Stride: c.ConvStride[i], NoBias: !c.ConvBias}
		in = out
		if i == 0 && !layered {
			g, err := loadGrouped(f, name, conv)
			if err != nil {
				return nil, err
			}
			s.first = g
			s.convs = append(s.convs, nil)
			continue
		}
		if !layered {
			conv.Act = s.act
		}
		l, err := transformer.LoadConv1d(f, name+"conv", conv)
		if err != nil {
			return nil, err
		}
		s.convs = append(s.convs, l)
		if layered {
			n, err := transformer.LoadLayerNorm(f, name+"layer_norm", out, 1e-5)
			if err != nil {
				return nil, err
			}
			s.norms = append(s.norms, n)
		}
	}
	return s, nil
}

func loadGrouped(f transformer.Loader, name string, c transformer.ConvConfig) (*grouped, error) {
	c.Threads = f.Threads()
	g := &grouped{ConvConfig: c, b: make([]float32, c.Out)}
	var err error
	if g.w, err = f.Float32(name+"conv.weight", c.Out, 1, c.Kernel); err != nil {
		return nil, err
	}
	if !c.NoBias {
		if g.b, err = f.Float32(name+"conv.bias", c.Out); err != nil {
			return nil, err
		}
	}
	if g.gamma, err = f.Float32(name+"layer_norm.weight", c.Out); err != nil {
		return nil, err
	}
	g.beta, err = f.Float32(name+"layer_norm.bias", c.Out)
	return g, err
}

// frames turns a whole sound x (N) into frames (T, D), a strip of sound at a time so that the first layers stay small.
func (s *stem) frames(ctx context.Context, x []float32) (transformer.Mat, error) {
	convs := s.convs
	if s.first != nil {
		convs = append([]*transformer.Conv1d{s.first.normalised(x, s.act)}, convs[1:]...)
	}
	states := make([]transformer.Conv1dState, len(convs))
	d := convs[len(convs)-1].Out
	out := make([]float32, 0, (len(x)/s.hop+1)*d)
	strip := max(1, stripSamples/s.hop) * s.hop
	for lo := 0; lo < len(x); lo += strip {
		if err := ctx.Err(); err != nil {
			return transformer.Mat{}, err
		}
		n := min(strip, len(x)-lo)
		y := transformer.MatOf(x[lo:lo+n], n, 1)
		for i, c := range convs {
			y = c.Step(&states[i], y)
			if s.norms != nil {
				s.normalise(s.norms[i], y)
			}
		}
		out = append(out, y.Data...)
	}
	return transformer.MatOf(out, len(out)/d, d), nil
}

// stripSamples is about how much sound goes through the stem at a time.
const stripSamples = 16000

// normalise finishes a layer of "layer", x (T, D).
func (s *stem) normalise(n *transformer.Norm, x transformer.Mat) {
	par.ForWithin(s.threads, x.Rows, 64, func(lo, hi int) {
		part := x.Slice(lo, hi)
		n.Forward(part, part)
		kernel.Activate(s.act, part.Data)
	})
}

// normalised returns the convolution with the norm of its result for x (N) put into its weights. Mean and variance of each channel
// follow from those of the windows of x: mean w·m + b, variance wᵀ C w.
func (g *grouped) normalised(x []float32, act transformer.Act) *transformer.Conv1d {
	k := g.Kernel
	mean, cov := moments(x, k, g.Stride)
	w, b := make([]float32, len(g.w)), make([]float32, g.Out)
	for o := range g.Out {
		row := g.w[o*k : (o+1)*k]
		at, variance := float64(g.b[o]), 0.0
		for i, wi := range row {
			at += float64(wi) * mean[i]
			for j, wj := range row {
				variance += float64(wi) * float64(wj) * cov[i*k+j]
			}
		}
		scale := float64(g.gamma[o]) / math.Sqrt(max(variance, 0)+groupEps)
		for i, wi := range row {
			w[o*k+i] = float32(scale * float64(wi))
		}
		b[o] = float32(scale*(float64(g.b[o])-at) + float64(g.beta[o]))
	}
	c := g.ConvConfig
	c.NoBias, c.Act = false, act
	return transformer.NewConv1d(w, b, c)
}

// moments returns mean (k) and covariance (k, k) of the windows of k samples of x, stride apart.
func moments(x []float32, k, stride int) (mean, cov []float64) {
	mean, cov = make([]float64, k), make([]float64, k*k)
	n := 0
	for lo := 0; lo+k <= len(x); lo += stride {
		n++
		win := x[lo : lo+k]
		for i, v := range win {
			mean[i] += float64(v)
			row := cov[i*k : (i+1)*k]
			for j := i; j < k; j++ {
				row[j] += float64(v) * float64(win[j])
			}
		}
	}
	for i := range mean {
		mean[i] /= float64(max(n, 1))
	}
	for i := range k {
		for j := i; j < k; j++ {
			c := cov[i*k+j]/float64(max(n, 1)) - mean[i]*mean[j]
			cov[i*k+j], cov[j*k+i] = c, c
		}
	}
	return mean, cov
}

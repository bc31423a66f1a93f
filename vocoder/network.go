package vocoder

import (
	"math"

	"github.com/parley-go/parley/internal/kernel"
)

// batch is the most frames that go through the network at once: enough to use the kernels, little enough to stay in cache.
const batch = 32

// network is the state of the network of one stream, and its scratch space.
type network struct {
	h       *Harmonic
	x       []float32   // (frames, inputs) from 2*LookAhead before the newest frame that is not yet through
	past    [][]float32 // of each block: (Kernel-1+batch, Width), the last inputs first
	window  []float32   // (batch, (2*LookAhead+1)*inputs)
	a, b    []float32   // (batch, Width)
	hidden  []float32   // (batch, Hidden)
	joined  []float32   // (batch, Width+inputs)
	gainsOf []float32   // (batch, 3*bins + 2*noise)
}

func newNetwork(h *Harmonic) *network {
	c := &h.cfg
	n := &network{
		h: h, x: make([]float32, 0, (2*c.LookAhead+batch)*h.inputs),
		window: make([]float32, batch*(2*c.LookAhead+1)*h.inputs),
		a:      make([]float32, batch*c.Width), b: make([]float32, batch*c.Width),
		hidden: make([]float32, batch*c.Hidden), joined: make([]float32, batch*(c.Width+h.inputs)),
		gainsOf: make([]float32, batch*h.outputs()),
	}
	for range h.blocks {
		n.past = append(n.past, make([]float32, (c.Kernel-1+batch)*c.Width))
	}
	n.reset()
	return n
}

// outputs is the number of gains of a frame: harmonics' log-magnitude, cosine and sine, and twice the noise's log-magnitude.
func (h *Harmonic) outputs() int { return 3*h.bins + 2*h.noise }

func (n *network) reset() {
	n.x = n.x[:n.h.cfg.LookAhead*n.h.inputs]
	clear(n.x)
	for _, p := range n.past {
		clear(p)
	}
}

// push takes the features of a frame: mel (Mels) and a sane f0 in Hz. At most batch frames may wait.
func (n *network) push(mel []float32, f0 float32) {
	c := &n.h.cfg
	for _, v := range mel {
		n.x = append(n.x, (saneMel(v)-c.MelMean)/c.MelScale)
	}
	pitch, voiced := float32(0), float32(0)
	if f0 > 0 {
		pitch, voiced = float32(math.Log(float64(f0)/c.PitchBase)), 1
	}
	n.x = append(n.x, pitch, voiced)
}

// gains returns the gains (frames, outputs) of the frames that have their look-ahead; they are valid until the next call.
func (n *network) gains() []float32 {
	h, c := n.h, &n.h.cfg
	frames := len(n.x)/h.inputs - 2*c.LookAhead
	if frames <= 0 {
		return nil
	}
	span := (2*c.LookAhead + 1) * h.inputs
	for t := range frames {
		copy(n.window[t*span:][:span], n.x[t*h.inputs:])
	}
	a := n.a[:frames*c.Width]
	kernel.Gemm(a, c.Width, n.window, span, frames, h.inp.w, kernel.Epilogue{Bias: h.inp.bias})
	h.norm.rows(a, a, c.Width)
	for i := range h.blocks {
		n.block(&h.blocks[i], n.past[i], a, frames)
	}
	width := c.Width + h.inputs
	for t := range frames {
		row := n.joined[t*width:][:width]
		h.outNorm.rows(row[:c.Width], a[t*c.Width:][:c.Width], c.Width)
		copy(row[c.Width:], n.x[(t+c.LookAhead)*h.inputs:][:h.inputs])
	}
	y := n.gainsOf[:frames*h.outputs()]
	kernel.Gemm(y, h.outputs(), n.joined, width, frames, h.out.w, kernel.Epilogue{Bias: h.out.bias})
	n.x = n.x[:copy(n.x, n.x[frames*h.inputs:])]
	return y
}

// block adds to a (frames, Width) what the block makes of it; past begins with the Kernel-1 rows before.
func (n *network) block(b *block, past, a []float32, frames int) {
	c := &n.h.cfg
	before := (c.Kernel - 1) * c.Width
	copy(past[before:], a)
	y := n.b[:len(a)]
	kernel.DepthwiseConv1d(n.h.threads, y, past[:before+len(a)], frames, c.Width, b.taps, c.Kernel, b.tapBias)
	copy(past, past[len(a):len(a)+before])
	b.norm.rows(y, y, c.Width)
	kernel.Gemm(n.hidden, c.Hidden, y, c.Width, frames, b.up.w, kernel.Epilogue{Bias: b.up.bias, Act: kernel.GELU})
	kernel.Gemm(a, c.Width, n.hidden, c.Hidden, frames, b.down.w, kernel.Epilogue{Bias: b.down.bias, Residual: a})
}

// rows normalises each row of x (T, d) to dst.
func (n norm) rows(dst, x []float32, d int) {
	for i := 0; i < len(x); i += d {
		kernel.LayerNorm(dst[i:i+d], x[i:i+d], n.gamma, n.beta, 1e-5)
	}
}

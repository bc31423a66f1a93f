package kernel

import (
	"fmt"
	"sync"

	"github.com/parley-go/parley/internal/par"
)

// Conv is the shape of a dense convolution over time: result t sees rows t*Stride + j*Dilation of its input, j < Taps.
type Conv struct{ In, Taps, Stride, Dilation int }

// Reach is how many rows one result sees, from its first to its last.
func (c Conv) Reach() int { return (c.Taps-1)*c.Dilation + 1 }

// Conv1d computes dst (T, N) = act(conv(x) + bias) + residual. x (>= (T-1)*Stride+Reach, In) is contiguous, w is
// (N, Taps*In), oldest tap first. It is a product of w with the windows of x, which lie in x as they are unless the
// convolution is dilated; then every Dilation-th row is copied to lie side by side.
func Conv1d(dst []float32, ldd int, x []float32, t int, w *Packed, c Conv, ep Epilogue) {
	if t < 0 || c.In < 0 || c.Taps < 1 || c.Stride < 1 || c.Dilation < 1 || w.k != c.Taps*c.In {
		panic(fmt.Sprintf("kernel: Conv1d: t=%d, %+v, weights of %d", t, c, w.k))
	}
	if t == 0 {
		return
	}
	if rows := (t-1)*c.Stride + c.Reach(); len(x) < rows*c.In {
		panic(fmt.Sprintf("kernel: Conv1d: %d values for %d rows of %d", len(x), rows, c.In))
	}
	if c.Dilation == 1 || c.Taps == 1 {
		Gemm(dst, ldd, x, c.Stride*c.In, t, w, ep)
		return
	}
	checkMat("Conv1d dst", dst, t, w.n, ldd)
	d := dilatedConvs.Get().(*dilatedConv)
	d.dst, d.ldd, d.x, d.t, d.w, d.c, d.ep = dst, ldd, x, t, w, c, ep
	d.block = roundUp(max(dilatedValues/(c.Stride*max(c.In, 1)), dilatedRows*c.Dilation), c.Dilation)
	blocks := (t + d.block - 1) / d.block
	if blocks < 2*par.Within(w.threads) { // few: the products share the threads instead
		d.blocks(0, blocks)
	} else {
		par.ForWithin(w.threads, blocks, 1, d.run)
	}
	d.dst, d.x, d.w, d.ep = nil, nil, nil, Epilogue{}
	dilatedConvs.Put(d)
}

// A block of results of a dilated convolution reads about dilatedValues values, which stay in the second-level cache, but
// has results enough for products of dilatedRows rows.
const (
	dilatedValues = 64 << 10
	dilatedRows   = 16
)

// dilatedConv is a call of Conv1d cut into blocks of results.
type dilatedConv struct {
	dst, x []float32
	ldd, t int
	w      *Packed
	c      Conv
	ep     Epilogue
	block  int
	run    func(lo, hi int) // d.blocks, bound once so that a call does not allocate
}

var dilatedConvs = sync.Pool{New: func() any {
	d := new(dilatedConv)
	d.run = d.blocks
	return d
}}

var phasePool = sync.Pool{New: func() any { return new([]float32) }}

func (d *dilatedConv) blocks(lo, hi int) {
	buf := phasePool.Get().(*[]float32)
	for b := lo; b < hi; b++ {
		first := b * d.block
		d.results(buf, first, min(d.block, d.t-first))
	}
	phasePool.Put(buf)
}

// results computes n results from the first on. Those that are Dilation apart see rows of one phase, every Dilation-th of
// x: with the rows of a phase side by side they are a convolution without dilation.
func (d *dilatedConv) results(buf *[]float32, first, n int) {
	c := d.c
	x := d.x[first*c.Stride*c.In:]
	if n < c.Dilation*dilatedRows { // few: to copy the windows costs less than products of few rows
		d.unfolded(buf, x, first, n)
		return
	}
	rows := (n-1)*c.Stride + c.Reach()
	*buf = grown(*buf, (rows+c.Dilation)*c.In)
	for p := range min(c.Dilation, n) {
		start := p * c.Stride % c.Dilation
		m := (n - p + c.Dilation - 1) / c.Dilation
		skip := p * c.Stride / c.Dilation // rows of the phase before the first window
		kept := (rows-start+c.Dilation-1)/c.Dilation - skip
		phase := (*buf)[:kept*c.In]
		for j := range kept {
			copy(phase[j*c.In:(j+1)*c.In], x[(start+(skip+j)*c.Dilation)*c.In:])
		}
		d.product(phase, c.Stride*c.In, first+p, c.Dilation, m)
	}
}

// unfolded copies the windows of n results.
func (d *dilatedConv) unfolded(buf *[]float32, x []float32, first, n int) {
	c := d.c
	*buf = grown(*buf, n*c.Taps*c.In)
	for i := range n {
		window := (*buf)[i*c.Taps*c.In:]
		for j := range c.Taps {
			copy(window[j*c.In:(j+1)*c.In], x[(i*c.Stride+j*c.Dilation)*c.In:])
		}
	}
	d.product(*buf, c.Taps*c.In, first, 1, n)
}

// product computes m results, first, first+step, ..., from windows ldx apart.
func (d *dilatedConv) product(x []float32, ldx, first, step, m int) {
	ep := d.ep
	if ep.Residual != nil {
		ep.Residual = ep.Residual[first*d.ldd:]
	}
	Gemm(d.dst[first*d.ldd:], step*d.ldd, x, ldx, m, d.w, ep)
}

// DepthwiseConv1d computes dst (T, C): dst[t, c] = bias[c] + sum over j < k of x[t+j, c] * w[j, c].
// x is (T+k-1, C) rows and so includes the left context; w is (k, C), oldest tap first; bias is (C) or nil.
// All are contiguous. dst must not overlap x. It uses at most so many threads, 0 for all.
func DepthwiseConv1d(threads int, dst, x []float32, t, c int, w []float32, k int, bias []float32) {
	if t < 0 || c < 0 || k < 1 {
		panic(fmt.Sprintf("kernel: DepthwiseConv1d: t=%d c=%d k=%d", t, c, k))
	}
	checkLen("DepthwiseConv1d dst", len(dst), t*c)
	checkLen("DepthwiseConv1d w", len(w), k*c)
	if bias != nil {
		checkLen("DepthwiseConv1d bias", len(bias), c)
	}
	if t == 0 || c == 0 {
		return
	}
	checkLen("DepthwiseConv1d x", len(x), (t+k-1)*c)
	d := depthwiseConvs.Get().(*depthwiseConv)
	d.dst, d.x, d.c, d.w, d.k, d.bias = dst, x, c, w, k, bias
	par.ForWithin(threads, t, 1+threadNs*flopsPerNs()/(4*c*k), d.run) // a tap is two operations, at half the rate of products
	d.dst, d.x, d.w, d.bias = nil, nil, nil, nil
	depthwiseConvs.Put(d)
}

// depthwiseConv is a call of DepthwiseConv1d; a task is a run of results.
type depthwiseConv struct {
	dst, x, w, bias []float32
	c, k            int
	run             func(lo, hi int) // d.rows, bound once so that a call does not allocate
}

var depthwiseConvs = sync.Pool{New: func() any {
	d := new(depthwiseConv)
	d.run = d.rows
	return d
}}

func (d *depthwiseConv) rows(lo, hi int) {
	depthwise(d.dst[lo*d.c:], d.x[lo*d.c:], hi-lo, d.c, d.w, d.k, d.bias)
}

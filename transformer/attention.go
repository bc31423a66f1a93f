package transformer

import (
	"fmt"
	"math"

	"github.com/parley-go/parley/internal/kernel"
)

// Attention holds the projections of multi-head attention, with I = Heads*HeadDim and J = KVHeads*HeadDim.
// Self-attention has QKV; cross attention has Q for the rows and KV for the memory.
type Attention struct {
	Heads, KVHeads, HeadDim int
	Scale                   float32          // of the scores
	QKV                     *Linear          // (I+2J, D): queries, keys, values
	Q                       *Linear          // (I, D)
	KV                      *Linear          // (2J, D of the memory): keys, values
	Out                     *Linear          // (D, I)
	Rotary                  *Rotary          // or nil
	precision               kernel.Precision // of keys and values kept for later calls
	model                   kernel.Precision // of the weights, for the keys and values of self-attention
	threads                 int              // of one call, 0 for all
}

// newAttention fills in the sizes that c gives.
func newAttention(f Loader, c Config) *Attention {
	a := &Attention{Heads: c.Heads, KVHeads: c.KVHeads, HeadDim: c.HeadDim, Scale: c.Scale, threads: f.Threads()}
	if a.Scale == 0 {
		a.Scale = float32(1 / math.Sqrt(float64(a.HeadDim)))
	}
	return a
}

// loadSelf reads the projections of self-attention, fused or apart as c.Names says.
func loadSelf(f Loader, c Config, rotary *Rotary) (*Attention, error) {
	a, n := newAttention(f, c), c.Names
	a.Rotary, a.model = rotary, f.Precision()
	i, j := a.Heads*a.HeadDim, a.KVHeads*a.HeadDim
	var qkv stacked
	var err error
	if n.QKV != "" {
		err = qkv.load(f, n.QKV, i+2*j, c.D, !c.NoBias)
	} else {
		err = loadAll(
			func() error { return qkv.load(f, n.Q, i, c.D, !c.NoBias) },
			func() error { return qkv.load(f, n.K, j, c.D, !c.NoBias && !c.NoKeyBias) },
			func() error { return qkv.load(f, n.V, j, c.D, !c.NoBias) },
		)
	}
	if err != nil {
		return nil, err
	}
	a.QKV = qkv.linear(f, c.D)
	a.Out, err = LoadLinear(f, n.Out, c.D, i, !c.NoBias)
	return a, err
}

// loadCross reads the projections of cross attention to a memory of c.MemoryD columns: query, key and value apart,
// key and value fused, or all three fused.
func loadCross(f Loader, c Config) (*Attention, error) {
	a, n := newAttention(f, c), c.Names
	i, j := a.Heads*a.HeadDim, a.KVHeads*a.HeadDim
	var q, kv stacked
	var err error
	switch {
	case n.CrossQKV != "":
		err = splitQKV(f, n.CrossQKV, &q, &kv, i, 2*j, c)
	case n.CrossKV != "":
		err = loadAll(
			func() error { return q.load(f, n.CrossQ, i, c.D, !c.NoBias) },
			func() error { return kv.load(f, n.CrossKV, 2*j, c.MemoryD, !c.NoBias) },
		)
	default:
		err = loadAll(
			func() error { return q.load(f, n.CrossQ, i, c.D, !c.NoBias) },
			func() error { return kv.load(f, n.CrossK, j, c.MemoryD, !c.NoBias && !c.NoKeyBias) },
			func() error { return kv.load(f, n.CrossV, j, c.MemoryD, !c.NoBias) },
		)
	}
	if err != nil {
		return nil, err
	}
	a.precision = f.Precision()
	a.Q, a.KV = q.linear(f, c.D), kv.linear(f, c.MemoryD)
	a.Out, err = LoadLinear(f, n.CrossOut, c.D, i, !c.NoBias)
	return a, err
}

// splitQKV reads one fused projection whose first part is for the rows and whose rest is for the memory.
func splitQKV(f Loader, name string, q, kv *stacked, i, rest int, c Config) error {
	if c.MemoryD != c.D {
		return fmt.Errorf("transformer: %s: fused cross attention wants a memory of %d columns, got %d", name, c.D, c.MemoryD)
	}
	w, err := f.Rows(param(name, "weight"), i+rest, c.D)
	if err != nil {
		return err
	}
	b, err := loadBias(f, name, i+rest, !c.NoBias)
	if err != nil {
		return err
	}
	var qb, kvb []float32
	if b != nil {
		qb, kvb = b[:i], b[i:]
	}
	q.add(w, qb, i)
	kv.add(func(dst []float32, row int) { w(dst, i+row) }, kvb, rest)
	return nil
}

// self projects in (T, D) and stores keys and values in the caches of its runs, then adds the result to x (T, D).
func (a *Attention) self(w *workspace, layer int, x, in Mat, mask Mask) {
	i, j := a.Heads*a.HeadDim, a.KVHeads*a.HeadDim
	qkv := w.qkv.mat(in.Rows, i+2*j)
	a.QKV.Forward(qkv, in)
	if a.Rotary != nil {
		a.Rotary.rotate(qkv, a.Heads+a.KVHeads, &w.angles)
	}
	a.begin(w, qkv, w.bias)
	for _, r := range w.runs {
		c := &r.caches[min(layer, len(r.caches)-1)]
		c.kv.RoundFor(a.model, kernel.Mask(mask))
		c.append(a, qkv.Slice(r.lo, r.hi))
		w.attend.Add(r.lo, r.hi, r.pos, &c.kv, c.first, kernel.Mask(mask))
	}
	a.finish(w, x)
}

// cross lets in (T, D) attend to the memories that project made for the sequences of its rows, and adds the result to x (T, D).
func (a *Attention) cross(w *workspace, layer int, x, in Mat) {
	q := w.qkv.mat(in.Rows, a.Heads*a.HeadDim)
	a.Q.Forward(q, in)
	a.begin(w, q, nil)
	for i := 0; i < len(w.runs); {
		memory, lo := w.runs[i].memory, w.runs[i].lo
		for i++; i < len(w.runs) && &w.runs[i].memory[0] == &memory[0]; i++ { // neighbours with one memory go together
		}
		hi := w.runs[i-1].hi
		w.attend.Add(lo, hi, 0, &memory[layer], 0, kernel.Mask{})
		if w.watched != nil {
			w.watched.take(a, layer, q.Slice(lo, hi), &memory[layer])
		}
	}
	a.finish(w, x)
}

// project computes the keys and values of memory (S, D) into kv, reusing its space.
func (a *Attention) project(w *workspace, kv *kernel.KV, memory Mat) {
	x := w.qkv.mat(memory.Rows, 2*a.KVHeads*a.HeadDim)
	a.KV.Forward(x, memory)
	kv.Reset()
	a.store(kv, x, 0)
}

// store appends keys, columns first..first+J of x, and values, the J columns after them.
func (a *Attention) store(kv *kernel.KV, x Mat, first int) {
	if x.Rows == 0 {
		return
	}
	kv.Threads = a.threads
	kv.SetPrecision(a.precision)
	v := first + a.KVHeads*a.HeadDim
	kv.Append(x.Data[first:], x.Cols, x.Data[v:], x.Cols, x.Rows, a.KVHeads, a.HeadDim)
}

// begin sets what all rows of q (T, >= I) share; the queries come first.
func (a *Attention) begin(w *workspace, q Mat, bias *expandedBias) {
	t := &w.attend
	dst := w.context.mat(q.Rows, a.Heads*a.HeadDim)
	t.Heads, t.Dim, t.Scale, t.Threads = a.Heads, a.HeadDim, a.Scale, a.threads
	t.Q, t.LdQ, t.Dst, t.LdDst = q.Data, q.Cols, dst.Data, dst.Cols
	t.Bias, t.Radius = nil, 0
	if bias != nil {
		t.Bias, t.Radius = bias.data.Data, bias.radius
	}
}

// finish adds the result to x (T, D).
func (a *Attention) finish(w *workspace, x Mat) {
	w.attend.Run()
	a.Out.ForwardAdd(x, MatOf(w.attend.Dst, x.Rows, a.Heads*a.HeadDim))
}

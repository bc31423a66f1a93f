package transformer

import (
	"sync"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/par"
)

// attend is softmax(q kᵀ scale + bias) v for all heads of some groups of rows (Vaswani et al. 2017, arXiv:1706.03762,
// section 3.2): set the fields, add the groups, then do. It is reused from call to call.
type attend struct {
	heads, kvHeads int // query heads share key heads in groups (Ainslie et al. 2023, arXiv:2305.13245)
	headDim        int
	scale          float32
	threads        int           // that do may use, 0 for all
	bias           *expandedBias // or nil
	q              Mat           // (T, >= heads*headDim): queries first
	dst            Mat           // (T, heads*headDim)
	parts          []part
	run            func(lo, hi int) // a.tasks, bound once so that a call does not allocate
}

// part is a run of query rows with the keys that at least one of them sees.
type part struct {
	lo, hi int // rows of q and dst
	pos    int // position of row lo
	k, v   Mat // (S, kvHeads*headDim)
	kpos   int // position of row 0 of k and v
	mask   Mask
}

func newAttend() *attend {
	a := new(attend)
	a.run = a.tasks
	return a
}

// add makes rows lo..hi of q, at positions pos onward, attend to the rows of k and v, at positions kpos onward.
func (a *attend) add(lo, hi, pos int, k, v Mat, kpos int, mask Mask) {
	step := mask.block()
	for ; lo < hi; lo, pos = lo+step, pos+step {
		end := min(lo+step, hi)
		first, _ := mask.span(pos)
		_, last := mask.span(pos + end - lo - 1)
		s0, s1 := max(first-kpos, 0), min(last-kpos, k.Rows)
		if s1 < s0 {
			s1 = s0
		}
		a.parts = append(a.parts, part{lo, end, pos, k.Slice(s0, s1), v.Slice(s0, s1), kpos + s0, mask})
	}
}

// do computes dst and forgets the parts.
func (a *attend) do() {
	cost := 1
	for _, p := range a.parts {
		cost = max(cost, 4*(p.hi-p.lo)*p.k.Rows*a.headDim/80) // about nanoseconds
	}
	par.ForWithin(a.threads, len(a.parts)*a.heads, max(1, 20_000/cost), a.run)
	clear(a.parts)
	a.parts = a.parts[:0]
}

var scorePool = sync.Pool{New: func() any { return new(buffer) }}

func (a *attend) tasks(lo, hi int) {
	b := scorePool.Get().(*buffer)
	for t := lo; t < hi; t++ {
		p := &a.parts[t/a.heads]
		a.head(t%a.heads, p, b.mat(p.hi-p.lo, p.k.Rows))
	}
	scorePool.Put(b)
}

// head computes one head of one part; scores (rows of the part, S) is scratch.
func (a *attend) head(h int, p *part, scores Mat) {
	m, s, d := scores.Rows, scores.Cols, a.headDim
	dst := a.dst.Data[p.lo*a.dst.Cols+h*d:]
	if s == 0 {
		for i := range m {
			clear(dst[i*a.dst.Cols : i*a.dst.Cols+d])
		}
		return
	}
	g := h / (a.heads / a.kvHeads)
	kernel.MatMulNT(scores.Data, s, a.q.Data[p.lo*a.q.Cols+h*d:], a.q.Cols, p.k.Data[g*d:], p.k.Cols, m, s, d, a.scale)
	for i := range m {
		row := scores.Row(i)
		lo, hi := p.mask.span(p.pos + i)
		lo, hi = max(lo-p.kpos, 0), min(hi-p.kpos, s)
		clear(row[:lo])
		clear(row[hi:])
		if a.bias != nil {
			kernel.Add(row[lo:hi], a.bias.row(h, p.kpos+lo-p.pos-i, hi-lo))
		}
		kernel.Softmax(row[lo:hi])
	}
	kernel.MatMulNN(dst, a.dst.Cols, scores.Data, s, p.v.Data[g*d:], p.v.Cols, m, d, s, 1)
}

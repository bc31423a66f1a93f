package kernel

import (
	"fmt"
	"math"
	"sync"

	"github.com/parley-go/parley/internal/par"
)

// Mask says which rows of a sequence each row may attend to. Time is cut into chunks; a row sees its own chunk whole
// and some rows before that chunk. The zero Mask sees everything.
type Mask struct {
	Chunk int // rows of a chunk; 0: the whole sequence is one, so every row sees every row; 1: causal
	Left  int // rows seen before the chunk's first; negative: all
}

// Span returns the rows [lo, hi) that row i sees. Neither bound falls as i rises.
func (m Mask) Span(i int) (lo, hi int) {
	if m.Chunk <= 0 {
		return 0, math.MaxInt
	}
	start := i - i%m.Chunk
	if m.Left >= 0 {
		lo = max(0, start-m.Left)
	}
	return lo, start + m.Chunk
}

// Attention is softmax(scale q kᵀ + bias) v for all heads of some groups of rows (Vaswani et al. 2017, arXiv:1706.03762,
// section 3.2). Set the fields, Add the groups, then Run: reused, it does not allocate. The softmax runs online over
// blocks of keys (Milakov and Gimelshein 2018, arXiv:1805.02867; Dao et al. 2022, arXiv:2205.14135), so that scores
// never leave the first-level cache. A row that sees no key gives 0; a NaN or +Inf among the scores of a row gives NaN.
type Attention struct {
	Heads, Dim int       // query heads and their size; the key heads of a KV divide them into groups (Ainslie et al. 2023, arXiv:2305.13245)
	Scale      float32   // of the scores
	Q          []float32 // (T, Heads*Dim), rows LdQ apart
	Dst        []float32 // (T, Heads*Dim), rows LdDst apart; it must not overlap Q
	LdQ, LdDst int

	// Bias (Heads, 2*Radius+1), or nil, is added to the scores: column Radius+j-i for the key at position j and the
	// query at position i.
	Bias   []float32
	Radius int

	Threads int // that Run may use, 0 for all

	parts []attendPart
	run   func(lo, hi int) // a.runTasks, bound once
}

// attendPart is a run of query rows: with one head it is a task.
type attendPart struct {
	lo, hi    int // rows of Q and Dst
	pos, kpos int // position of row lo and of the first row of kv
	kv        *KV
	mask      Mask
}

// attendTiles is how many tiles of rows, see KV.attendRows, share a block of keys: enough that the block is fetched rarely, few enough that
// their sums stay in the second-level cache.
const attendTiles = 8

// Add makes rows lo..hi of Q, at positions pos onward, attend to kv, whose rows are at positions kpos onward.
func (a *Attention) Add(lo, hi, pos int, kv *KV, kpos int, mask Mask) {
	if kv.n > 0 && (kv.dim != a.Dim || a.Heads%kv.heads != 0) {
		panic(fmt.Sprintf("kernel: Attention: %d heads of %d for keys of %d heads of %d", a.Heads, a.Dim, kv.heads, kv.dim))
	}
	for step := attendTiles * kv.attendRows(hi-lo); lo < hi; lo, pos = lo+step, pos+step {
		a.parts = append(a.parts, attendPart{lo, min(lo+step, hi), pos, kpos, kv, mask})
	}
}

// Run computes Dst and forgets the groups.
func (a *Attention) Run() {
	if len(a.parts) == 0 {
		return
	}
	if a.run == nil {
		a.run = a.runTasks
	}
	cost := 0
	for i := range a.parts {
		p := &a.parts[i]
		checkMat("Attention queries", a.Q, p.hi, a.Heads*a.Dim, a.LdQ)
		checkMat("Attention dst", a.Dst, p.hi, a.Heads*a.Dim, a.LdDst)
		lo, hi := p.keys()
		cost += 1 + a.Dim*(hi-lo)*max(4*(p.hi-p.lo)/p.kv.opsPerNs(), 1)
	}
	par.ForWithin(a.Threads, len(a.parts)*a.Heads, 1+threadNs*len(a.parts)/cost, a.run)
	clear(a.parts)
	a.parts = a.parts[:0]
}

// keys returns the rows of kv that some row of p sees.
func (p *attendPart) keys() (lo, hi int) {
	lo, _ = p.span(0)
	_, hi = p.span(p.hi - p.lo - 1)
	return lo, hi
}

// span returns the rows of kv that row i of p sees; lo <= hi.
func (p *attendPart) span(i int) (lo, hi int) {
	lo, hi = p.mask.Span(p.pos + i)
	lo = min(max(lo-p.kpos, 0), p.kv.n)
	return lo, max(min(hi-p.kpos, p.kv.n), lo)
}

var attenders = sync.Pool{New: func() any { return new(attender) }}

// runTasks computes tasks lo..hi. Neighbours share keys and values.
func (a *Attention) runTasks(lo, hi int) {
	w := attenders.Get().(*attender)
	for t := lo; t < hi; t++ {
		w.attend(a, &a.parts[t%len(a.parts)], t/len(a.parts))
	}
	w.part, w.kv, w.bias, w.keys, w.values, w.keys16, w.values16, w.tiles.amxAttend = nil, nil, nil, nil, nil, nil, nil, amxAttend{}
	attenders.Put(w)
}

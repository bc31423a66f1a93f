package transformer

import (
	"sync"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/par"
)

// FFN is the position-wise network of a block: Down act(Up x), or with a gate Down (act(Gate x) * Up x), a gated linear
// unit (Shazeer 2020, arXiv:2002.05202: SwiGLU with SiLU, GEGLU with GELU).
type FFN struct {
	Up      *Linear // (F, D)
	Gate    *Linear // (F, D), or nil
	Down    *Linear // (D, F)
	Act     Act
	threads int // of one call, 0 for all
}

func loadFFN(f Loader, c Config) (*FFN, error) {
	n, ffn := c.Names, &FFN{Act: c.Act, threads: f.Threads()}
	err := loadAll(
		func() (err error) { ffn.Up, err = LoadLinear(f, n.Up, c.FFN, c.D, !c.NoBias); return },
		func() (err error) { ffn.Down, err = LoadLinear(f, n.Down, c.D, c.FFN, !c.NoBias); return },
	)
	if err == nil && c.Gated {
		ffn.Gate, err = LoadLinear(f, n.Gate, c.FFN, c.D, !c.NoBias)
	}
	return ffn, err
}

// A strip is as much of the hidden layer as the second-level cache still holds when it is used, but not so little that
// fetching the weights again for each strip would cost more: stripRows times the bytes of a weight.
const (
	stripBytes = 3 << 19
	stripRows  = 64
)

// add adds the result for in (T, D) to x (T, D). Many rows go through both layers strip by strip.
func (f *FFN) add(w *workspace, x, in Mat) {
	s := &w.strips
	if s.run == nil {
		s.run = s.compute
	}
	s.ffn, s.x, s.in, s.n = f, x, in, f.strips(in.Rows)
	par.ForWithin(f.threads, s.n, 1, s.run)
	s.x, s.in = Mat{}, Mat{}
}

// strips returns into how many strips to cut rows, such that threads get the same number of them.
func (f *FFN) strips(rows int) int {
	w := f.Up.weight
	most := max(stripBytes/(4*w.N()), stripRows*w.Bytes()/max(w.N()*w.K(), 1))
	n := (rows + most - 1) / most
	if n < 2 {
		return 1
	}
	even := par.Within(f.threads)
	return (n + even - 1) / even * even
}

// strips is one call of FFN.add, bound once so that a call does not allocate.
type strips struct {
	ffn   *FFN
	x, in Mat
	n     int
	run   func(lo, hi int)
}

// compute computes strips lo..hi.
func (s *strips) compute(lo, hi int) {
	h := hiddens.Get().(*hidden)
	rows := s.in.Rows
	for i := lo; i < hi; i++ {
		r0, r1 := i*rows/s.n, (i+1)*rows/s.n
		s.ffn.strip(h, s.x.Slice(r0, r1), s.in.Slice(r0, r1))
	}
	hiddens.Put(h)
}

// hidden is the inner layer of one strip.
type hidden struct{ up, gate buffer }

var hiddens = sync.Pool{New: func() any { return new(hidden) }}

func (f *FFN) strip(h *hidden, x, in Mat) {
	up := h.up.mat(in.Rows, f.Up.Out)
	if f.Gate == nil {
		f.Up.ForwardAct(up, in, f.Act)
	} else {
		gate := h.gate.mat(in.Rows, f.Up.Out)
		f.Gate.ForwardAct(gate, in, f.Act)
		f.Up.Forward(up, in)
		kernel.Mul(up.Data, gate.Data)
	}
	f.Down.ForwardAdd(x, up)
}

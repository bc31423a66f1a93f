package transformer

import "github.com/parley-go/parley/internal/kernel"

// Block is one layer: self-attention, then cross attention, convolution and FFN where it has them, each as
// x += f(norm(x)) (pre-norm) or x = norm(x + f(x)) (post-norm; Xiong et al. 2020, arXiv:2002.04745 compares).
type Block struct {
	PostNorm  bool
	AttnNorm  *Norm
	Attn      *Attention
	CrossNorm *Norm
	Cross     *Attention // or nil
	ConvNorm  *Norm
	Conv      *ConvModule // or nil
	FFNNorm   *Norm
	FFN       *FFN
}

func loadBlock(f Loader, c Config, rotary *Rotary, cross bool) (*Block, error) {
	b, n := &Block{PostNorm: c.PostNorm}, c.Names
	err := loadAll(
		func() (err error) { b.AttnNorm, err = loadNorm(f, c, n.AttnNorm); return },
		func() (err error) { b.Attn, err = loadSelf(f, c, rotary); return },
		func() (err error) { b.Conv, err = loadConvModule(f, c); return },
		func() (err error) { b.FFNNorm, err = loadNorm(f, c, n.FFNNorm); return },
		func() (err error) { b.FFN, err = loadFFN(f, c); return },
	)
	if err == nil && b.Conv != nil {
		b.ConvNorm, err = loadNorm(f, c, n.ConvNorm)
	}
	if err == nil && cross {
		err = loadAll(
			func() (err error) { b.CrossNorm, err = loadNorm(f, c, n.CrossNorm); return },
			func() (err error) { b.Cross, err = loadCross(f, c); return },
		)
	}
	return b, err
}

// forward updates x (T, D). conv is nil without a convolution.
func (b *Block) forward(w *workspace, layer int, x Mat, mask Mask, conv *DepthwiseState, whole bool) {
	b.Attn.self(w, layer, x, b.before(w, b.AttnNorm, x), mask)
	b.after(b.AttnNorm, x)
	if b.Cross != nil {
		b.Cross.cross(w, layer, x, b.before(w, b.CrossNorm, x))
		b.after(b.CrossNorm, x)
	}
	if b.Conv != nil {
		b.Conv.add(w, conv, x, b.before(w, b.ConvNorm, x), whole)
		b.after(b.ConvNorm, x)
	}
	b.FFN.add(w, x, b.before(w, b.FFNNorm, x))
	b.after(b.FFNNorm, x)
}

// before returns what a sublayer reads.
func (b *Block) before(w *workspace, n *Norm, x Mat) Mat {
	if b.PostNorm {
		return x
	}
	h := w.normed.mat(x.Rows, x.Cols)
	n.Forward(h, x)
	return h
}

// after finishes x once a sublayer's result is added.
func (b *Block) after(n *Norm, x Mat) {
	if b.PostNorm {
		n.Forward(x, x)
	}
}

// workspace is the wave of activations of one call; every layer reuses it.
type workspace struct {
	x, normed, qkv, context, hidden buffer

	positions []int // of each row
	angles    angles
	bias      *expandedBias // of the scores, or nil
	expanded  expandedBias
	runs      []run
	attend    kernel.Attention
	watched   *CrossScores // or nil
	strips    strips
}

// run is a piece of x whose rows belong to one sequence.
type run struct {
	lo, hi int         // rows of x
	pos    int         // position of row lo
	caches []cache     // one for each layer, or one for all
	memory []kernel.KV // one for each layer, of cross attention
}

func newWorkspace() *workspace { return new(workspace) }

// begin sets the runs of a call.
func (w *workspace) begin() { w.runs, w.positions = w.runs[:0], w.positions[:0] }

// add appends a run of n rows from position pos.
func (w *workspace) add(n, pos int, caches []cache, memory []kernel.KV) {
	lo := len(w.positions)
	w.runs = append(w.runs, run{lo, lo + n, pos, caches, memory})
	for i := range n {
		w.positions = append(w.positions, pos+i)
	}
}

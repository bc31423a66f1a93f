package kernel

import (
	"sync"

	"github.com/parley-go/parley/internal/par"
)

// MatMulNT computes dst (M, N) = alpha * a (M, K) b (N, K)ᵀ: queries times keys. Rows are ldd, lda, ldb apart.
// dst must not overlap a or b.
func MatMulNT(dst []float32, ldd int, a []float32, lda int, b []float32, ldb int, m, n, k int, alpha float32) {
	checkMat("MatMulNT b", b, n, k, ldb)
	matMul(dst, ldd, a, lda, b, ldb, m, n, k, alpha, true)
}

// MatMulNN computes dst (M, N) = alpha * a (M, K) b (K, N): probabilities times values. Rows are ldd, lda, ldb apart.
// dst must not overlap a or b.
func MatMulNN(dst []float32, ldd int, a []float32, lda int, b []float32, ldb int, m, n, k int, alpha float32) {
	checkMat("MatMulNN b", b, k, n, ldb)
	matMul(dst, ldd, a, lda, b, ldb, m, n, k, alpha, false)
}

// product is one call of MatMulNT or MatMulNN; a task is one panel of 32 columns.
type product struct {
	dst, a, b     []float32
	ldd, lda, ldb int
	m, n, k       int
	alpha         float32
	transposed    bool             // b is (N, K)
	run           func(lo, hi int) // p.runPanels, bound once
}

var products = sync.Pool{New: func() any {
	p := new(product)
	p.run = p.runPanels
	return p
}}

func matMul(dst []float32, ldd int, a []float32, lda int, b []float32, ldb, m, n, k int, alpha float32, transposed bool) {
	checkMat("MatMul dst", dst, m, n, ldd)
	checkMat("MatMul a", a, m, k, lda)
	if m == 0 || n == 0 {
		return
	}
	p := products.Get().(*product)
	p.dst, p.ldd, p.a, p.lda, p.b, p.ldb = dst, ldd, a, lda, b, ldb
	p.m, p.n, p.k, p.alpha, p.transposed = m, n, k, alpha, transposed
	par.For((n+panelCols-1)/panelCols, 1+threadNs/panelCost(flopsPerNs(), 4, m, k), p.run)
	p.dst, p.a, p.b = nil, nil, nil
	products.Put(p)
}

// fewRows is up to where dot products against the rows of b beat transposing b into a panel.
const fewRows = 3

func (p *product) runPanels(lo, hi int) {
	if p.transposed && p.m <= fewRows && p.k > 0 {
		c0, c1 := lo*panelCols, min(hi*panelCols, p.n)
		for r := range p.m {
			dotRows(p.dst[r*p.ldd+c0:r*p.ldd+c1], p.a[r*p.lda:r*p.lda+p.k], p.b[c0*p.ldb:], p.ldb, p.alpha)
		}
		return
	}
	s := scratches.Get().(*scratch)
	for i := lo; i < hi; i++ {
		p.panel(s, i*panelCols, min(panelCols, p.n-i*panelCols))
	}
	scratches.Put(s)
}

// panel computes cols columns of dst from column c0 on.
func (p *product) panel(s *scratch, c0, cols int) {
	t := tileJob{
		dst: p.dst[c0:], ldd: p.ldd, x: p.a, ldx: p.lda, r1: p.m, alpha: p.alpha,
		ldw: panelCols, k: p.k, cols: cols,
	}
	switch {
	case p.k == 0:
	case !p.transposed && cols == panelCols:
		t.w, t.ldw = p.b[c0:], p.ldb
	case p.transposed:
		t.w = s.panelOf(p.k)
		packPanel(t.w, p.b[c0*p.ldb:], p.ldb, cols, p.k)
	default:
		t.w = s.panelOf(p.k)
		for i := range p.k {
			row := t.w[i*panelCols : (i+1)*panelCols]
			clear(row[copy(row, p.b[i*p.ldb+c0:i*p.ldb+c0+cols]):])
		}
	}
	t.run(s)
}

// panelOf returns a (k, 32) panel to fill.
func (s *scratch) panelOf(k int) []float32 {
	if cap(s.panel) < k*panelCols {
		s.panel = make([]float32, k*panelCols)
	}
	return s.panel[:k*panelCols]
}

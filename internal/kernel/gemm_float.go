package kernel

// panelFloat computes rows r0..r1 of one panel of F32 or BF16: the product, the bias and, without an activation, the
// residual.
func (g *gemm) panelFloat(s *scratch, r0, r1, p int) {
	lo := p * panelCols
	t := tileJob{
		dst: g.dst[lo:], ldd: g.ldd, x: g.x, ldx: g.ldx, r0: r0, r1: r1, k: g.w.k, cols: g.w.cols(p),
	}
	if g.w.precision == BF16 {
		t.half = g.w.panelBF16(p)
	} else {
		t.w = g.w.panel(p)
	}
	if g.ep.Bias != nil {
		t.bias = g.ep.Bias[lo:]
	}
	if g.ep.Residual != nil && g.ep.Act == None {
		t.c, t.ldc = g.ep.Residual[lo:], g.ldd
	}
	t.run(s)
}

// tileJob is rows r0..r1 of dst = x w + c + bias for one panel w (K, 32).
type tileJob struct {
	dst    []float32 // (>= r1, cols), rows ldd apart
	ldd    int
	x      []float32 // (>= r1, K), rows ldx apart
	ldx    int
	r0, r1 int
	w      []float32 // (K, 32)
	half   []uint16  // instead of w: (ceil(K/2), 32, 2) bf16
	k      int
	cols   int       // columns of dst, 1..32
	c      []float32 // like dst, or nil for zeros
	ldc    int
	bias   []float32 // (cols), or nil for zeros
}

var zeros [panelCols]float32

// run walks K in blocks and the rows in tiles. A panel of fewer than 32 columns goes through s.
func (t *tileJob) run(s *scratch) {
	bias := zeros[:]
	if t.bias != nil {
		bias = t.bias
		if t.cols < panelCols {
			bias = s.bias[:]
			clear(bias[copy(bias, t.bias[:t.cols]):])
		}
	}
	blocks := max(1, (t.k+blockK-1)/blockK)
	if t.expandsInRegisters() {
		blocks = 1
	}
	step := roundUp((t.k+blocks-1)/blocks, 4)
	tiles := (t.r1 - t.r0 + tileRows() - 1) / tileRows()
	for b := range blocks {
		k0 := min(b*step, t.k)
		kb := min(step, t.k-k0)
		c, ldc := t.c, t.ldc
		if b > 0 {
			c, ldc, bias = t.dst, t.ldd, zeros[:]
		}
		w := t.block(s, k0, kb)
		for i := range tiles { // rows shared evenly: a short last tile would run at a lower rate
			lo := t.r0 + (t.r1-t.r0)*i/tiles
			hi := t.r0 + (t.r1-t.r0)*(i+1)/tiles
			x, ldx := zeros[:], 0 // K == 0: not read
			if kb > 0 {
				x, ldx = t.x[lo*t.ldx+k0:], t.ldx
			}
			if t.cols == panelCols {
				ci, li := zeros[:], 0
				if c != nil {
					ci, li = c[lo*ldc:], ldc
				}
				w.tile(hi-lo, t.dst[lo*t.ldd:], t.ldd, x, ldx, ci, li, bias)
			} else {
				t.narrow(s, lo, hi, x, ldx, w, c, ldc, bias)
			}
		}
	}
}

// narrow computes one tile of a panel with fewer than 32 columns in s.tile and copies what exists.
func (t *tileJob) narrow(s *scratch, lo, hi int, x []float32, ldx int, w block, c []float32, ldc int, bias []float32) {
	ci, li := zeros[:], 0
	if c != nil {
		ci, li = s.tile[:], panelCols
		for r := lo; r < hi; r++ {
			copy(s.tile[(r-lo)*panelCols:], c[r*ldc:r*ldc+t.cols])
		}
	}
	w.tile(hi-lo, s.tile[:], panelCols, x, ldx, ci, li, bias)
	for r := lo; r < hi; r++ {
		copy(t.dst[r*t.ldd:r*t.ldd+t.cols], s.tile[(r-lo)*panelCols:])
	}
}

// block is the part of a panel that tiles of several rows use in turn.
type block struct {
	w    []float32 // (K, 32)
	half []uint16  // or, if not nil, (ceil(K/2), 32, 2) bf16
	k    int
}

// block returns values k0..k0+kb of the panel.
func (t *tileJob) block(s *scratch, k0, kb int) block {
	switch {
	case kb == 0:
		return block{w: zeros[:]}
	case t.half == nil:
		return block{w: t.w[k0*panelCols:], k: kb}
	case t.expandsInRegisters():
		return block{half: t.half[k0*panelCols:], k: kb}
	}
	expandPairs(s.block[:], t.half[k0*panelCols:], pairs(kb))
	return block{w: s.block[:], k: kb}
}

// expandsInRegisters tells whether the rows are so few that bf16 weights are best expanded where they are used.
func (t *tileJob) expandsInRegisters() bool { return t.half != nil && t.r1-t.r0 <= fewRowsBF16() }

// tile computes one tile; see tileGeneric.
func (b *block) tile(m int, dst []float32, ldd int, x []float32, ldx int, c []float32, ldc int, bias []float32) {
	if b.half != nil {
		tileBF16(m, dst, ldd, x, ldx, b.half, b.k, c, ldc, bias)
	} else {
		tile(m, dst, ldd, x, ldx, b.w, panelCols, b.k, c, ldc, bias, 1)
	}
}

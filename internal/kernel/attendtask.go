package kernel

import "math"

// attender is the working memory of one thread inside an Attention.
type attender struct {
	part *attendPart
	bias []float32 // of the head, by distance from -radius, or nil
	kv   *KV
	head int // of keys and values

	q               []float32 // (rows, dim): queries, scaled so that the scores are logarithms to base 2
	out             []float32 // (rows, cols): sums of the weighted values
	top, sum, decay []float32 // (rows): largest score so far; sum of the weights; see attendExp
	scores          []float32 // (a tile's rows, attendLd)
}

// attendKeys is how many keys a block has, attendLd how far rows of scores are apart.
const (
	attendKeys = 512
	attendLd   = attendKeys + 16
)

// attend computes head h of part p.
func (w *attender) attend(a *Attention, p *attendPart, h int) {
	kv := p.kv
	rows, tall := p.hi-p.lo, attendRows()
	padded := roundUp(rows, tall) // tiles may be taller than the rows that are left
	w.part, w.kv, w.bias = p, kv, nil
	dst := a.Dst[p.lo*a.LdDst+h*a.Dim:]
	first, last := p.keys()
	if first >= last {
		for i := range rows {
			clear(dst[i*a.LdDst : i*a.LdDst+a.Dim])
		}
		return
	}
	w.head = h / (a.Heads / kv.heads)
	if a.Bias != nil {
		width := 2*a.Radius + 1
		w.bias = a.Bias[h*width : (h+1)*width]
	}
	w.begin(padded, tall)
	for i := range w.decay {
		w.decay[i] = a.Scale * log2E
	}
	attendScale(w.q, a.Dim, a.Q[p.lo*a.LdQ+h*a.Dim:], a.LdQ, a.Dim, rows, w.decay)
	for lo := first; lo < last; {
		hi := min((lo+kv.off)/panelCols*panelCols+attendKeys-kv.off, last) // blocks start at panels
		for r := 0; r < rows; r += tall {
			w.tile(r, min(r+tall, rows), lo, hi, a.Radius)
		}
		lo = hi
	}
	for i, sum := range w.sum[:rows] {
		w.decay[i] = 0 // a row that saw nothing
		if sum != 0 {
			w.decay[i] = 1 / sum
		}
	}
	attendScale(dst, a.LdDst, w.out, kv.cols, a.Dim, rows, w.decay)
}

// begin sizes and clears the memory.
func (w *attender) begin(rows, tall int) {
	w.q = grown(w.q, rows*w.kv.dim)
	w.out = grown(w.out, rows*w.kv.cols)
	w.top, w.sum, w.decay = grown(w.top, rows), grown(w.sum, rows), grown(w.decay, rows)
	w.scores = grown(w.scores, tall*attendLd)
	clear(w.out)
	clear(w.sum)
	for i := range w.top {
		w.top[i] = negInf
	}
}

func grown(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}

// tile lets rows r0..r1 attend to what they see of keys lo..hi, a block.
func (w *attender) tile(r0, r1, lo, hi, radius int) {
	kv, p := w.kv, w.part
	first, _ := p.span(r0)
	_, last := p.span(r1 - 1)
	if lo, hi = max(lo, first), min(hi, last); lo >= hi {
		return
	}
	panel := (kv.off + lo) / panelCols
	start := panel*panelCols - kv.off // key of column 0 of the scores
	panels := (hi - start + panelCols - 1) / panelCols
	height, d := attendHeight(r1-r0), kv.dim
	attendTile(height, w.scores, attendLd, w.q[r0*d:], d, kv.panel(w.head, panel), panelCols, d*panelCols, d, panels, nil)
	if w.bias != nil {
		w.addBias(r0, r1, start, lo, hi, radius)
	}
	w.weigh(r0, r1, start, lo, hi)
	attendTile(height, w.out[r0*kv.cols:], kv.cols, w.scores[lo-start:], attendLd, kv.values(w.head, kv.off+lo), kv.cols,
		panelCols, hi-lo, kv.cols/panelCols, w.decay[r0:])
}

// addBias adds the bias of keys lo..hi to the scores of rows r0..r1.
func (w *attender) addBias(r0, r1, start, lo, hi, radius int) {
	for r := r0; r < r1; r++ {
		at := radius + w.part.kpos + lo - w.part.pos - r
		axpy(w.scores[(r-r0)*attendLd+lo-start:(r-r0)*attendLd+hi-start], log2E, w.bias[at:at+hi-lo])
	}
}

// weigh turns the scores of keys lo..hi into weights; what a row does not see gets none.
func (w *attender) weigh(r0, r1, start, lo, hi int) {
	p := w.part
	least, _ := p.span(r1 - 1)
	_, most := p.span(r0)
	if least <= lo && hi <= most { // all rows see all keys
		attendExp(w.scores[lo-start:], attendLd, hi-lo, r1-r0, w.top[r0:], w.sum[r0:], w.decay[r0:])
		return
	}
	for r := r0; r < r1; r++ {
		row := w.scores[(r-r0)*attendLd : (r-r0+1)*attendLd]
		a, b := p.span(r)
		a, b = min(max(a, lo), hi), max(min(b, hi), lo)
		if a >= b {
			a, b = lo, lo
			w.decay[r] = 1
		}
		clear(row[lo-start : a-start])
		clear(row[b-start : hi-start])
		if a < b {
			attendExp(row[a-start:], attendLd, b-a, 1, w.top[r:], w.sum[r:], w.decay[r:])
		}
	}
}

// attendTileGeneric computes, panel after panel, dst (M, 32) = x (M, K) w (K, 32) + decay (M) dst, or without the last
// term if decay is nil. From panel to panel dst is 32 columns further, w step values.
func attendTileGeneric(m int, dst []float32, ldd int, x []float32, ldx int, w []float32, ldw, step, k, panels int, decay []float32) {
	for p := range panels {
		c, ldc := zeros[:], 0
		if decay != nil {
			c, ldc = dst[p*panelCols:], ldd
			for r := range m {
				scale(c[r*ldd:r*ldd+panelCols], decay[r])
			}
		}
		tile(m, dst[p*panelCols:], ldd, x, ldx, w[p*step:], ldw, k, c, ldc, zeros[:], 1)
	}
}

// attendScaleGeneric computes dst (rows, N) = by (rows) src, rows ldd and lds apart.
func attendScaleGeneric(dst []float32, ldd int, src []float32, lds, n, rows int, by []float32) {
	for r := range rows {
		out := dst[r*ldd : r*ldd+n]
		copy(out, src[r*lds:r*lds+n])
		scale(out, by[r])
	}
}

// attendExpGeneric raises top to the largest of n scores, sets decay to 2^(old top - top), replaces the scores by
// 2^(score - top), and makes sum their sum + decay * sum; for each row of s, lds apart.
func attendExpGeneric(s []float32, lds, n, rows int, top, sum, decay []float32) {
	for r := range rows {
		row := s[r*lds : r*lds+n]
		most := max(top[r], maxOf(row))
		if top[r] != top[r] {
			most = top[r]
		}
		decay[r] = exp2(top[r] - most)
		top[r] = most
		var total float32
		for i, v := range row {
			row[i] = exp2(v - most)
			total += row[i]
		}
		sum[r] = total + decay[r]*sum[r]
	}
}

// exp2Poly are the coefficients of r, r², ... in 2^r on [0, 1): least relative error with 2^0 = 1, 8e-8 before rounding.
var exp2Poly = [...]float32{0.6931513, 0.24016444, 0.055799913, 0.009017031, 0.00186713}

// exp2 returns 2^x for x <= 0, with a relative error of at most 3u down to the smallest normal result, x = -126; 0 below
// -127.
func exp2(x float32) float32 {
	switch {
	case x != x:
		return x
	case x < -126:
		return 0
	}
	n := float32(math.Floor(float64(x)))
	r := x - n
	p := exp2Poly[4]*r + exp2Poly[3]
	return (((p*r+exp2Poly[2])*r+exp2Poly[1])*r+exp2Poly[0])*r*pow2(int32(n)) + pow2(int32(n))
}

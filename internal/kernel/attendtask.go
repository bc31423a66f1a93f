package kernel

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
	q8              []int8    // (rows, 4 quads): queries for keys in int8
	scale8          []float32 // (rows)

	// The block of keys at hand and its values, in float32 or, for few rows, in bf16; see KV for their layout.
	keys, values     []float32
	keys16, values16 []uint32
	space            int       // rows of values to the next 32 columns
	expanded         []float32 // keys and values of a block, from bf16

	tiles tiles // for keys and values in tiles
}

// attendKeys is how many keys a block has, attendLd how far rows of scores are apart.
const (
	attendKeys = 512
	attendLd   = attendKeys + 16
)

// attend computes head h of part p.
func (w *attender) attend(a *Attention, p *attendPart, h int) {
	kv := p.kv
	rows, tall := p.hi-p.lo, p.kv.attendRows(p.hi-p.lo)
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
	attendScale(w.q, kv.queryCols(), a.Q[p.lo*a.LdQ+h*a.Dim:], a.LdQ, a.Dim, rows, w.decay)
	if kv.tiled() {
		w.attendTiles(rows, a.Radius)
	} else {
		w.attendBlocks(rows, tall, first, last, a.Radius)
	}
	for i, sum := range w.sum[:rows] {
		w.decay[i] = 0 // a row that saw nothing
		if sum != 0 {
			w.decay[i] = 1 / sum
		}
	}
	attendScale(dst, a.LdDst, w.out, kv.cols, a.Dim, rows, w.decay)
}

// attendBlocks adds keys first..last, block after block, to the sums of all rows in tiles of a height.
func (w *attender) attendBlocks(rows, tall, first, last, radius int) {
	kv := w.kv
	if kv.bytes {
		w.quantizeQueries(rows)
	}
	for lo := first; lo < last; {
		hi := min((lo+kv.off)/panelCols*panelCols+attendKeys-kv.off, last) // blocks start at panels
		w.fetch(lo, hi, rows)
		for r := 0; r < rows; r += tall {
			w.tile(r, min(r+tall, rows), lo, hi, radius)
		}
		lo = hi
	}
}

// begin sizes and clears the memory.
func (w *attender) begin(rows, tall int) {
	w.q = grown(w.q, rows*w.kv.queryCols())
	if w.kv.tiled() {
		clear(w.q) // the columns and rows that there are not
	}
	w.out = grown(w.out, rows*w.kv.cols)
	w.top, w.sum, w.decay = grown(w.top, rows), grown(w.sum, rows), grown(w.decay, rows)
	w.scores = grown(w.scores, tall*attendLd)
	clear(w.out)
	clear(w.sum)
	for i := range w.top {
		w.top[i] = negInf
	}
}

// grown returns n values of undefined content, in the space of x if that is enough.
func grown[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}

// fetch makes keys lo..hi, a block that starts in the first panel, the one at hand for a number of rows.
func (w *attender) fetch(lo, hi, rows int) {
	kv, panel := w.kv, (w.kv.off+lo)/panelCols
	w.keys16, w.values16, w.space = nil, nil, kv.space
	if !kv.half {
		w.values = kv.values(w.head, panel*panelCols)
		if !kv.bytes {
			w.keys = kv.panel(w.head, panel)
		}
		return
	}
	keys16, values16 := kv.panel16(w.head, panel), kv.values16(w.head, panel*panelCols)
	if rows <= halfRows {
		w.keys16, w.values16 = keys16, values16
		return
	}
	panels := (kv.off+hi+panelCols-1)/panelCols - panel
	w.space = panels * panelCols
	keys, values := w.space*kv.dim, w.space*kv.cols
	w.expanded = grown(w.expanded, keys+values)
	w.keys, w.values = w.expanded[:keys], w.expanded[keys:]
	attendExpand(w.keys, keys16, keys/panelCols)
	for col := 0; col < kv.cols; col += panelCols {
		attendExpand(w.values[col*w.space:], values16[col*kv.space/2:], w.space)
	}
}

// tile lets rows r0..r1 attend to what they see of keys lo..hi, a block.
func (w *attender) tile(r0, r1, lo, hi, radius int) {
	kv, p, block := w.kv, w.part, (w.kv.off+lo)/panelCols
	first, _ := p.span(r0)
	_, last := p.span(r1 - 1)
	if lo, hi = max(lo, first), min(hi, last); lo >= hi {
		return
	}
	panel := (kv.off + lo) / panelCols
	start := panel*panelCols - kv.off // key of column 0 of the scores
	panels := (hi - start + panelCols - 1) / panelCols
	height, d := attendHeight(r1-r0), kv.dim
	skip, value := (panel-block)*panelCols, kv.off+lo-block*panelCols // of the block: keys before, first value
	q, out, decay := w.q[r0*d:], w.out[r0*kv.cols:], w.decay[r0:]
	switch {
	case kv.bytes:
		w.scores8(r0, r1, panel, panels)
	case w.keys16 != nil:
		attendHalfTile(height, w.scores, attendLd, q, d, w.keys16[skip*d/2:], panelCols/2, d*panelCols/2, d, panels, nil)
	default:
		attendTile(height, w.scores, attendLd, q, d, w.keys[skip*d:], panelCols, d*panelCols, d, panels, nil)
	}
	if w.bias != nil {
		w.addBias(r0, r1, start, lo, hi, radius)
	}
	w.weigh(r0, r1, start, lo, hi)
	weights := w.scores[lo-start:]
	if w.keys16 != nil {
		attendHalfTile(height, out, kv.cols, weights, attendLd, w.values16[value*panelCols/2:], panelCols/2, w.space*panelCols/2, hi-lo, kv.cols/panelCols, decay)
	} else {
		attendTile(height, out, kv.cols, weights, attendLd, w.values[value*panelCols:], panelCols, w.space*panelCols, hi-lo, kv.cols/panelCols, decay)
	}
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

package kernel

import "unsafe"

// amxAttend is the work of the tile registers for 16 rows of one head. Assembly reads it.
type amxAttend struct {
	q      *uint16  // (16, cols)
	keys   *uint32  // panels of KV
	values *uint32  // the same
	panels int      // more than 0
	start  *float32 // blocks (2, 16, 16): what the scores of 16 rows with either half of a panel start from
	starts *int     // (panels): the bytes from start to the block of each panel

	scores  *float32 // (2, 2, 16, 16), memory to work in
	weights *uint32  // (2, 16, 16), the same

	sums *float32 // (16): of the weights
	out  *float32 // (16, cols): weights times values
	tops *float32 // (16): largest score
}

const (
	tileHeight   = 16                     // rows that the tiles take at a time
	tilePanels   = 64                     // of keys in one call of the assembly: some 8 µs
	tileOpsPerNs = 1000                   // of attention on tiles, about
	startBlock   = tileHeight * panelCols // values
	mostWeight   = 1 << 32                // sum of the weights of a row that makes them be computed anew
)

// tiles is the working memory of an attender whose KV is in tiles. Scores start from -base, plus their bias, or from -Inf
// where the mask hides the key: what the tiles then make is the logarithm to base 2 of the weight, with no pass over the
// scores in between. For that the largest score need not be known: any that the row sees will do, until others are so much
// larger that the weights overflow.
type tiles struct {
	amxAttend
	half    []uint16                // (rows, cols): queries
	memory  []float32               // scores, weights, out: 2, 1 and 2 blocks
	blocks  []float32               // of start: first that of panels that all rows see whole, without bias
	blockOf [tilePanels]int         // see starts
	span    [tileHeight][2]int      // keys that the rows see; those past the last row see what that sees
	base    [tileHeight]float32     // top, or 0 before a row has seen a key
	results [2 * tileHeight]float32 // sums and tops
}

// sixteen is up to 16 rows, r0..r1 of a part, and keys lo..hi, of which some are seen by some of the rows. The keys are
// those of up to tilePanels panels from panel on. With fresh there were none before them.
type sixteen struct {
	r0, r1, lo, hi, panel int
	fresh                 bool
}

var minusOnes = [16]float32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

// attendRows is how many of m rows meet the keys of c together.
func (c *KV) attendRows(m int) int {
	if c.tiled() {
		return tileHeight
	}
	return attendRows(m)
}

// queryCols is how many columns queries have in the working memory.
func (c *KV) queryCols() int {
	if c.tiled() {
		return c.cols
	}
	return c.dim
}

// opsPerNs is about how fast attention to c computes.
func (c *KV) opsPerNs() int {
	if c.tiled() {
		return tileOpsPerNs
	}
	return flopsPerNs()
}

// attendTiles computes w.out and w.sum of all rows of the part.
func (w *attender) attendTiles(rows, radius int) {
	t, off := &w.tiles, w.kv.off
	t.half = grown(t.half, len(w.q))
	roundRow(t.half, w.q)
	t.memory = grown(t.memory, 5*startBlock)
	for r := 0; r < rows; r += tileHeight {
		g := sixteen{r0: r, r1: min(r+tileHeight, rows), fresh: true}
		for i := range t.span {
			t.span[i][0], t.span[i][1] = w.part.span(min(r+i, g.r1-1))
		}
		last := t.span[tileHeight-1][1]
		for g.lo = t.span[0][0]; g.lo < last; g.lo, g.fresh = g.hi, false {
			g.panel = (off + g.lo) / panelCols
			g.hi = min((g.panel+tilePanels)*panelCols-off, last)
			w.attendSixteen(g, radius)
		}
	}
}

// attendSixteen adds the keys of g to the sums of its rows.
func (w *attender) attendSixteen(g sixteen, radius int) {
	t, cols := &w.tiles, w.kv.cols
	out := w.out[g.r0*cols:][:tileHeight*cols]
	target := out
	if !g.fresh {
		target = t.memory[3*startBlock:][:len(out)]
	}
	t.amxAttend = amxAttend{
		q: &t.half[g.r0*cols], keys: w.tileKeys(g.panel), values: &w.kv.tilesAt(w.kv.v16, w.head, g.panel)[0],
		panels: (w.kv.off+g.hi+panelCols-1)/panelCols - g.panel, starts: &t.blockOf[0],
		scores: &t.memory[0], weights: (*uint32)(unsafe.Pointer(&t.memory[2*startBlock])),
		sums: &t.results[0], out: &target[0], tops: &t.results[tileHeight],
	}
	w.firstTops(g, radius)
	if lacking := w.topless(g); lacking != 0 {
		w.raise(g, lacking, 0, t.panels, radius)
	}
	w.makeStarts(g, 0, t.panels, radius)
	attendOnTiles(&t.amxAttend, cols)
	if rows := t.overflowing(); rows != 0 {
		w.raise(g, rows, 0, t.panels, radius)
		w.makeStarts(g, 0, t.panels, radius)
		attendOnTiles(&t.amxAttend, cols)
	}
	add(w.sum[g.r0:][:tileHeight], t.results[:tileHeight])
	if !g.fresh {
		add(out, target)
	}
}

// tileKeys returns the keys of a panel.
func (w *attender) tileKeys(panel int) *uint32 { return &w.kv.tilesAt(w.kv.k16, w.head, panel)[0] }

// A rowSet has bit i for row i of sixteen.
type rowSet uint16

// overflowing returns the rows whose weights are too large.
func (t *tiles) overflowing() (rows rowSet) {
	for i, sum := range t.results[:tileHeight] {
		if sum > mostWeight {
			rows |= 1 << i
		}
	}
	return rows
}

// topless returns the rows of g that see some of its keys and have no score to compare with.
func (w *attender) topless(g sixteen) (rows rowSet) {
	for i, top := range w.top[g.r0:g.r1] {
		if span := &w.tiles.span[i]; top == negInf && max(span[0], g.lo) < min(span[1], g.hi) {
			rows |= 1 << i
		}
	}
	return rows
}

// firstTops gives topless rows the largest score in the panel of the first key that each sees: no other row has a say in it, so that
// results do not depend on which rows come together.
func (w *attender) firstTops(g sixteen, radius int) {
	lacking := w.topless(g)
	for i := 0; i < tileHeight; {
		panel, same := w.firstPanel(g, i), rowSet(0)
		for ; i < tileHeight && w.firstPanel(g, i) == panel; i++ {
			same |= 1 << i
		}
		if same &= lacking; same != 0 {
			w.raise(g, same, panel, 1, radius)
		}
	}
}

// firstPanel returns which panel of g has the first key of it that row i sees, if it sees any.
func (w *attender) firstPanel(g sixteen, i int) int {
	return (w.kv.off+max(w.tiles.span[i][0], g.lo))/panelCols - g.panel
}

// raise makes the tops of some rows of g at least the largest score with count of its panels, from the first-th on.
func (w *attender) raise(g sixteen, rows rowSet, first, count, radius int) {
	t, cols := &w.tiles, w.kv.cols
	w.makeStarts(g, first, count, radius)
	whole := t.amxAttend
	t.keys, t.starts, t.panels = w.tileKeys(g.panel+first), &t.blockOf[first], count
	topOnTiles(&t.amxAttend, cols)
	t.amxAttend = whole
	for r := g.r0; r < g.r1; r++ {
		top := t.base[r-g.r0] + t.results[tileHeight+r-g.r0]
		if rows>>(r-g.r0)&1 == 0 || !(top > w.top[r]) {
			continue
		}
		decay := exp2(w.top[r] - top)
		w.top[r] = top
		w.sum[r] *= decay
		if !g.fresh {
			scale(w.out[r*cols:(r+1)*cols], decay)
		}
	}
}

// makeStarts fills in what the scores of g with count of its panels, from the first-th on, start from.
func (w *attender) makeStarts(g sixteen, first, count, radius int) {
	t := &w.tiles
	t.blocks = grown(t.blocks, (1+count)*startBlock)
	t.start = &t.blocks[0]
	for i := range t.base {
		t.base[i] = 0
		if r := g.r0 + i; r < g.r1 && w.top[r] != negInf {
			t.base[i] = w.top[r]
		}
	}
	attendScale(t.blocks, 16, minusOnes[:], 0, 16, tileHeight, t.base[:])
	copy(t.blocks[startBlock/2:startBlock], t.blocks)
	lo, hi := t.span[tileHeight-1][0], t.span[0][1] // all rows see these keys
	used := 1
	for p := first; p < first+count; p++ {
		key := (g.panel+p)*panelCols - w.kv.off
		t.blockOf[p] = 0
		if lo <= key && key+panelCols <= hi && w.bias == nil {
			continue
		}
		t.blockOf[p] = used * startBlock * 4
		block := t.blocks[used*startBlock:][:startBlock]
		copy(block, t.blocks)
		for i := range tileHeight {
			row := min(g.r0+i, g.r1-1)
			w.startRow(block[16*i:], t.span[i], key, radius+w.part.kpos-w.part.pos-row)
			w.startRow(block[startBlock/2+16*i:], t.span[i], key+16, radius+w.part.kpos-w.part.pos-row)
		}
		used++
	}
}

// startRow hides keys that a row does not see from its start with 16 keys, from first on, and adds the bias of the others:
// that of key 0 is at column column.
func (w *attender) startRow(start []float32, span [2]int, first, column int) {
	lo := min(max(span[0]-first, 0), 16)
	hi := max(min(span[1]-first, 16), lo)
	for i := range lo {
		start[i] = negInf
	}
	for i := hi; i < 16; i++ {
		start[i] = negInf
	}
	if w.bias != nil && lo < hi {
		axpy(start[lo:hi], log2E, w.bias[column+first+lo:column+first+hi])
	}
}

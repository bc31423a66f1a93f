package kernel

// keys8 are keys in int8, less their mean: that changes all scores of a query alike, and so no weight, but leaves smaller
// numbers to round (Zhang et al. 2024, SageAttention, arXiv:2410.02367, section 4.2).
type keys8 struct {
	q      []int8    // (heads, space/32, quads, 32, 4), dim padded with zeros
	scale  []float32 // (heads, space): of each key
	offset []int32   // (heads, space): -128 times the sum of a key, for products that take x + 128
	mean   []float32 // (heads, dim) of the rows that came first
}

func (k *keys8) make(c *KV) {
	k.q = make([]int8, c.heads*c.space*4*quads(c.dim))
	k.scale, k.offset = make([]float32, c.heads*c.space), make([]int32, c.heads*c.space)
	k.mean = make([]float32, c.heads*c.dim)
}

// setKeys8 stores new keys of head h after those that are kept.
func (c *KV) setKeys8(s *scratch, h int, k []float32, ldk, rows int) {
	d, steps := c.dim, quads(c.dim)
	mean := c.keys8.mean[h*d : (h+1)*d]
	if c.n == 0 {
		clear(mean)
		for r := range rows {
			axpy(mean, -1/float32(rows), k[r*ldk:r*ldk+d]) // negative, ready to be added
		}
	}
	row := s.panelOf((d + panelCols - 1) / panelCols)[:d]
	for r := range rows {
		at := h*c.space + c.off + c.n + r
		copy(row, k[r*ldk:])
		add(row, mean)
		s.bytes = grown(s.bytes, 4*steps)
		bytes := s.bytes
		scale, sum := quantizeRow(bytes[:d], row, 0)
		clear(bytes[d:])
		c.keys8.scale[at], c.keys8.offset[at] = scale, -128*sum
		panel := c.keys8.q[at/panelCols*panelCols*4*steps:]
		for i := range steps {
			from, to := bytes[4*i:][:4], panel[(i*panelCols+at%panelCols)*4:][:4]
			to[0], to[1], to[2], to[3] = from[0], from[1], from[2], from[3]
		}
	}
}

// moveKeys8 copies panels of head h, from panel first on, to the start of the space of to.
func (c *KV) moveKeys8(to *KV, h, first, panels int) {
	if panels == 0 {
		return
	}
	from, at, n := h*c.space+first*panelCols, h*to.space, panels*panelCols
	size := 4 * quads(c.dim)
	copy(to.keys8.q[at*size:], c.keys8.q[from*size:(from+n)*size])
	copy(to.keys8.scale[at:], c.keys8.scale[from:from+n])
	copy(to.keys8.offset[at:], c.keys8.offset[from:from+n])
	copy(to.keys8.mean[h*c.dim:(h+1)*c.dim], c.keys8.mean[h*c.dim:])
}

// quantizeQueries rounds rows of w.q to int8.
func (w *attender) quantizeQueries(rows int) {
	d, ld, flip := w.kv.dim, 4*quads(w.kv.dim), int8Flip()
	w.q8, w.scale8 = grown(w.q8, rows*ld), grown(w.scale8, rows)
	for r := range rows {
		row := w.q8[r*ld : (r+1)*ld]
		w.scale8[r], _ = quantizeRow(row[:d], w.q[r*d:(r+1)*d], flip)
		clear(row[d:]) // the keys there are 0
	}
}

// scores8 computes the scores of rows r0..r1 for some panels of keys.
func (w *attender) scores8(r0, r1, panel, panels int) {
	kv := w.kv
	ld := 4 * quads(kv.dim)
	t := tileInt8{
		rows: r1 - r0, tiles: 1, ldd: attendLd, q: w.q8[r0*ld:], ldq: ld, steps: ld / 4, sx: w.scale8[r0:], c: zeros[:], bias: zeros[:],
	}
	for p := range panels {
		at := w.head*kv.space + (panel+p)*panelCols
		t.dst, t.w = w.scores[p*panelCols:], kv.keys8.q[at*ld:]
		t.sw, t.offset = kv.keys8.scale[at:at+panelCols], kv.keys8.offset[at:at+panelCols]
		t.run()
	}
}

package kernel

// tileWidth is the size of the heads that tiles take: the sums of a row of tiles fit the registers.
const tileWidth = 64

// tileWords is the size of a tile: 16 rows of 16 pairs of bf16.
const tileWords = 256

// RoundFor makes c round its rows as far as a model of precision p allows and the processor gains by, for rows that meet
// them through m. A change forgets all rows.
//
// Where it has tile registers, unless rows come few at a time, keys and values of up to 64 columns are in bf16, and Attention
// rounds queries and weights to bf16 too: a score errs by up to 2^-7 times the sum of the magnitudes of its products, a
// weight by 2^-8 of itself besides. Elsewhere the keys of a model of Int8 are in int8 if the processor multiplies bytes fast
// enough and every row sees every row, as a mask hides rows from others and then they must not share a mean. Either way the
// weights err by about 1 %.
func (c *KV) RoundFor(p Precision, m Mask) {
	many := m.Chunk <= 0 || m.Chunk >= tileHeight
	tiles := useAMX && p != F32 && many
	bytes := !tiles && p == Int8 && m.Chunk <= 0 && opsPerNsInt8() > flopsPerNs()
	if tiles != c.tiles || bytes != c.bytes {
		*c = KV{Threads: c.Threads, half: c.half && !bytes && !tiles, bytes: bytes, tiles: tiles}
	}
}

// tiled tells whether c is in tiles: then k16 and v16 are (heads, space/32, cols/16, 16, 16) words of two values. A tile of keys
// holds 16 of them, and its row i the elements 2i and 2i+1 of each: first come the tiles of 16 keys, then those of the next.
// A tile of values holds 16 columns, and its row i those of rows 2i and 2i+1 of the panel. Rows of a panel that are not
// kept are zero if another is: they get no weight, but 0 times infinity is not 0.
func (c *KV) tiled() bool { return c.tiles && c.dim <= tileWidth }

// tilesAt returns the panels of words, k16 or v16, from head h and panel p on.
func (c *KV) tilesAt(words []uint32, h, p int) []uint32 {
	return words[(h*c.space+p*panelCols)*c.cols/2:]
}

// keyAt returns the first pair of the key in row at of the space, valueAt the pairs that its value is in; further pairs
// are in the same place of the next row of a tile, and in the next tile.
func (c *KV) keyAt(h, at int) []uint32 {
	return c.tilesAt(c.k16, h, at/panelCols)[at%panelCols/16*(c.cols/panelCols)*tileWords+at%16:]
}

func (c *KV) valueAt(h, at int) []uint32 {
	return c.tilesAt(c.v16, h, at/panelCols)[at%panelCols/2*16:]
}

// setTiles stores n rows of one panel, from row at of the space on.
func (c *KV) setTiles(h, at int, k []float32, ldk int, v []float32, ldv, n int) {
	for r := 0; r < n; {
		count := min(16-(at+r)%16, n-r)
		setTileKeys(c.keyAt(h, at+r), k[r*ldk:], ldk, c.dim, count)
		r += count
	}
	for r := range min(2, n) {
		setTileValues(c.valueAt(h, at+r), v[r*ldv:], 2*ldv, c.dim, (n-r+1)/2, (at+r)%2)
	}
}

// setTileKeysGeneric writes rows of k (n, dim) as keys at dst, a word of a tile; n is at most what is left of it.
func setTileKeysGeneric(dst []uint32, k []float32, ldk, dim, n int) {
	for r := range n {
		for i, x := range k[r*ldk : r*ldk+dim] {
			setWordHalf(&dst[i/2*16+r], i%2, x)
		}
	}
}

// setTileValuesGeneric writes rows of v (n, dim) as every other value, the odd ones or the even ones, at dst, a row of a tile.
func setTileValuesGeneric(dst []uint32, v []float32, ldv, dim, n, odd int) {
	for r := range n {
		for i, x := range v[r*ldv : r*ldv+dim] {
			setWordHalf(&dst[r*16+i/16*tileWords+i%16], odd, x)
		}
	}
}

// setWordHalf rounds x to bf16 in the low half of w, or with high = 1 in the other.
func setWordHalf(w *uint32, high int, x float32) {
	*w = *w&^(0xffff<<(16*high)) | uint32(bf16Bits(x))<<(16*high)
}

// clearTiles makes rows lo..hi of the space zero.
func (c *KV) clearTiles(lo, hi int) {
	for h := range c.heads {
		for at := lo; at < hi; at++ {
			k, v := c.keyAt(h, at), c.valueAt(h, at)
			for i := range c.cols / 2 {
				k[i*16] = 0
			}
			for i := range c.cols {
				w := &v[i/16*tileWords+i%16]
				*w &^= 0xffff << (at % 2 * 16)
			}
		}
	}
}

// expandTiles writes panel p of the keys of head h to keys (dim, 32).
func (c *KV) expandTiles(keys []float32, h, p int) {
	for col := range panelCols {
		words := c.keyAt(h, p*panelCols+col)
		for i := range c.dim {
			keys[i*panelCols+col] = bf16Value(uint16(words[i/2*16] >> (i % 2 * 16)))
		}
	}
}

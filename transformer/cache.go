package transformer

// cache holds the keys and values of one layer for the rows of a sequence that may still be attended to. Rows stay
// contiguous: they slide towards the end of the space and move back to its start when that is reached, so memory is
// bounded by what is kept and a row moves rarely.
type cache struct {
	k, v  []float32 // space for rows of cols values
	cols  int
	off   int // row of the space where the kept rows start
	n     int // rows kept
	first int // position of the first kept row
}

func (c *cache) keys() Mat { return c.view(c.k) }

func (c *cache) values() Mat { return c.view(c.v) }

func (c *cache) view(x []float32) Mat {
	lo, hi := c.off*c.cols, (c.off+c.n)*c.cols
	return Mat{Rows: c.n, Cols: c.cols, Data: x[lo:hi:hi]}
}

// append adds rows whose keys are columns i..i+j of qkv (T, i+2j), values columns i+j..i+2j.
func (c *cache) append(qkv Mat, i, j int) {
	c.cols = j
	c.reserve(qkv.Rows)
	at := (c.off + c.n) * j
	for r := range qkv.Rows {
		row := qkv.Row(r)
		copy(c.k[at+r*j:at+(r+1)*j], row[i:i+j])
		copy(c.v[at+r*j:at+(r+1)*j], row[i+j:])
	}
	c.n += qkv.Rows
}

// reserve makes space for more rows after the kept ones.
func (c *cache) reserve(more int) {
	need := c.n + more
	if space := len(c.k) / max(c.cols, 1); c.off+need <= space {
		return
	} else if 2*need <= space { // at most half full: moving is cheap enough
		c.move(c.k, c.v)
		return
	}
	c.move(make([]float32, 2*need*c.cols), make([]float32, 2*need*c.cols))
}

// move puts the kept rows at the start of k and v, which become the space.
func (c *cache) move(k, v []float32) {
	copy(k, c.keys().Data)
	copy(v, c.values().Data)
	c.k, c.v, c.off = k, v, 0
}

// keepLast forgets all but the last n rows.
func (c *cache) keepLast(n int) {
	if drop := c.n - n; drop > 0 {
		c.off, c.n, c.first = c.off+drop, n, c.first+drop
	}
}

// keepFirst forgets all rows from position end on.
func (c *cache) keepFirst(end int) { c.n = min(c.n, max(0, end-c.first)) }

// reset forgets every row and keeps the space.
func (c *cache) reset() { c.off, c.n, c.first = 0, 0, 0 }

// set makes c equal to src.
func (c *cache) set(src *cache) {
	c.reset()
	c.cols = src.cols
	c.reserve(src.n)
	copy(c.k, src.keys().Data)
	copy(c.v, src.values().Data)
	c.n, c.first = src.n, src.first
}

package transformer

import "github.com/parley-go/parley/internal/kernel"

// cache holds the keys and values of one layer for the rows of a sequence that may still be attended to.
type cache struct {
	kv    kernel.KV
	first int // position of the first row
}

// append adds rows qkv (T, I+2J) of a: their keys and values.
func (c *cache) append(a *Attention, qkv Mat) { a.store(&c.kv, qkv, a.Heads*a.HeadDim) }

// keepLast forgets all but the last n rows.
func (c *cache) keepLast(n int) { c.first += c.kv.KeepLast(n) }

// keepFirst forgets all rows from position end on.
func (c *cache) keepFirst(end int) { c.kv.KeepFirst(end - c.first) }

// reset forgets every row and keeps the space.
func (c *cache) reset() {
	c.kv.Reset()
	c.first = 0
}

// set makes c equal to src.
func (c *cache) set(src *cache) {
	c.kv.Set(&src.kv)
	c.first = src.first
}

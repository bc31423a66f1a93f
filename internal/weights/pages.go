package weights

import "sync/atomic"

// pages gives the pages of a mapped file back as a model is packed from it, so that the whole file is never in memory beside the whole
// model. The system keeps them for the next time while it has room.
type pages struct {
	data []byte
	read atomic.Int64 // bytes since they were given back
}

// keptPages is how many bytes are read before pages are given back.
const keptPages = 8 << 20

// touch counts n bytes that are read. A nil p is a file that is not mapped.
func (p *pages) touch(n int) {
	if p != nil && p.read.Add(int64(n)) >= keptPages {
		p.read.Store(0)
		dropPages(p.data)
	}
}

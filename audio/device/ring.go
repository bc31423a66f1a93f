package device

import (
	"io"
	"sync"
)

// ring is a bounded first-in-first-out queue of samples between a device's callback and the program.
// One side may wait, the device's side never does: push drops the oldest samples, pull gives what there is.
type ring struct {
	mu     sync.Mutex
	change sync.Cond
	buf    []float32
	head   int // index of the oldest sample
	n      int // samples held
	lost   int64
	err    error // set once: no more goes in
}

func newRing(size int) *ring {
	r := &ring{buf: make([]float32, size)}
	r.change.L = &r.mu
	return r
}

// push adds p and never waits: when there is no room, the oldest samples are dropped and counted.
func (r *ring) push(p []float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	if over := len(p) - len(r.buf); over > 0 {
		r.lost += int64(over)
		p = p[over:]
	}
	if over := r.n + len(p) - len(r.buf); over > 0 {
		r.lost += int64(over)
		r.drop(over)
	}
	r.put(p)
	r.change.Broadcast()
}

// read waits for at least one sample. Once the ring is stopped it gives what is left, then the reason.
func (r *ring) read(p []float32) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.n == 0 && r.err == nil {
		r.change.Wait()
	}
	if r.n == 0 {
		return 0, r.err
	}
	return r.take(p), nil
}

// write adds all of p and waits for room.
func (r *ring) write(p []float32) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	written := 0
	for written < len(p) {
		for r.n == len(r.buf) && r.err == nil {
			r.change.Wait()
		}
		if r.err != nil {
			return written, r.err
		}
		part := p[written:]
		part = part[:min(len(part), len(r.buf)-r.n)]
		r.put(part)
		written += len(part)
	}
	return written, nil
}

// pull fills p without waiting and tells how many samples there were.
func (r *ring) pull(p []float32) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.take(p)
	r.change.Broadcast()
	return n
}

// empty waits until everything was taken.
func (r *ring) empty() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.n > 0 && r.err == nil {
		r.change.Wait()
	}
	if r.err != nil && r.err != io.EOF {
		return r.err
	}
	return nil
}

// stop ends the queue: readers get what is left and then err, unless discard throws it away.
func (r *ring) stop(err error, discard bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if discard {
		r.n = 0
	}
	if r.err == nil || discard && r.err == io.EOF {
		r.err = err
	}
	r.change.Broadcast()
}

func (r *ring) dropped() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost
}

// put appends p, for which there is room.
func (r *ring) put(p []float32) {
	tail := (r.head + r.n) % len(r.buf)
	k := copy(r.buf[tail:], p)
	copy(r.buf, p[k:])
	r.n += len(p)
}

// take moves the oldest samples into p.
func (r *ring) take(p []float32) int {
	n := min(len(p), r.n)
	k := copy(p[:n], r.buf[r.head:])
	copy(p[k:n], r.buf)
	r.drop(n)
	return n
}

func (r *ring) drop(n int) {
	r.head = (r.head + n) % len(r.buf)
	r.n -= n
}

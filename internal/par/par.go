package par

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A piece is what is left of the range over piecesPerThread for each thread: pieces shrink towards the end, so that threads
// finish together though few pieces are handed out (guided self-scheduling: Polychronopoulos and Kuck 1987).
const piecesPerThread = 3

// spins is how often a goroutine yields before it sleeps: to wake a sleeping thread takes as long as a small job. About 50 µs.
const spins = 500

// Threads returns how many goroutines For may use at once, the caller included: GOMAXPROCS.
func Threads() int { return runtime.GOMAXPROCS(0) }

// Within returns how many goroutines ForWithin(limit, ...) may use at once: limit, at most Threads(); 0 is no limit.
func Within(limit int) int {
	if limit > 0 {
		return min(limit, Threads())
	}
	return Threads()
}

// For calls f on consecutive pieces [lo, hi) that together cover [0, n) exactly once, in parallel and in no order.
// A piece is at least grain long, save the last. With n <= grain, or when every worker is busy, f(0, n) runs inline.
// For returns when all pieces are done. If f panics, the pieces not yet begun are dropped and For panics with
// the first value. f must not call runtime.Goexit. For itself allocates nothing after warm-up.
func For(n, grain int, f func(lo, hi int)) { ForWithin(0, n, grain, f) }

// ForWithin is For with at most limit goroutines at once, the caller included; 0 is no limit.
func ForWithin(limit, n, grain int, f func(lo, hi int)) {
	if n <= 0 {
		return
	}
	grain = max(grain, 1)
	if n <= grain {
		f(0, n)
		return
	}
	threads := Within(limit)
	if threads == 1 {
		f(0, n)
		return
	}
	helpers := shared.claim(min(threads, (n+grain-1)/grain)-1, Threads()-1)
	if helpers == 0 {
		f(0, n)
		return
	}
	j := jobs.Get().(*job)
	j.start(n, grain, helpers+1, f)
	for range helpers {
		shared.queue <- j // never blocks: one slot for each claimed worker
	}
	j.work()
	for range spins {
		if j.undone.Load() == 0 {
			break
		}
		runtime.Gosched()
	}
	<-j.finished
	value := j.panicked.Swap(nil)
	j.leave()
	if value != nil {
		panic(*value)
	}
}

// A job is one call of For.
type job struct {
	f        func(lo, hi int)
	n, grain int
	shares   int          // piecesPerThread for each thread
	next     atomic.Int64 // first index not yet handed out
	undone   atomic.Int64 // indices not yet finished or dropped
	holders  atomic.Int32 // goroutines that still look at the job
	panicked atomic.Pointer[any]
	finished chan struct{} // receives one token when undone reaches 0
}

var jobs = sync.Pool{New: func() any { return &job{finished: make(chan struct{}, 1)} }}

func (j *job) start(n, grain, holders int, f func(lo, hi int)) {
	j.f, j.n, j.grain, j.shares = f, n, grain, holders*piecesPerThread
	j.next.Store(0)
	j.undone.Store(int64(n))
	j.holders.Store(int32(holders))
}

// work runs pieces until none is left.
func (j *job) work() {
	for {
		lo := int(j.next.Load())
		if lo >= j.n {
			return
		}
		hi := min(lo+max(j.grain, (j.n-lo)/j.shares), j.n)
		if j.next.CompareAndSwap(int64(lo), int64(hi)) {
			j.piece(lo, hi)
		}
	}
}

// piece runs f on [lo, hi) and accounts for it even if f panics.
func (j *job) piece(lo, hi int) {
	defer func() {
		if v := recover(); v != nil {
			j.panicked.CompareAndSwap(nil, &v)
			// Drop what nobody has begun: claim all of it, then count it as done.
			if rest := int(j.next.Swap(int64(j.n))); rest < j.n {
				j.done(j.n - rest)
			}
		}
		j.done(hi - lo)
	}()
	if j.panicked.Load() == nil {
		j.f(lo, hi)
	}
}

func (j *job) done(count int) {
	if j.undone.Add(-int64(count)) == 0 {
		j.finished <- struct{}{}
	}
}

// leave recycles the job once the last goroutine is through with it.
func (j *job) leave() {
	if j.holders.Add(-1) == 0 {
		j.f = nil
		jobs.Put(j)
	}
}

// pool is the set of workers.
type pool struct {
	mu      sync.Mutex
	started atomic.Int32 // workers that exist
	idle    atomic.Int32 // workers that nobody has claimed
	queue   chan *job
}

// maxWorkers bounds the pool, and with it the queue, on any machine.
const maxWorkers = 1024

var shared = pool{queue: make(chan *job, maxWorkers)}

// claim reserves up to want idle workers, after growing the pool to limit, and returns how many it got.
func (p *pool) claim(want, limit int) int {
	limit = min(limit, maxWorkers)
	if int(p.started.Load()) < limit {
		p.grow(limit)
	}
	for {
		idle := p.idle.Load()
		got := min(int32(want), idle)
		if got <= 0 {
			return 0
		}
		if p.idle.CompareAndSwap(idle, idle-got) {
			return int(got)
		}
	}
}

func (p *pool) grow(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for int(p.started.Load()) < limit {
		go p.worker()
		p.started.Add(1)
		p.idle.Add(1)
	}
}

func (p *pool) worker() {
	for {
		j := p.wait()
		j.work()
		p.idle.Add(1)
		j.leave()
	}
}

// wait returns the next job, after a while asleep.
func (p *pool) wait() *job {
	for range spins {
		select {
		case j := <-p.queue:
			return j
		default:
			runtime.Gosched()
		}
	}
	return <-p.queue
}

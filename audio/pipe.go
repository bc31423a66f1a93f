package audio

import (
	"errors"
	"io"
	"sync"
)

// ErrClosedPipe is returned by a PipeWriter whose reader has closed.
var ErrClosedPipe = errors.New("audio: write on closed pipe")

// Pipe joins code that pushes sound to code that pulls it, like io.Pipe: each Write blocks until Reads have taken all
// of it or either end is closed. There is no buffer inside, and no goroutine. Both ends may be used concurrently.
// Whoever stops reading before the end closes the reader, or a Write, and the goroutine that it is in, waits for ever.
//
// To end both sides with a context: stop := context.AfterFunc(ctx, func() { w.CloseWithError(ctx.Err()) }).
func Pipe(rate int) (*PipeReader, *PipeWriter) {
	p := &pipe{rate: rate}
	p.cond.L = &p.mu
	return &PipeReader{p}, &PipeWriter{p: p}
}

type pipe struct {
	rate int
	mu   sync.Mutex
	cond sync.Cond
	data []float32 // what the Write in progress has left
	rerr error     // set when the reader closed: what writers get
	werr error     // set when the writer closed: what readers get
}

// close sets *slot once and wakes everybody.
func (p *pipe) close(slot *error, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *slot == nil {
		*slot = err
	}
	p.cond.Broadcast()
}

// A PipeReader is the pulled end of a pipe: a Source.
type PipeReader struct{ p *pipe }

// Rate returns the rate given to Pipe.
func (r *PipeReader) Rate() int { return r.p.rate }

// Read waits for a writer. After the writer closed it returns the writer's error, io.EOF by default.
func (r *PipeReader) Read(b []float32) (int, error) {
	p := r.p
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(b) > 0 && len(p.data) == 0 && p.werr == nil && p.rerr == nil {
		p.cond.Wait()
	}
	switch {
	case p.rerr != nil:
		return 0, ErrClosedPipe
	case p.werr != nil:
		return 0, p.werr
	}
	n := copy(b, p.data)
	Sanitize(b[:n])
	p.data = p.data[n:]
	if len(p.data) == 0 {
		p.cond.Broadcast()
	}
	return n, nil
}

// Close makes writers fail with ErrClosedPipe. It returns nil.
func (r *PipeReader) Close() error { return r.CloseWithError(nil) }

// CloseWithError makes writers fail with err, or ErrClosedPipe if err is nil. Only the first close counts.
func (r *PipeReader) CloseWithError(err error) error {
	if err == nil {
		err = ErrClosedPipe
	}
	r.p.close(&r.p.rerr, err)
	return nil
}

// A PipeWriter is the pushed end of a pipe: a Sink.
type PipeWriter struct {
	p     *pipe
	write sync.Mutex // one Write at a time
}

// Write hands b to the reader and returns when all of it was read, or with an error when an end was closed.
func (w *PipeWriter) Write(b []float32) (int, error) {
	w.write.Lock()
	defer w.write.Unlock()
	p := w.p
	p.mu.Lock()
	defer p.mu.Unlock()
	p.data = b
	p.cond.Broadcast()
	for len(p.data) > 0 && p.rerr == nil && p.werr == nil {
		p.cond.Wait()
	}
	n := len(b) - len(p.data)
	p.data = nil
	switch {
	case p.werr != nil && (n < len(b) || len(b) == 0):
		return n, ErrClosedPipe
	case p.rerr != nil && (n < len(b) || len(b) == 0):
		return n, p.rerr
	}
	return n, nil
}

// Close makes the reader see io.EOF. It returns nil.
func (w *PipeWriter) Close() error { return w.CloseWithError(nil) }

// CloseWithError makes the reader see err, or io.EOF if err is nil. Only the first close counts.
func (w *PipeWriter) CloseWithError(err error) error {
	if err == nil {
		err = io.EOF
	}
	w.p.close(&w.p.werr, err)
	return nil
}

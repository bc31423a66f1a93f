package models

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	incomplete = ".incomplete"
	stalled    = 30 * time.Second // without a byte: the connection is dead
)

// fetch loads the blob of one file; done bytes of the plan are here already. Only one process at a time loads a blob.
func (h *Hub) fetch(ctx context.Context, p *Plan, f File, done int64) error {
	show := func(n int64, note string) {
		if h.Progress != nil {
			h.Progress(Progress{File: f.Name, Done: done + n, Total: p.Total, Note: note})
		}
	}
	unlock, err := lock(ctx, h.lock(p.Repo, f.ETag), func() { show(0, "waiting for another process that loads it") })
	if err != nil {
		return err
	}
	defer unlock()
	if h.have(p, f) {
		return nil // the other process has loaded it
	}
	blob := h.blob(p.Repo, f.ETag)
	part, err := openPart(blob+incomplete, f, func(n int64) { show(n, "") })
	if err != nil {
		return err
	}
	err = h.retry(ctx, func(note string) { show(part.size, note) }, func(ctx context.Context) error { return h.load(ctx, p, part) })
	if err = errors.Join(err, part.file.Close()); err != nil {
		return err
	}
	return os.Rename(blob+incomplete, blob)
}

// part is a file that is being loaded: as many bytes as have come, and their hash.
type part struct {
	File
	file    *os.File
	size    int64
	sum     hash.Hash // nil: nothing to compare with
	show    func(size int64)
	damaged bool // all bytes had come once, but wrong
}

// openPart opens what an earlier attempt left.
func openPart(path string, f File, show func(int64)) (*part, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	p := &part{File: f, file: file, sum: newSum(f), show: show}
	if err := p.reread(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return p, nil
}

// reread hashes the bytes that are there; more than the file has are none.
func (p *part) reread() error {
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() > p.Size {
		return p.restart()
	}
	if p.sum != nil {
		if _, err := io.Copy(p.sum, p.file); err != nil {
			return err
		}
	}
	p.size, err = p.file.Seek(0, io.SeekEnd)
	return err
}

// restart throws the bytes away.
func (p *part) restart() error {
	p.size, p.sum = 0, newSum(p.File)
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	_, err := p.file.Seek(0, io.SeekStart)
	return err
}

// Write appends loaded bytes.
func (p *part) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.size += int64(n)
	if p.sum != nil {
		p.sum.Write(b[:n])
	}
	p.show(p.size)
	if errors.Is(err, syscall.ENOSPC) {
		err = fmt.Errorf("the disk is full: %w; make room and try again, %d of %d MB are kept", err, p.size/mb, p.Size/mb)
	}
	return n, err
}

// load asks for the bytes that part lacks, appends them, and checks the whole.
func (h *Hub) load(ctx context.Context, p *Plan, part *part) error {
	before := part.size
	if part.size < part.Size {
		if err := h.append(ctx, p, part); err != nil {
			if part.size > before {
				return errMoved{err}
			}
			return err
		}
	}
	err := checkSum(part.File, part.sum)
	if err == nil {
		return part.file.Sync()
	}
	if e := part.restart(); e != nil {
		return e
	}
	if part.damaged {
		return err
	}
	part.damaged = true
	return h.load(ctx, p, part)
}

// append loads from where part ends.
func (h *Hub) append(ctx context.Context, p *Plan, part *part) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := h.request(ctx, http.MethodGet, resolve(p.Repo, p.Commit, part.Name))
	if err != nil {
		return err
	}
	if part.size > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", part.size))
		req.Header.Set("If-Match", `"`+part.ETag+`"`)
	}
	resp, err := h.client(toStorage).Do(req)
	if err != nil {
		return passing(err)
	}
	defer resp.Body.Close()
	if err := h.accept(resp, p, part); err != nil {
		return err
	}
	watch := time.AfterFunc(stalled, func() { cancel(errStalled) })
	defer watch.Stop()
	body := &watched{r: io.LimitReader(resp.Body, part.Size-part.size), seen: func() { watch.Reset(stalled) }}
	_, err = io.Copy(part, body)
	switch {
	case body.err != nil && context.Cause(ctx) == errStalled:
		return temporary{error: errStalled}
	case body.err != nil:
		return passing(body.err)
	case err != nil:
		return err // of the disk
	case part.size < part.Size:
		return temporary{error: fmt.Errorf("the connection ended after %d of %d bytes", part.size, part.Size)}
	}
	return nil
}

var errStalled = fmt.Errorf("no data for %v", stalled)

// accept checks that the answer goes on where part ends; an answer with the whole file starts it again.
func (h *Hub) accept(resp *http.Response, p *Plan, part *part) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return part.restart()
	case http.StatusPartialContent:
		want := fmt.Sprintf("bytes %d-%d/%d", part.size, part.Size-1, part.Size)
		if got := resp.Header.Get("Content-Range"); strings.TrimSpace(got) != want {
			return fmt.Errorf("the server sends %q, want %q", got, want)
		}
		return nil
	case http.StatusRequestedRangeNotSatisfiable, http.StatusPreconditionFailed: // the part is of no use to this server
		if err := part.restart(); err != nil {
			return err
		}
		return temporary{error: fmt.Errorf("the server answers %s", resp.Status)}
	}
	return h.refused(resp, p.Repo, p.Commit, part.Name)
}

// watched tells about every byte and remembers the error of the reader, to tell it from the writer's.
type watched struct {
	r    io.Reader
	seen func()
	err  error
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if n > 0 {
		w.seen()
	}
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

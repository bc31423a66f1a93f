package cli

import (
	"context"
	"io"
	"io/fs"
	"os"
	"time"
)

// Overwrites reports whether writing the file out would destroy one of the inputs before it is read. Names are paths;
// "-" is standard output or input. Only regular files count: terminals, devices and pipes can be both.
func (s Streams) Overwrites(out string, inputs ...string) bool {
	to := fileInfo(out, s.Out)
	if to == nil || !to.Mode().IsRegular() {
		return false
	}
	for _, name := range inputs {
		if from := fileInfo(name, s.In); from != nil && os.SameFile(from, to) {
			return true
		}
	}
	return false
}

// fileInfo describes the file called name, or for "-" the one behind std; nil if there is none.
func fileInfo(name string, std any) fs.FileInfo {
	stat := func() (fs.FileInfo, error) { return os.Stat(name) }
	if name == "-" {
		f, ok := std.(*os.File)
		if !ok {
			return nil
		}
		stat = f.Stat
	}
	info, err := stat()
	if err != nil {
		return nil
	}
	return info
}

// IsRegular reports whether w is a regular file, which can seek and whose writes do not block.
func IsRegular(w io.Writer) bool {
	info := fileInfo("-", w)
	return info != nil && info.Mode().IsRegular()
}

// writeGrace is how long a write that is under way when the context ends may still take.
const writeGrace = 200 * time.Millisecond

// InterruptibleWriter writes to w, which may block for ever as a pipe does whose reader has stalled, but little longer
// than ctx lives. The write that it leaves behind then ends with the process, and every later one fails.
func InterruptibleWriter(ctx context.Context, w io.Writer) io.Writer {
	return &interruptibleWriter{ctx: ctx, w: w}
}

type interruptibleWriter struct {
	ctx  context.Context // of the command: an io.Writer has no other way to it
	w    io.Writer
	buf  []byte // what is being written: the caller may take its own back before that has ended
	left error  // why a write was left behind
}

func (i *interruptibleWriter) Write(p []byte) (n int, err error) {
	if i.left != nil {
		return 0, i.left
	}
	i.buf = append(i.buf[:0], p...)
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := i.w.Write(i.buf)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-i.ctx.Done():
	}
	select {
	case r := <-done:
		return r.n, r.err
	case <-time.After(writeGrace):
		i.left = i.ctx.Err()
		return 0, i.left
	}
}

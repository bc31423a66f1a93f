package cli

import (
	"context"
	"io"
)

// Interruptible reads r, which may block for ever as a terminal or a pipe does, but no longer than ctx lives. The read
// that it leaves behind then ends with the process.
func Interruptible(ctx context.Context, r io.Reader) io.Reader {
	return &interruptible{ctx: ctx, r: r}
}

type interruptible struct {
	ctx    context.Context // of the command: an io.Reader has no other way to it
	r      io.Reader
	blocks chan block // nil before the first Read
	buf    []byte     // two blocks: one is read while the other is taken
	rest   block
}

// block is what one Read of r gave.
type block struct {
	data []byte
	err  error
}

const blockSize = 32 << 10

func (i *interruptible) Read(p []byte) (int, error) {
	if i.blocks == nil {
		i.blocks, i.buf = make(chan block), make([]byte, 2*blockSize)
		go i.fill()
	}
	if len(i.rest.data) == 0 && i.rest.err == nil {
		select {
		case i.rest = <-i.blocks:
		case <-i.ctx.Done():
			return 0, i.ctx.Err()
		}
	}
	n := copy(p, i.rest.data)
	i.rest.data = i.rest.data[n:]
	if len(i.rest.data) > 0 {
		return n, nil
	}
	return n, i.rest.err
}

// fill hands over blocks until r ends. It takes up a block again only after the one behind it was asked for.
func (i *interruptible) fill() {
	for k := 0; ; k = 1 - k {
		buf := i.buf[k*blockSize : (k+1)*blockSize]
		n, err := i.r.Read(buf)
		select {
		case i.blocks <- block{buf[:n], err}:
		case <-i.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

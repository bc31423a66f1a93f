package zst

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// decoder decompresses frames for all files. It holds nothing between calls but its tables.
var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxContent))
})

// A file is the content of a compressed file.
type file struct {
	*io.SectionReader // of content
	content           *content
	info              info
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close closes the compressed file.
func (f *file) Close() error { return f.content.packed.Close() }

// info is what the system says of the compressed file, but for name and size.
type info struct {
	fs.FileInfo
	name string
	size int64
}

func (i info) Name() string { return i.name }
func (i info) Size() int64  { return i.size }

// content reads the content of a compressed file by frames. ReadAt is safe for concurrent use.
type content struct {
	packed  io.Closer
	src     io.ReaderAt // of packed
	frames  []frame
	decoder *zstd.Decoder

	mu   sync.Mutex // guards what follows
	kept []kept     // that was used last comes last
	raw  []byte     // of a frame, compressed
}

// At most so many frames are kept, and more than one only up to so many bytes: a layer's small tensors lie between its matrices, and are asked
// for in another order.
const (
	mostFrames = 8
	mostBytes  = 16 << 20
)

// kept is the content of a frame of which only a part was asked for.
type kept struct {
	frame int
	data  []byte
}

// open returns the content of a compressed file under another name. It closes the file if there is an error.
func open(packed fs.File, name string) (_ *file, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s%s: %w", name, Suffix, err), packed.Close())
		}
	}()
	of, err := packed.Stat()
	if err != nil {
		return nil, err
	}
	src, size, err := readerAt(packed, of.Size())
	if err != nil {
		return nil, err
	}
	c := &content{packed: packed, src: src}
	if c.frames, err = findFrames(src, size); err != nil {
		return nil, err
	}
	if c.decoder, err = decoder(); err != nil {
		return nil, err
	}
	return &file{io.NewSectionReader(c, 0, c.size()), c, info{of, path.Base(name), c.size()}}, nil
}

// readerAt returns a reader of a file's bytes anywhere: the file, or a copy of what it holds.
func readerAt(f fs.File, size int64) (io.ReaderAt, int64, error) {
	if src, ok := f.(io.ReaderAt); ok {
		return src, size, nil
	}
	data, err := io.ReadAll(f)
	return bytes.NewReader(data), int64(len(data)), err
}

func (c *content) size() int64 {
	if len(c.frames) == 0 {
		return 0
	}
	last := c.frames[len(c.frames)-1]
	return last.start + last.count
}

// ReadAt reads content. Its only error at the end is io.EOF.
func (c *content) ReadAt(p []byte, off int64) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := frameOf(c.frames, off); n < len(p) && i < len(c.frames); i++ {
		f := c.frames[i]
		skip := off + int64(n) - f.start
		if skip == 0 && f.count <= int64(len(p)-n) { // all of it: needs no copy
			if err := c.unpack(p[n:n:n+int(f.count)], f); err != nil {
				return n, err
			}
			n += int(f.count)
			continue
		}
		data, err := c.keep(i)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], data[skip:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// keep returns the content of frame i, for the time being.
func (c *content) keep(i int) ([]byte, error) {
	k := kept{frame: i}
	if at := slices.IndexFunc(c.kept, func(k kept) bool { return k.frame == i }); at >= 0 {
		k = c.kept[at]
		c.kept = slices.Delete(c.kept, at, at+1)
	} else {
		f := c.frames[i]
		k.data = slices.Grow(c.makeRoom(f.count), int(f.count))[:f.count]
		if err := c.unpack(k.data[:0:f.count], f); err != nil {
			return nil, err
		}
	}
	c.kept = append(c.kept, k)
	return k.data, nil
}

// makeRoom drops the frames that were used longest ago until one of n bytes is within the bounds, and returns what was dropped last, empty.
func (c *content) makeRoom(n int64) (free []byte) {
	for _, k := range c.kept {
		n += int64(len(k.data))
	}
	for len(c.kept) == mostFrames || len(c.kept) > 0 && n > mostBytes {
		n -= int64(len(c.kept[0].data))
		free = c.kept[0].data[:0]
		c.kept = slices.Delete(c.kept, 0, 1)
	}
	return free
}

// unpack decompresses a frame to dst, which is empty and has room for exactly its content.
func (c *content) unpack(dst []byte, f frame) error {
	if int64(cap(c.raw)) < f.size {
		c.raw = make([]byte, f.size)
	}
	raw := c.raw[:f.size]
	if n, err := c.src.ReadAt(raw, f.at); n < len(raw) {
		return fmt.Errorf("reading a frame of %d bytes: %w", len(raw), err)
	}
	out, err := c.decoder.DecodeAll(raw, dst)
	if err != nil {
		return fmt.Errorf("frame at byte %d: %w", f.at, err)
	}
	if int64(len(out)) != f.count {
		return fmt.Errorf("frame at byte %d: %d bytes, want %d as it says", f.at, len(out), f.count)
	}
	return nil
}

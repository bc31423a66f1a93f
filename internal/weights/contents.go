package weights

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// contents are the bytes of an open file: mapped where the system can do that, in memory, or read when they are asked for.
type contents struct {
	name  string
	src   io.ReaderAt
	size  int64
	data  []byte // the whole file, if it is mapped or in memory
	pages *pages // of data, if it is mapped
	close func() error
}

// openPath opens a file of the system.
func openPath(path string) (contents, error) {
	f, err := os.Open(path)
	if err != nil {
		return contents{}, fmt.Errorf("weights: %w", err)
	}
	return openFile(path, f)
}

// openFS opens a file of fsys.
func openFS(fsys fs.FS, name string) (contents, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return contents{}, fmt.Errorf("weights: %w", err)
	}
	return openFile(name, f)
}

func openFile(name string, f fs.File) (contents, error) {
	info, err := f.Stat()
	if err != nil {
		return contents{}, errors.Join(fmt.Errorf("weights: %w", err), f.Close())
	}
	if disk, ok := f.(*os.File); ok {
		if data, unmap, err := mapFile(disk, info.Size()); err == nil {
			c := inMemory(name, data)
			c.close, c.pages = unmap, &pages{data: data}
			return c, f.Close() // the mapping stays
		}
	}
	if src, ok := f.(io.ReaderAt); ok {
		return contents{name: name, src: src, size: info.Size(), close: f.Close}, nil
	}
	data, err := io.ReadAll(f) // a file system of streams, such as zip: hold the bytes
	if err = errors.Join(err, f.Close()); err != nil {
		return contents{}, fmt.Errorf("weights: %s: %w", name, err)
	}
	return inMemory(name, data), nil
}

// inMemory are bytes; name is for error messages.
func inMemory(name string, data []byte) contents {
	return contents{name: name, src: bytes.NewReader(data), size: int64(len(data)), data: data}
}

// bytes returns bytes lo to hi, those in memory if there are any.
func (c *contents) bytes(lo, hi int64) ([]byte, error) {
	if c.data != nil {
		return c.data[lo:hi], nil
	}
	raw := make([]byte, hi-lo)
	if n, err := c.src.ReadAt(raw, lo); n < len(raw) {
		return nil, fmt.Errorf("reading %d bytes: %w", len(raw), err)
	}
	return raw, nil
}

// end closes the file.
func (c *contents) end() error {
	if c.close == nil {
		return nil
	}
	return c.close()
}

// parsed passes the contents of an opened file to parse, and closes the file if they are not what it should hold.
func parsed[T any](parse func(contents) (T, error)) func(contents, error) (T, error) {
	return func(c contents, err error) (T, error) {
		if err != nil {
			var none T
			return none, err
		}
		x, err := parse(c)
		if err != nil {
			err = errors.Join(err, c.end())
		}
		return x, err
	}
}

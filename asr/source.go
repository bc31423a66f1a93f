package asr

import (
	"context"
	"io"

	"github.com/parley-go/parley/audio"
)

// A breakable is a source for an engine: where it fails it ends instead, so that the engine finishes the segment that is open, and it
// keeps the error for after that. Once ctx has ended errors pass as they are, for then nobody waits for a result.
type breakable struct {
	audio.Source
	ctx context.Context // of the stream: Read has no other way to it
	err error
}

func (b *breakable) Read(p []float32) (int, error) {
	if b.err != nil {
		return 0, io.EOF
	}
	n, err := b.Source.Read(p)
	if err == nil || err == io.EOF || b.ctx.Err() != nil {
		return n, err
	}
	b.err = err
	return n, io.EOF
}

// countingSource counts the samples that pass.
type countingSource struct {
	audio.Source
	n int64
}

func (c *countingSource) Read(p []float32) (int, error) {
	n, err := c.Source.Read(p)
	c.n += int64(n)
	return n, err
}

package weights

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// A GGML is an open file of whisper.cpp: the shape of a Whisper model, its vocabulary and its tensors, which answer to the names of
// transformers' checkpoints. It is safe for concurrent use.
type GGML struct {
	Shape  GGMLShape
	Tokens []string // by id, as bytes; without the special ones

	name    string
	src     io.ReaderAt
	data    []byte // the whole file, if it is mapped or in memory
	pages   *pages // of data, if it is mapped
	close   func() error
	tensors map[string]ggmlTensor // by the names of transformers
}

// GGMLShape is the shape of the model, in the file's order.
type GGMLShape struct {
	Vocab                                           int
	AudioContext, AudioD, AudioHeads, AudioLayers   int
	TextContext, TextD, TextHeads, TextLayers, Mels int
	Kind                                            string // of most tensors: "F16", "Q5_1", ...
}

// ggmlTensor is one checked entry of the file.
type ggmlTensor struct {
	kind   *ggmlKind
	shape  []int // outermost first
	lo, hi int64 // bytes of the file
}

// OpenGGML opens a file in the format that whisper.cpp reads. It is mapped where the system can do that.
func OpenGGML(path string) (*GGML, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return openGGML(path, f)
}

// OpenGGMLFS opens a file of fsys as OpenGGML does.
func OpenGGMLFS(fsys fs.FS, name string) (*GGML, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return openGGML(name, f)
}

// ParseGGML reads a file that is in memory already; name is for error messages. The GGML keeps data.
func ParseGGML(name string, data []byte) (*GGML, error) {
	g, err := newGGML(name, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	g.data = data
	return g, nil
}

func openGGML(name string, f fs.File) (*GGML, error) {
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("weights: %w", err)
	}
	if disk, ok := f.(*os.File); ok {
		if data, unmap, err := mapFile(disk, info.Size()); err == nil {
			f.Close() // the mapping stays
			g, err := ParseGGML(name, data)
			if err != nil {
				return nil, errors.Join(err, unmap())
			}
			g.close, g.pages = unmap, &pages{data: data}
			return g, nil
		}
	}
	src, ok := f.(io.ReaderAt)
	if !ok { // a file system of streams: hold the bytes
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil {
			return nil, fmt.Errorf("weights: %s: %w", name, err)
		}
		return ParseGGML(name, data)
	}
	g, err := newGGML(name, src, info.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	g.close = f.Close
	return g, nil
}

func newGGML(name string, src io.ReaderAt, size int64) (*GGML, error) {
	g := &GGML{name: name, src: src, tensors: map[string]ggmlTensor{}}
	if err := g.parse(newGGMLReader(src, size)); err != nil {
		return nil, fmt.Errorf("weights: %s: %w", name, err)
	}
	return g, nil
}

// Close closes the file: nothing more can be read.
func (g *GGML) Close() error {
	g.tensors = nil // so that a late read is an error and not a fault
	if g.close == nil {
		return nil
	}
	return g.close()
}

// Names returns the names of all tensors, sorted.
func (g *GGML) Names() []string { return slices.Sorted(maps.Keys(g.tensors)) }

// Has reports whether the file holds the tensor.
func (g *GGML) Has(name string) bool {
	_, ok := g.tensors[name]
	return ok
}

// TensorShape returns a tensor's shape, nil if there is no such tensor.
func (g *GGML) TensorShape(name string) []int { return slices.Clone(g.tensors[name].shape) }

// Float32 reads a tensor, dequantised. The slice is the caller's own.
func (g *GGML) Float32(name string, shape ...int) ([]float32, error) {
	t, raw, err := g.find(name, shape)
	if err != nil {
		return nil, err
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	dst := make([]float32, n)
	t.kind.decode(dst, raw)
	return dst, nil
}

// Rows returns a reader of the rows of a tensor, which are dequantised when they are asked for.
func (g *GGML) Rows(name string, shape ...int) (Rows, error) {
	t, raw, err := g.find(name, shape)
	if err != nil {
		return nil, err
	}
	if len(shape) == 0 {
		return nil, g.errorf(name, "want rows, got a scalar")
	}
	stride := len(raw) / shape[0]
	width := stride / t.kind.bytes * t.kind.block
	return func(dst []float32, i int) {
		t.kind.decode(dst[:width], raw[i*stride:(i+1)*stride])
		g.pages.touch(stride)
	}, nil
}

// find returns a tensor of a shape and its bytes. Dimensions of one at the end do not matter: biases of convolutions have them.
func (g *GGML) find(name string, shape []int) (ggmlTensor, []byte, error) {
	t, ok := g.tensors[name]
	if !ok {
		return t, nil, g.errorf(name, "want shape %v, got no such tensor", shape)
	}
	have := t.shape
	for len(have) > len(shape) && have[len(have)-1] == 1 {
		have = have[:len(have)-1]
	}
	if !slices.Equal(have, shape) {
		return t, nil, g.errorf(name, "want shape %v, got %v", shape, t.shape)
	}
	if g.data != nil {
		return t, g.data[t.lo:t.hi], nil
	}
	raw := make([]byte, t.hi-t.lo)
	if n, err := g.src.ReadAt(raw, t.lo); n < len(raw) {
		return t, nil, g.errorf(name, "reading %d bytes: %w", len(raw), err)
	}
	return t, raw, nil
}

func (g *GGML) errorf(tensor, format string, args ...any) error {
	return fmt.Errorf("weights: %s: tensor %q: "+format, append([]any{g.name, tensor}, args...)...)
}

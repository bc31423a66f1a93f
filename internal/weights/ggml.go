package weights

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// A GGML is an open file of whisper.cpp: the shape of a Whisper model, its vocabulary and its tensors, which answer to the names of
// transformers' checkpoints. It is safe for concurrent use.
type GGML struct {
	Shape  GGMLShape
	Tokens []string // by id, as bytes; without the special ones

	contents
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
func OpenGGML(path string) (*GGML, error) { return parsed(newGGML)(openPath(path)) }

// OpenGGMLFS opens a file of fsys as OpenGGML does.
func OpenGGMLFS(fsys fs.FS, name string) (*GGML, error) { return parsed(newGGML)(openFS(fsys, name)) }

// ParseGGML reads a file that is in memory already; name is for error messages. The GGML keeps data.
func ParseGGML(name string, data []byte) (*GGML, error) { return newGGML(inMemory(name, data)) }

func newGGML(c contents) (*GGML, error) {
	g := &GGML{contents: c, tensors: map[string]ggmlTensor{}}
	if err := g.parse(newGGMLReader(c.src, c.size)); err != nil {
		return nil, fmt.Errorf("weights: %s: %w", c.name, err)
	}
	return g, nil
}

// Close closes the file: nothing more can be read.
func (g *GGML) Close() error {
	g.tensors = nil // so that a late read is an error and not a fault
	return g.end()
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
	raw, err := g.bytes(t.lo, t.hi)
	if err != nil {
		return t, nil, g.errorf(name, "%w", err)
	}
	return t, raw, nil
}

func (g *GGML) errorf(tensor, format string, args ...any) error {
	return fmt.Errorf("weights: %s: tensor %q: "+format, append([]any{g.name, tensor}, args...)...)
}

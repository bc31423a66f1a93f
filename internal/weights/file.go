package weights

import (
	"fmt"
	"io/fs"
	"slices"
	"sort"

	"github.com/parley-go/parley/internal/kernel"
)

// A File is an open safetensors file. It is safe for concurrent use.
type File struct {
	contents
	base    int64 // where tensor data starts
	tensors map[string]tensor
}

// Open opens a safetensors file. It is mapped where the system can do that, and read piece by piece elsewhere.
// Its matrices are float32; see As.
func Open(path string) (*File, error) { return parsed(newFile)(openPath(path)) }

// OpenFS opens a safetensors file of fsys, for instance of an embed.FS.
func OpenFS(fsys fs.FS, name string) (*File, error) { return parsed(newFile)(openFS(fsys, name)) }

// Parse reads a safetensors file that is in memory already; name is for error messages. The File keeps data.
func Parse(name string, data []byte) (*File, error) { return newFile(inMemory(name, data)) }

func newFile(c contents) (*File, error) {
	tensors, base, err := readHeader(c.src, c.size)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", c.name, err)
	}
	return &File{contents: c, base: base, tensors: tensors}, nil
}

// Close closes the file: nothing more can be read. Slices read from it stay valid.
func (f *File) Close() error {
	f.tensors = nil // so that a late read is an error and not a fault
	return f.end()
}

// Has reports whether the file holds the tensor.
func (f *File) Has(name string) bool {
	_, ok := f.tensors[name]
	return ok
}

// Names returns the names of all tensors, sorted.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.tensors))
	for name := range f.tensors {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Shape returns a tensor's shape, nil if there is no such tensor.
func (f *File) Shape(name string) []int { return slices.Clone(f.tensors[name].shape) }

// Type returns the type of a tensor's values, such as "F16"; "" if there is no such tensor.
func (f *File) Type(name string) string { return f.tensors[name].dtype }

// Float32 reads a tensor of type F32, F16 or BF16, or of type I8 with scales (see ScaleOf). The slice is the caller's own.
func (f *File) Float32(name string, shape ...int) ([]float32, error) {
	t, decode, scale, err := f.numbers(name, shape)
	if err != nil {
		return nil, err
	}
	dst := make([]float32, t.count())
	if err := f.read(t, func(i int, raw []byte) { decode(dst[i:i+len(raw)/t.size()], raw) }); err != nil {
		return nil, f.errorf(name, "%w", err)
	}
	scaleRows(dst, scale)
	return dst, nil
}

// Rows returns a reader of the rows of a tensor that Float32 can read; it lasts until Close.
func (f *File) Rows(name string, shape ...int) (Rows, error) {
	t, decode, scale, err := f.numbers(name, shape)
	if err != nil {
		return nil, err
	}
	if len(shape) == 0 {
		return nil, f.errorf(name, "want rows, got a scalar")
	}
	raw, err := f.bytes(t)
	if err != nil {
		return nil, f.errorf(name, "%w", err)
	}
	if shape[0] == 0 {
		return func([]float32, int) {}, nil
	}
	stride := len(raw) / shape[0]
	return func(dst []float32, i int) {
		decode(dst[:stride/t.size()], raw[i*stride:(i+1)*stride])
		f.pages.touch(stride)
		if scale != nil {
			kernel.Scale(dst, scale[i])
		}
	}, nil
}

// Matrix implements Loader.
func (f *File) Matrix(name string, out, in int) (*kernel.Packed, error) {
	return view{from: f}.Matrix(name, out, in)
}

// Pack implements Loader.
func (f *File) Pack(out, in int, rows Rows) *kernel.Packed { return view{from: f}.Pack(out, in, rows) }

// Precision implements Loader: float32.
func (f *File) Precision() kernel.Precision { return kernel.F32 }

// Threads implements Loader: all.
func (f *File) Threads() int { return 0 }

// Int8 reads the values of a tensor of type I8, without its scales.
func (f *File) Int8(name string, shape ...int) ([]int8, error) {
	t, err := f.find(name, shape)
	if err != nil {
		return nil, err
	}
	if t.dtype != "I8" {
		return nil, f.errorf(name, "want I8, got %s", t.dtype)
	}
	dst := make([]int8, t.count())
	err = f.read(t, func(i int, raw []byte) {
		for j, b := range raw {
			dst[i+j] = int8(b)
		}
	})
	if err != nil {
		return nil, f.errorf(name, "%w", err)
	}
	return dst, nil
}

// numbers finds a tensor of real numbers: how its bytes decode, and the scale of each row if it is I8.
func (f *File) numbers(name string, shape []int) (t tensor, decode decoder, scale []float32, err error) {
	if t, err = f.find(name, shape); err != nil {
		return t, nil, nil, err
	}
	if decode = decoders[t.dtype]; decode == nil {
		return t, nil, nil, f.errorf(name, "want F32, F16, BF16 or I8, got %s", t.dtype)
	}
	if t.dtype == "I8" {
		scale, err = f.scales(name, shape)
	}
	return t, decode, scale, err
}

func (f *File) find(name string, shape []int) (tensor, error) {
	t, ok := f.tensors[name]
	if !ok {
		return t, f.errorf(name, "want shape %v, got no such tensor", shape)
	}
	if !slices.Equal(t.shape, shape) {
		return t, f.errorf(name, "want shape %v, got %v", shape, t.shape)
	}
	return t, nil
}

// bytes returns the bytes of t.
func (f *File) bytes(t tensor) ([]byte, error) { return f.contents.bytes(f.base+t.lo, f.base+t.hi) }

// read calls visit(i, raw) with the bytes of elements i, i+1, ...: all of t in pieces. It keeps to the caller's thread: what is large and
// of a model's making is read by Rows.
func (f *File) read(t tensor, visit func(i int, raw []byte)) error {
	const piece = 1 << 15 // elements; the scratch stays in the L2 cache
	for lo := 0; lo < t.count(); lo += piece {
		hi := min(lo+piece, t.count())
		raw, err := f.contents.bytes(f.base+t.lo+int64(lo*t.size()), f.base+t.lo+int64(hi*t.size()))
		if err != nil {
			return err
		}
		visit(lo, raw)
	}
	return nil
}

func (f *File) errorf(tensor, format string, args ...any) error {
	return fmt.Errorf("weights: %s: tensor %q: "+format, append([]any{f.name, tensor}, args...)...)
}

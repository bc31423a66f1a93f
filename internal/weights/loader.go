package weights

import "github.com/parley-go/parley/internal/kernel"

// A Source gives the tensors of a checkpoint by name, whatever its format. The shape is what the caller needs; a tensor
// of another shape is an error. A Source is safe for concurrent use.
type Source interface {
	// Has reports whether a tensor of that name exists.
	Has(name string) bool
	// Float32 returns the values of a tensor, row-major, in a slice that the caller owns.
	Float32(name string, shape ...int) ([]float32, error)
	// Rows returns a reader of a tensor as a matrix of shape[0] rows; it lasts until the source is closed.
	Rows(name string, shape ...int) (Rows, error)
}

// Rows writes row i of a matrix to dst, which is as long as a row. It may be called from several goroutines.
type Rows func(dst []float32, i int)

// A Loader is a Source that also says how a model keeps its matrices and how many threads their products may use.
// As and WithThreads make one of any Source.
type Loader interface {
	Source
	// Matrix packs tensor (out, in) for the kernels, straight from the file: no float32 copy of it is ever made.
	Matrix(name string, out, in int) (*kernel.Packed, error)
	// Pack packs a matrix (out, in) whose rows are computed, such as several tensors on top of each other (Stack).
	Pack(out, in int, rows Rows) *kernel.Packed
	// Precision is that of the matrices.
	Precision() kernel.Precision
	// Threads is how many threads one call of the model may use, 0 for all.
	Threads() int
}

// As returns a Loader that keeps matrices in precision p. Everything else stays float32.
func As(s Source, p kernel.Precision) Loader {
	v := viewOf(s)
	v.precision = p
	return v
}

// Finer returns a Loader for the few matrices of a model that do not bear 8 bits, usually its first and last: bf16 instead.
func Finer(l Loader) Loader { return As(l, min(l.Precision(), kernel.BF16)) }

// WithThreads returns a Loader whose matrices are multiplied by at most n threads in one call; 0 is all of GOMAXPROCS.
func WithThreads(l Loader, n int) Loader {
	v := viewOf(l)
	v.threads = n
	return v
}

// Sub returns a view of l that puts prefix before every name: Sub(l, "encoder.").Float32("norm.weight", d) reads "encoder.norm.weight".
func Sub(l Loader, prefix string) Loader {
	v := viewOf(l)
	v.prefix += prefix
	return v
}

// view is a source with a prefix, a precision and a number of threads.
type view struct {
	from      Source
	prefix    string
	precision kernel.Precision
	threads   int
}

func viewOf(s Source) view {
	switch s := s.(type) {
	case view:
		return s
	case Loader:
		return view{from: s, precision: s.Precision(), threads: s.Threads()}
	}
	return view{from: s}
}

func (v view) Has(name string) bool { return v.from.Has(v.prefix + name) }

func (v view) Float32(name string, shape ...int) ([]float32, error) {
	return v.from.Float32(v.prefix+name, shape...)
}

func (v view) Rows(name string, shape ...int) (Rows, error) {
	return v.from.Rows(v.prefix+name, shape...)
}

func (v view) Matrix(name string, out, in int) (*kernel.Packed, error) {
	if s, ok := v.from.(int8Source); ok && v.precision == kernel.Int8 {
		rows, err := s.int8Rows(v.prefix+name, out, in)
		if rows != nil || err != nil {
			return packInt8(v.threads, out, in, rows), err
		}
	}
	rows, err := v.Rows(name, out, in)
	if err != nil {
		return nil, err
	}
	return v.Pack(out, in, rows), nil
}

func (v view) Pack(out, in int, rows Rows) *kernel.Packed {
	return kernel.PackRowsWithin(v.threads, v.precision, out, in, rows)
}

func (v view) Precision() kernel.Precision { return v.precision }

func (v view) Threads() int { return v.threads }

// Stack is the rows of several matrices on top of each other, so that one product computes them all.
// The zero value has none.
type Stack struct {
	parts []part
	out   int
}

type part struct {
	rows Rows
	end  int // of its rows in the stack
}

// Add puts out rows below the others.
func (s *Stack) Add(rows Rows, out int) {
	s.out += out
	s.parts = append(s.parts, part{rows, s.out})
}

// Out returns how many rows there are.
func (s *Stack) Out() int { return s.out }

// Row writes row i: Rows of the whole stack.
func (s *Stack) Row(dst []float32, i int) {
	start := 0
	for _, p := range s.parts {
		if i < p.end {
			p.rows(dst, i-start)
			return
		}
		start = p.end
	}
	panic("weights: Stack: no such row")
}

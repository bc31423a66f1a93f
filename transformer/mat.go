package transformer

import (
	"fmt"
	"io/fs"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/tensor"
	"github.com/parley-go/parley/internal/weights"
)

// Mat is a dense row-major matrix of float32: rows are time steps (T), columns features (D).
type Mat = tensor.Mat

// NewMat returns a zeroed (rows, cols) matrix.
func NewMat(rows, cols int) Mat { return tensor.New(rows, cols) }

// MatOf views data as a (rows, cols) matrix.
func MatOf(data []float32, rows, cols int) Mat { return tensor.From(data, rows, cols) }

// A Loader gives tensors by name, checks their shape, and packs matrices for the kernels.
type Loader = weights.Loader

// A Source gives tensors by name, whatever the format of their file. As makes it a Loader.
type Source = weights.Source

// Precision is how matrices are kept: F32, BF16 or Int8.
type Precision = kernel.Precision

// The precisions.
const (
	F32  = kernel.F32
	BF16 = kernel.BF16
	Int8 = kernel.Int8
)

// Weights is an open safetensors file, a Loader.
type Weights = weights.File

// OpenWeights opens a safetensors file. It may be closed once the model is loaded.
func OpenWeights(path string) (*Weights, error) { return weights.Open(path) }

// OpenWeightsFS opens a safetensors file of fsys.
func OpenWeightsFS(fsys fs.FS, name string) (*Weights, error) { return weights.OpenFS(fsys, name) }

// OpenWeightsDir opens the checkpoint at the root of fsys: model.safetensors, or the files that model.safetensors.index.json names.
func OpenWeightsDir(fsys fs.FS) (*weights.Dir, error) { return weights.OpenDirFS(fsys) }

// As returns a Loader that keeps matrices in precision p.
func As(f Source, p Precision) Loader { return weights.As(f, p) }

// WithThreads returns a Loader whose models use at most n threads in one call; 0 is all of GOMAXPROCS.
func WithThreads(f Loader, n int) Loader { return weights.WithThreads(f, n) }

// Sub returns a view of f that puts prefix before every name.
func Sub(f Loader, prefix string) Loader { return weights.Sub(f, prefix) }

// Act is a nonlinearity applied value by value.
type Act = kernel.Act

// The nonlinearities.
const (
	None     = kernel.None
	ReLU     = kernel.ReLU
	GELU     = kernel.GELU     // x Φ(x), by erf
	GELUTanh = kernel.GELUTanh // its tanh approximation
	SiLU     = kernel.SiLU
	Tanh     = kernel.Tanh
	Sigmoid  = kernel.Sigmoid
)

// buffer is scratch memory that grows to the largest size asked of it.
type buffer []float32

// mat returns a (rows, cols) matrix over b; its values are undefined.
func (b *buffer) mat(rows, cols int) Mat {
	n := rows * cols
	if cap(*b) < n {
		*b = make([]float32, n+n/2)
	}
	return Mat{Rows: rows, Cols: cols, Data: (*b)[:n:n]}
}

// checkCols panics unless x has the columns that a layer wants.
func checkCols(what string, x Mat, want int) {
	if x.Cols != want {
		panic(fmt.Sprintf("transformer: %s: want %d columns, got (%d, %d)", what, want, x.Rows, x.Cols))
	}
}

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

// A Loader gives tensors by name and checks their shape.
type Loader = weights.Loader

// Weights is an open safetensors file, a Loader.
type Weights = weights.File

// OpenWeights opens a safetensors file. It may be closed once the model is loaded.
func OpenWeights(path string) (*Weights, error) { return weights.Open(path) }

// OpenWeightsFS opens a safetensors file of fsys.
func OpenWeightsFS(fsys fs.FS, name string) (*Weights, error) { return weights.OpenFS(fsys, name) }

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

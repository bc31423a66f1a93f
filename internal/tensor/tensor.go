package tensor

import "fmt"

// Mat is a contiguous row-major matrix. Element (r, c) is Data[r*Cols+c].
// A Mat is a view: copying it does not copy Data.
type Mat struct {
	Rows, Cols int
	Data       []float32 // (Rows, Cols)
}

// New returns a zeroed (rows, cols) matrix.
func New(rows, cols int) Mat {
	if rows < 0 || cols < 0 {
		panic(fmt.Sprintf("tensor: New(%d, %d): negative size", rows, cols))
	}
	return Mat{rows, cols, make([]float32, rows*cols)}
}

// From views data as a (rows, cols) matrix. It panics unless len(data) == rows*cols.
func From(data []float32, rows, cols int) Mat {
	if rows < 0 || cols < 0 || len(data) != rows*cols {
		panic(fmt.Sprintf("tensor: From: %d values for shape (%d, %d)", len(data), rows, cols))
	}
	return Mat{rows, cols, data}
}

// Row returns row i, (Cols). Appending to it cannot reach the next row.
func (m Mat) Row(i int) []float32 {
	if i < 0 || i >= m.Rows {
		panic(fmt.Sprintf("tensor: row %d of %d", i, m.Rows))
	}
	lo, hi := i*m.Cols, (i+1)*m.Cols
	return m.Data[lo:hi:hi]
}

// Slice returns the view of rows lo..hi, (hi-lo, Cols).
func (m Mat) Slice(lo, hi int) Mat {
	if lo < 0 || hi < lo || hi > m.Rows {
		panic(fmt.Sprintf("tensor: rows %d:%d of %d", lo, hi, m.Rows))
	}
	return Mat{hi - lo, m.Cols, m.Data[lo*m.Cols : hi*m.Cols : hi*m.Cols]}
}

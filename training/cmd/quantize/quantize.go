package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/parley-go/parley/internal/weights"
)

// small is how many values are not worth fewer bits.
const small = 4096

// rules say which tensors, by name, are kept how.
type rules struct {
	keep   regexp.Regexp // those of floats
	coarse regexp.Regexp // of the others those of fewer levels
}

// run rewrites file in as file out and tells what that changed.
func run(report io.Writer, in, out string, r rules) error {
	f, err := weights.Open(in)
	if err != nil {
		return err
	}
	defer f.Close()
	var w weights.Writer
	table := tabwriter.NewWriter(report, 0, 8, 2, ' ', 0)
	for _, name := range f.Names() {
		if err := store(&w, table, f, name, r); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if err := w.Save(out); err != nil {
		return err
	}
	return sizes(report, in, out)
}

// store adds one tensor.
func store(w *weights.Writer, table io.Writer, f *weights.File, name string, r rules) error {
	shape := f.Shape(name)
	if base, ok := strings.CutSuffix(name, weights.ScaleOf("")); ok && f.Type(base) == "I8" {
		return nil // goes with its tensor
	}
	x, err := f.Float32(name, shape...)
	if err != nil {
		return err
	}
	switch {
	case matrix(name, shape, len(x)) && !r.keep.MatchString(name):
		quantize, kind := weights.Quantize, "I8"
		if r.coarse.MatchString(name) {
			quantize, kind = coarse, "I8, coarse"
		}
		off, err := storeInt8(w, name, x, shape, quantize)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%v\t%s\t%.3f %%\n", name, shape, kind, 100*off)
	case f.Type(name) == "F32" && len(x) <= small:
		w.Float32(name, x, shape...)
	default:
		w.Float16(name, x, shape...)
		if len(x) > small {
			fmt.Fprintf(table, "%s\t%v\tF16\t\n", name, shape)
		}
	}
	return nil
}

// matrix tells whether a tensor is worth 8 bits.
func matrix(name string, shape []int, values int) bool {
	return strings.HasSuffix(name, ".weight") && (len(shape) == 2 || len(shape) == 3) && values > small
}

// storeInt8 adds x, whose first dimension is that of the outputs, in 8 bits. It returns by how much that is off.
func storeInt8(w *weights.Writer, name string, x []float32, shape []int, quantize func([]int8, []float32) float32) (off float64, err error) {
	q, scale := make([]int8, len(x)), make([]float32, shape[0])
	in := len(x) / shape[0]
	var wrong, total float64
	for i := range scale {
		row := x[i*in : (i+1)*in]
		s := quantize(q[i*in:(i+1)*in], row)
		if s != s {
			return 0, fmt.Errorf("tensor %q: row %d has a value that is no finite number", name, i)
		}
		scale[i] = s
		for j, v := range row {
			d := float64(v) - float64(s)*float64(q[i*in+j])
			wrong, total = wrong+d*d, total+float64(v)*float64(v)
		}
	}
	w.Int8(name, q, scale, shape...)
	return math.Sqrt(wrong / max(total, math.SmallestNonzeroFloat64)), nil
}

// sizes tells how long the two files are.
func sizes(report io.Writer, in, out string) error {
	before, err := os.Stat(in)
	if err != nil {
		return err
	}
	after, err := os.Stat(out)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(report, "%d bytes became %d (%.1f %%)\n", before.Size(), after.Size(), 100*float64(after.Size())/float64(before.Size()))
	return err
}

package weights

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
)

// A Writer collects tensors for one safetensors file. The zero value is empty and ready.
type Writer struct {
	tensors map[string]tensor
	data    []byte
}

// Float32 adds a tensor of type F32. Values beyond or short of the shape, or a name used before, panic.
func (w *Writer) Float32(name string, values []float32, shape ...int) {
	for _, v := range values {
		w.data = binary.LittleEndian.AppendUint32(w.data, math.Float32bits(v))
	}
	w.add(name, "F32", len(values), shape)
}

// Float16 adds a tensor of type F16, rounded to nearest.
func (w *Writer) Float16(name string, values []float32, shape ...int) {
	for _, v := range values {
		w.data = binary.LittleEndian.AppendUint16(w.data, toF16(v))
	}
	w.add(name, "F16", len(values), shape)
}

// Int8 adds a tensor of type I8; scale, one for each row, goes into ScaleOf(name) unless it is nil.
func (w *Writer) Int8(name string, values []int8, scale []float32, shape ...int) {
	for _, v := range values {
		w.data = append(w.data, byte(v))
	}
	w.add(name, "I8", len(values), shape)
	if scale != nil {
		w.Float32(ScaleOf(name), scale, len(scale))
	}
}

func (w *Writer) add(name, dtype string, count int, shape []int) {
	want := 1
	for _, dim := range shape {
		want *= dim
	}
	if _, twice := w.tensors[name]; twice || want != count {
		panic(fmt.Sprintf("weights: Writer: tensor %q: %d values for shape %v, or a second one of that name", name, count, shape))
	}
	if w.tensors == nil {
		w.tensors = map[string]tensor{}
	}
	hi := int64(len(w.data))
	w.tensors[name] = tensor{dtype, shape, hi - int64(count*elementSize[dtype]), hi}
}

// WriteTo writes the file.
func (w *Writer) WriteTo(out io.Writer) (int64, error) {
	type entry struct {
		DType   string   `json:"dtype"`
		Shape   []int    `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	entries := make(map[string]entry, len(w.tensors))
	for name, t := range w.tensors {
		shape := t.shape
		if shape == nil {
			shape = []int{}
		}
		entries[name] = entry{t.dtype, shape, [2]int64{t.lo, t.hi}}
	}
	header, err := json.Marshal(entries)
	if err != nil {
		return 0, fmt.Errorf("weights: %w", err)
	}
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	file = append(append(file, header...), w.data...)
	n, err := out.Write(file)
	return int64(n), err
}

// Save writes the file to path.
func (w *Writer) Save(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	if _, err := w.WriteTo(f); err != nil {
		f.Close()
		return fmt.Errorf("weights: %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	return nil
}

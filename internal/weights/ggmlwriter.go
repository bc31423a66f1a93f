package weights

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A GGMLWriter makes files of whisper.cpp in memory, for tests and tools.
type GGMLWriter struct{ data []byte }

// NewGGMLWriter begins a file with the shape, filters of zeros and the vocabulary.
func NewGGMLWriter(s GGMLShape, tokens []string) *GGMLWriter {
	w := &GGMLWriter{}
	kind := 0
	for k, name := range ggmlFileKinds {
		if name == s.Kind {
			kind = k
		}
	}
	w.numbers(ggmlMagic, s.Vocab, s.AudioContext, s.AudioD, s.AudioHeads, s.AudioLayers, s.TextContext, s.TextD, s.TextHeads, s.TextLayers, s.Mels, kind)
	w.numbers(s.Mels, ggmlFilter)
	w.data = append(w.data, make([]byte, 4*s.Mels*ggmlFilter)...)
	w.numbers(len(tokens))
	for _, t := range tokens {
		w.numbers(len(t))
		w.data = append(w.data, t...)
	}
	return w
}

func (w *GGMLWriter) numbers(list ...int) {
	for _, n := range list {
		w.data = binary.LittleEndian.AppendUint32(w.data, uint32(n))
	}
}

// Tensor adds a tensor of kind F32, F16, Q4_0, Q4_1, Q5_0, Q5_1 or Q8_0 under whisper.cpp's name; the shape has the outermost dimension first.
func (w *GGMLWriter) Tensor(name, kind string, values []float32, shape ...int) {
	id, ok := map[string]int{"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q5_0": 6, "Q5_1": 7, "Q8_0": 8}[kind]
	if !ok {
		panic(fmt.Sprintf("weights: GGMLWriter: kind %q", kind))
	}
	w.numbers(len(shape), len(name), id)
	for i := range shape {
		w.numbers(shape[len(shape)-1-i])
	}
	w.data = append(w.data, name...)
	switch kind {
	case "F32":
		for _, v := range values {
			w.data = binary.LittleEndian.AppendUint32(w.data, math.Float32bits(v))
		}
	case "F16":
		w.halves(values...)
	default:
		for ; len(values) > 0; values = values[ggmlBlock:] {
			w.block(kind, values[:ggmlBlock])
		}
	}
}

func (w *GGMLWriter) halves(values ...float32) {
	for _, v := range values {
		w.data = binary.LittleEndian.AppendUint16(w.data, toF16(v))
	}
}

// block quantises 32 values as ggml does: those of kinds that end in 0 around zero, the others between the least and the greatest.
func (w *GGMLWriter) block(kind string, x []float32) {
	lo, hi, most := x[0], x[0], x[0]
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
		if math.Abs(float64(v)) > math.Abs(float64(most)) {
			most = v
		}
	}
	var q [ggmlBlock]int
	switch kind {
	case "Q8_0":
		d := float32(math.Abs(float64(most))) / 127
		w.halves(d)
		for i, v := range x {
			q[i] = int(math.Round(ratio(v, d)))
			w.data = append(w.data, byte(q[i]))
		}
		return
	case "Q4_0", "Q5_0":
		half := map[string]float32{"Q4_0": 8, "Q5_0": 16}[kind]
		d := most / -half
		w.halves(d)
		for i, v := range x {
			q[i] = min(int(ratio(v, d)+float64(half)+0.5), int(2*half-1))
		}
	default:
		top := map[string]float32{"Q4_1": 15, "Q5_1": 31}[kind]
		d := (hi - lo) / top
		w.halves(d, lo)
		for i, v := range x {
			q[i] = min(int(ratio(v-lo, d)+0.5), int(top))
		}
	}
	w.packed(kind[1] == '5', q)
}

// ratio is x/d, 0 if d is 0.
func ratio(x, d float32) float64 {
	if d == 0 {
		return 0
	}
	return float64(x) / float64(d)
}

// packed writes values of 4 or 5 bits.
func (w *GGMLWriter) packed(five bool, q [ggmlBlock]int) {
	if five {
		var high uint32
		for i, v := range q {
			high |= uint32(v>>4) << i
		}
		w.data = binary.LittleEndian.AppendUint32(w.data, high)
	}
	for i := range ggmlBlock / 2 {
		w.data = append(w.data, byte(q[i]&15|q[i+16]&15<<4))
	}
}

// Bytes returns the file.
func (w *GGMLWriter) Bytes() []byte { return w.data }

package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
)

// Layout of a file: an unsigned 64-bit little-endian length n, n bytes of JSON, then the data of all tensors.
const (
	maxHeader = 100 << 20 // the limit of the reference reader
	maxDims   = 8
)

// tensor is one checked entry of the header.
type tensor struct {
	dtype  string
	shape  []int
	lo, hi int64 // bytes, from the start of the data
}

// elementSize is the bytes of one element of each type that a file may contain; not all can be read.
var elementSize = map[string]int{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
	"I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
}

func (t tensor) size() int { return elementSize[t.dtype] }

// count returns how many elements t has.
func (t tensor) count() int { return int((t.hi - t.lo) / int64(t.size())) }

// readHeader returns the checked entries and where the data starts.
func readHeader(src io.ReaderAt, size int64) (map[string]tensor, int64, error) {
	if size < 8 {
		return nil, 0, fmt.Errorf("%d bytes are too few for a safetensors file", size)
	}
	var prefix [8]byte
	if n, err := src.ReadAt(prefix[:], 0); n < 8 {
		return nil, 0, fmt.Errorf("reading the header: %w", err)
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	if n > maxHeader || int64(n) > size-8 {
		return nil, 0, fmt.Errorf("header of %d bytes in a file of %d, limit %d", n, size, maxHeader)
	}
	header := make([]byte, n)
	if got, err := src.ReadAt(header, 8); got < len(header) {
		return nil, 0, fmt.Errorf("reading the header: %w", err)
	}
	base := 8 + int64(n)
	tensors, err := parseHeader(header)
	if err != nil {
		return nil, 0, fmt.Errorf("header: %w", err)
	}
	if err := checkTiling(tensors, size-base); err != nil {
		return nil, 0, fmt.Errorf("header: %w", err)
	}
	return tensors, base, nil
}

// parseHeader walks {"name": {"dtype", "shape", "data_offsets"}, ..., "__metadata__": {...}} key by key, because a
// decoded map would hide duplicate names.
func parseHeader(header []byte) (map[string]tensor, error) {
	dec := json.NewDecoder(bytes.NewReader(header))
	if err := expect(dec, json.Delim('{')); err != nil {
		return nil, err
	}
	tensors := map[string]tensor{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string) // keys of an object are strings, or Token fails
		if name == "__metadata__" {
			var ignored map[string]string
			if err := dec.Decode(&ignored); err != nil {
				return nil, fmt.Errorf("__metadata__: %w", err)
			}
			continue
		}
		if _, twice := tensors[name]; twice {
			return nil, fmt.Errorf("tensor %q appears twice", name)
		}
		if tensors[name], err = parseTensor(dec); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
	}
	if err := expect(dec, json.Delim('}')); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("text after the JSON object")
	}
	return tensors, nil
}

func expect(dec *json.Decoder, want json.Delim) error {
	if got, err := dec.Token(); err != nil {
		return err
	} else if got != want {
		return fmt.Errorf("want %v, got %v", want, got)
	}
	return nil
}

func parseTensor(dec *json.Decoder) (tensor, error) {
	var raw struct {
		DType   string  `json:"dtype"`
		Shape   []int64 `json:"shape"`
		Offsets []int64 `json:"data_offsets"`
	}
	if err := dec.Decode(&raw); err != nil {
		return tensor{}, err
	}
	size := elementSize[raw.DType]
	if size == 0 {
		return tensor{}, fmt.Errorf("unknown type %q", raw.DType)
	}
	if len(raw.Shape) > maxDims {
		return tensor{}, fmt.Errorf("%d dimensions, limit %d", len(raw.Shape), maxDims)
	}
	if len(raw.Offsets) != 2 || raw.Offsets[0] < 0 || raw.Offsets[1] < raw.Offsets[0] {
		return tensor{}, fmt.Errorf("bad data_offsets %v", raw.Offsets)
	}
	t := tensor{dtype: raw.DType, shape: make([]int, len(raw.Shape)), lo: raw.Offsets[0], hi: raw.Offsets[1]}
	bytes := int64(size)
	for i, dim := range raw.Shape {
		if dim < 0 || dim > math.MaxInt32 || dim > 0 && bytes > math.MaxInt64/dim {
			return tensor{}, fmt.Errorf("bad shape %v", raw.Shape)
		}
		bytes *= dim
		t.shape[i] = int(dim)
	}
	if bytes != t.hi-t.lo {
		return tensor{}, fmt.Errorf("want %d bytes for %s of shape %v, got data_offsets %v", bytes, t.dtype, t.shape, raw.Offsets)
	}
	return t, nil
}

// checkTiling makes sure that the tensors cover the data exactly: no overlap, no hole, nothing outside.
func checkTiling(tensors map[string]tensor, size int64) error {
	names := make([]string, 0, len(tensors))
	for name := range tensors {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := tensors[names[i]], tensors[names[j]]
		if a.lo != b.lo {
			return a.lo < b.lo
		}
		return a.hi < b.hi
	})
	var end int64
	for _, name := range names {
		t := tensors[name]
		if t.lo != end || t.hi > size {
			return fmt.Errorf("tensor %q: want data from %d within %d bytes, got %d to %d", name, end, size, t.lo, t.hi)
		}
		end = t.hi
	}
	if end != size {
		return fmt.Errorf("the tensors end at byte %d of %d", end, size)
	}
	return nil
}

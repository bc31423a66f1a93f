package weights

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Layout of a file, all little-endian 32-bit numbers: the magic, eleven numbers of the shape, the mel filters (rows, columns, float32
// values), the vocabulary (a count; length and bytes of each token), then tensors up to the end: dimensions, length of the name, kind,
// the dimensions from the innermost one, the name, the data.
const (
	ggmlMagic  = 0x67676d6c // "ggml", which reads "lmgg" in the file
	ggufMagic  = 0x46554747
	ggmlFactor = 1000 // the kind of most tensors is that number modulo this, the rest a version

	ggmlFilter = 201 // values of a mel filter: half of the transform of 400 samples, and one

	maxGGMLTensors = 1 << 14
	maxGGMLName    = 1 << 8
	maxGGMLToken   = 1 << 12
	maxGGMLDims    = 4
)

// ggmlReader reads numbers and knows where it is.
type ggmlReader struct {
	src  io.ReaderAt
	in   *bufio.Reader
	at   int64
	size int64
}

func newGGMLReader(src io.ReaderAt, size int64) *ggmlReader {
	r := &ggmlReader{src: src, in: bufio.NewReaderSize(nil, 1<<16), size: size}
	r.seek(0)
	return r
}

// seek goes on at byte at of the file.
func (r *ggmlReader) seek(at int64) {
	r.at = at
	r.in.Reset(io.NewSectionReader(r.src, at, r.size-at))
}

func (r *ggmlReader) left() int64 { return r.size - r.at }

// bytes fills buf.
func (r *ggmlReader) bytes(buf []byte) error {
	n, err := io.ReadFull(r.in, buf)
	r.at += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the file is cut off at byte %d: load it again", r.size)
	}
	return err
}

// number reads one of lo to hi.
func (r *ggmlReader) number(what string, lo, hi int) (int, error) {
	var buf [4]byte
	if err := r.bytes(buf[:]); err != nil {
		return 0, err
	}
	n := int(int32(binary.LittleEndian.Uint32(buf[:])))
	if n < lo || n > hi {
		return 0, fmt.Errorf("%s is %d, want %d to %d", what, n, lo, hi)
	}
	return n, nil
}

func (g *GGML) parse(r *ggmlReader) error {
	for _, step := range []func(*ggmlReader) error{g.parseShape, g.skipFilters, g.parseTokens, g.parseTensors} {
		if err := step(r); err != nil {
			return err
		}
	}
	return nil
}

func (g *GGML) parseShape(r *ggmlReader) error {
	var magic [4]byte
	if err := r.bytes(magic[:]); err != nil {
		return err
	}
	switch binary.LittleEndian.Uint32(magic[:]) {
	case ggmlMagic:
	case ggufMagic:
		return errors.New("a GGUF file; want a ggml file of whisper.cpp (ggml-base.bin) or a directory with safetensors")
	default:
		return fmt.Errorf("begins with %q: no ggml file of whisper.cpp", magic[:])
	}
	s, kind := &g.Shape, 0
	const most = 1 << 16
	for _, f := range []struct {
		name string
		to   *int
		most int
	}{
		{"n_vocab", &s.Vocab, 1 << 20}, {"n_audio_ctx", &s.AudioContext, most}, {"n_audio_state", &s.AudioD, most}, {"n_audio_head", &s.AudioHeads, most},
		{"n_audio_layer", &s.AudioLayers, 1 << 10}, {"n_text_ctx", &s.TextContext, most}, {"n_text_state", &s.TextD, most},
		{"n_text_head", &s.TextHeads, most}, {"n_text_layer", &s.TextLayers, 1 << 10}, {"n_mels", &s.Mels, 1 << 10},
	} {
		var err error
		if *f.to, err = r.number(f.name, 1, f.most); err != nil {
			return err
		}
	}
	kind, err := r.number("ftype", 0, 1<<30)
	if err != nil {
		return err
	}
	if s.Kind = ggmlFileKinds[kind%ggmlFactor]; s.Kind == "" {
		return fmt.Errorf("ftype is %d, which is not supported: want f32, f16, q4_0, q4_1, q5_0, q5_1 or q8_0", kind%ggmlFactor)
	}
	return nil
}

// ggmlFileKinds are the values of ftype.
var ggmlFileKinds = map[int]string{0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1"}

// skipFilters passes the mel filters, which every Whisper of so many mels has alike.
func (g *GGML) skipFilters(r *ggmlReader) error {
	rows, err := r.number("the number of mel filters", 1, 1<<10)
	if err != nil {
		return err
	}
	columns, err := r.number("the length of mel filters", 1, 1<<14)
	if err != nil {
		return err
	}
	if rows != g.Shape.Mels || columns != ggmlFilter {
		return fmt.Errorf("mel filters (%d, %d), want (%d, %d)", rows, columns, g.Shape.Mels, ggmlFilter)
	}
	n := 4 * int64(rows) * int64(columns)
	if n > r.left() {
		return fmt.Errorf("the file is cut off in the mel filters, at byte %d: load it again", r.size)
	}
	r.seek(r.at + n)
	return nil
}

func (g *GGML) parseTokens(r *ggmlReader) error {
	n, err := r.number("the number of tokens", 1, g.Shape.Vocab)
	if err != nil {
		return err
	}
	if int64(n) > r.left()/4 {
		return fmt.Errorf("the file is cut off in the vocabulary, at byte %d: load it again", r.size)
	}
	g.Tokens = make([]string, n)
	buf := make([]byte, maxGGMLToken)
	for i := range g.Tokens {
		size, err := r.number("its length", 0, maxGGMLToken)
		if err == nil {
			err = r.bytes(buf[:size])
		}
		if err != nil {
			return fmt.Errorf("token %d: %w", i, err)
		}
		g.Tokens[i] = string(buf[:size])
	}
	return nil
}

func (g *GGML) parseTensors(r *ggmlReader) error {
	for r.left() > 0 {
		if len(g.tensors) == maxGGMLTensors {
			return fmt.Errorf("more than %d tensors", maxGGMLTensors)
		}
		name, t, err := parseGGMLTensor(r)
		if err != nil {
			return fmt.Errorf("tensor %d: %w", len(g.tensors), err)
		}
		name = transformersName(name)
		if _, twice := g.tensors[name]; twice {
			return fmt.Errorf("tensor %q appears twice", name)
		}
		g.tensors[name] = t
		r.seek(t.hi)
	}
	if len(g.tensors) == 0 {
		return errors.New("the file has no tensors: it is one that whisper.cpp uses for its tests, or it is cut off")
	}
	return nil
}

func parseGGMLTensor(r *ggmlReader) (name string, t ggmlTensor, err error) {
	dims, err := r.number("the number of dimensions", 1, maxGGMLDims)
	if err != nil {
		return "", t, err
	}
	length, err := r.number("the length of the name", 1, maxGGMLName)
	if err != nil {
		return "", t, err
	}
	kind, err := r.number("the kind", 0, 1<<16)
	if err != nil {
		return "", t, err
	}
	count := int64(1)
	for range dims {
		d, err := r.number("a dimension", 1, 1<<24)
		if err != nil {
			return "", t, err
		}
		if count > r.size*2/int64(d) { // a value takes at least half a byte
			return "", t, fmt.Errorf("dimensions %v and %d in a file of %d bytes", t.shape, d, r.size)
		}
		count *= int64(d)
		t.shape = append(t.shape, d)
	}
	buf := make([]byte, length)
	if err := r.bytes(buf); err != nil {
		return "", t, err
	}
	name = string(buf)
	if t.kind = ggmlKinds[kind]; t.kind == nil {
		return name, t, fmt.Errorf("%q is of kind %d, which is not supported: want f32, f16, q4_0, q4_1, q5_0, q5_1 or q8_0", name, kind)
	}
	if t.shape[0]%t.kind.block != 0 {
		return name, t, fmt.Errorf("%q has rows of %d values, want a multiple of %d", name, t.shape[0], t.kind.block)
	}
	slices.Reverse(t.shape)
	t.lo = r.at
	t.hi = r.at + count/int64(t.kind.block)*int64(t.kind.bytes)
	if t.hi > r.size {
		return name, t, fmt.Errorf("%q ends at byte %d, the file at %d: it is cut off, load it again", name, t.hi, r.size)
	}
	return name, t, nil
}

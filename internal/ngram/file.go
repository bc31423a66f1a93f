package ngram

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Layout of lm.bin, little-endian:
//
//	magic   "parleyLM", uint32 version 1
//	counts  3 uint32: unigrams V, bigrams, trigrams
//	words   uint32 length, then for each word in ascending order: bytes shared with the one before, bytes that follow, those bytes
//	1-grams probabilities, back-offs (column), first children (V+1 packed integers)
//	2-grams last words (packed), probabilities, back-offs, first children (bigrams+1 packed)
//	3-grams last words (packed), probabilities
//
// A column is 256 float32 and one byte for each n-gram. The width of packed integers follows from the counts.
const magic = "parleyLM\x01\x00\x00\x00"

// maxCount bounds each count, far above any model of this kind.
const maxCount = 1 << 28

var errShort = errors.New("file is too short for its counts")

// Read returns the model in data, which it refers to and which must not change.
func Read(data []byte) (*Model, error) {
	r := reader{data: data}
	if string(r.bytes(len(magic))) != magic {
		return nil, errors.New("not a language model (lm.bin version 1)")
	}
	m := &Model{}
	for i := range m.n {
		n := r.uint32()
		if n > maxCount || int(n) > len(data) {
			return nil, errShort
		}
		m.n[i] = int(n)
	}
	if err := m.readWords(r.bytes(int(r.uint32()))); err != nil {
		return nil, err
	}
	for i, n := range m.n {
		if i > 0 {
			m.word[i-1] = r.packed(n, widthFor(m.n[0]))
		}
		r.column(&m.prob[i], n)
		if i < 2 {
			r.column(&m.back[i], n)
			m.first[i] = r.packed(n+1, widthFor(m.n[i+1]))
		}
	}
	if r.short {
		return nil, errShort
	}
	m.bos, m.eos, m.unk = m.ID("<s>"), m.ID("</s>"), m.ID("<unk>")
	if m.bos < 0 || m.eos < 0 || m.unk < 0 {
		return nil, errors.New("vocabulary lacks <s>, </s> or <unk>")
	}
	return m, nil
}

func (m *Model) readWords(b []byte) error {
	var prev []byte
	for range m.n[0] {
		if len(b) < 2 || int(b[0]) > len(prev) || len(b) < 2+int(b[1]) {
			return errors.New("broken word list")
		}
		w := append(prev[:b[0]:b[0]], b[2:2+int(b[1])]...)
		b = b[2+int(b[1]):]
		if n := len(m.words); n > 0 && m.words[n-1] >= string(w) {
			return fmt.Errorf("word list is not ascending at %q", w)
		}
		m.words = append(m.words, string(w))
		prev = w
	}
	return nil
}

// reader cuts data into sections; short is set when it runs out, and what is returned then is zero.
type reader struct {
	data  []byte
	short bool
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.short, r.data = true, nil
		return nil
	}
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) packed(n int, width uint) packed {
	b := r.bytes(packedSize(n, width))
	if b == nil {
		return packed{}
	}
	return newPacked(b, n, width)
}

func (r *reader) column(c *column, n int) {
	b := r.bytes(4*256 + n)
	if b == nil {
		return
	}
	for i := range c.book {
		c.book[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	c.code = b[4*256:]
}

package weights

import (
	"encoding/binary"

	"github.com/parley-go/parley/internal/kernel"
)

// A ggmlKind is a way to store values: so many in a block of so many bytes.
type ggmlKind struct {
	block, bytes int
	decode       decoder
}

// ggmlKinds are those of whisper.cpp's files. A quantised block has 32 values: a scale d of 16 bits and in some kinds an offset m, then
// the values; those of 4 bits and the low 4 of 5 bits share a byte between values i and i+16.
var ggmlKinds = map[int]*ggmlKind{
	0: {1, 4, decodeF32},
	1: {1, 2, kernel.FromF16},
	2: {ggmlBlock, 2 + 16, decodeQ40},
	3: {ggmlBlock, 4 + 16, decodeQ41},
	6: {ggmlBlock, 2 + 4 + 16, decodeQ50},
	7: {ggmlBlock, 4 + 4 + 16, decodeQ51},
	8: {ggmlBlock, 2 + 32, decodeQ80},
}

const ggmlBlock = 32

// half widens the 16-bit float that raw begins with.
func half(raw []byte) float32 {
	var x [1]float32
	kernel.FromF16(x[:], raw[:2])
	return x[0]
}

func decodeQ40(dst []float32, raw []byte) {
	for ; len(dst) > 0; dst, raw = dst[ggmlBlock:], raw[18:] {
		nibbles(dst, raw[2:18], half(raw), -8*half(raw))
	}
}

func decodeQ41(dst []float32, raw []byte) {
	for ; len(dst) > 0; dst, raw = dst[ggmlBlock:], raw[20:] {
		nibbles(dst, raw[4:20], half(raw), half(raw[2:]))
	}
}

// nibbles writes d*q + m for the 32 values of 4 bits in q.
func nibbles(dst []float32, q []byte, d, m float32) {
	lo, hi := dst[:16], dst[16:32]
	for i, b := range q[:16] {
		lo[i] = d*float32(b&15) + m
		hi[i] = d*float32(b>>4) + m
	}
}

func decodeQ50(dst []float32, raw []byte) {
	for ; len(dst) > 0; dst, raw = dst[ggmlBlock:], raw[22:] {
		fives(dst, raw[6:22], binary.LittleEndian.Uint32(raw[2:]), half(raw), -16*half(raw))
	}
}

func decodeQ51(dst []float32, raw []byte) {
	for ; len(dst) > 0; dst, raw = dst[ggmlBlock:], raw[24:] {
		fives(dst, raw[8:24], binary.LittleEndian.Uint32(raw[4:]), half(raw), half(raw[2:]))
	}
}

// fives writes d*q + m for the 32 values of 5 bits, the highest of which are the bits of high.
func fives(dst []float32, q []byte, high uint32, d, m float32) {
	lo, hi := dst[:16], dst[16:32]
	for i, b := range q[:16] {
		lo[i] = d*float32(b&15|byte(high>>i&1)<<4) + m
		hi[i] = d*float32(b>>4|byte(high>>(i+16)&1)<<4) + m
	}
}

func decodeQ80(dst []float32, raw []byte) {
	for ; len(dst) > 0; dst, raw = dst[ggmlBlock:], raw[34:] {
		d := half(raw)
		for i, b := range raw[2:34] {
			dst[i] = d * float32(int8(b))
		}
	}
}

package ngram

import (
	"encoding/binary"
	"math/bits"
)

// packed is an array of n unsigned integers of width bits each, least significant bit first. Seven bytes of padding follow
// the last element, so that every element can be read by one unaligned 64-bit load.
type packed struct {
	data  []byte
	n     int
	width uint // at most 57
	mask  uint64
}

func packedSize(n int, width uint) int { return (n*int(width)+7)/8 + 7 }

func newPacked(data []byte, n int, width uint) packed {
	return packed{data[:packedSize(n, width)], n, width, 1<<width - 1}
}

func (p packed) at(i int) int {
	bit := uint(i) * p.width
	return int(binary.LittleEndian.Uint64(p.data[bit>>3:]) >> (bit & 7) & p.mask)
}

func (p packed) set(i, v int) {
	bit := uint(i) * p.width
	b := p.data[bit>>3:]
	x := binary.LittleEndian.Uint64(b)
	binary.LittleEndian.PutUint64(b, x&^(p.mask<<(bit&7))|uint64(v)<<(bit&7))
}

// widthFor is the number of bits of values 0 to most.
func widthFor(most int) uint { return uint(max(1, bits.Len(uint(most)))) }

// search returns the index of v in the ascending elements [lo, hi), or -1.
func (p packed) search(lo, hi, v int) int {
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch x := p.at(mid); {
		case x < v:
			lo = mid + 1
		case x > v:
			hi = mid
		default:
			return mid
		}
	}
	return -1
}

package ngram

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Pack quantises the model and returns it in the layout of file.go.
func (a *Arpa) Pack() ([]byte, error) {
	words, err := packWords(a.Words)
	if err != nil {
		return nil, err
	}
	out := []byte(magic)
	for _, list := range a.Grams {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(list)))
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(words)))
	out = append(out, words...)
	for n, list := range a.Grams {
		if n > 0 {
			out = appendPacked(out, len(list), len(a.Words), func(i int) int { return int(list[i].Words[n]) })
		}
		out = appendColumn(out, list, func(g Gram) float32 { return g.Prob })
		if n == 2 {
			break
		}
		out = appendColumn(out, list, func(g Gram) float32 { return g.Back })
		first, err := a.firstChildren(n)
		if err != nil {
			return nil, err
		}
		out = appendPacked(out, len(first), len(a.Grams[n+1]), func(i int) int { return first[i] })
	}
	return out, nil
}

func packWords(words []string) ([]byte, error) {
	var out []byte
	prev := ""
	for _, w := range words {
		shared := 0
		for shared < len(w) && shared < len(prev) && w[shared] == prev[shared] {
			shared++
		}
		if len(w) > 255 {
			return nil, fmt.Errorf("word of %d bytes", len(w))
		}
		out = append(out, byte(shared), byte(len(w)-shared))
		out = append(out, w[shared:]...)
		prev = w
	}
	return out, nil
}

func appendPacked(out []byte, n, most int, value func(i int) int) []byte {
	width := widthFor(most)
	at := len(out)
	out = append(out, make([]byte, packedSize(n, width))...)
	p := newPacked(out[at:], n, width)
	for i := range n {
		p.set(i, value(i))
	}
	return out
}

// firstChildren returns for each n-gram of order n+1 the index of its first child, and the number of all children at the end.
func (a *Arpa) firstChildren(n int) ([]int, error) {
	parents, children := a.Grams[n], a.Grams[n+1]
	first := make([]int, len(parents)+1)
	k := 0
	for i, p := range parents {
		first[i] = k
		for k < len(children) && slices.Equal(children[k].Words[:n+1], p.Words[:n+1]) {
			k++
		}
	}
	if k < len(children) {
		return nil, fmt.Errorf("a %d-gram starts with a %d-gram that is not listed", n+2, n+1)
	}
	first[len(parents)] = k
	return first, nil
}

func appendColumn(out []byte, list []Gram, value func(Gram) float32) []byte {
	book := codebook(list, value)
	for _, v := range book {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	for _, g := range list {
		out = append(out, byte(nearest(book, value(g))))
	}
	return out
}

// codebook returns 256 ascending values near which the column's values lie: Lloyd's algorithm from quantiles, and 0, the back-off of
// what has no children.
func codebook(list []Gram, value func(Gram) float32) []float32 {
	book := make([]float32, 255, 256)
	all := make([]float32, 0, len(list))
	for _, g := range list {
		if v := value(g); v != 0 {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		return book[:256]
	}
	slices.Sort(all)
	for i := range book {
		book[i] = all[i*(len(all)-1)/254]
	}
	for range 20 {
		lo := 0
		for i := range book {
			hi := len(all)
			if i < 254 {
				mid := (book[i] + book[i+1]) / 2
				hi = lo + sort.Search(len(all)-lo, func(k int) bool { return all[lo+k] > mid })
			}
			if hi > lo {
				sum := 0.0
				for _, v := range all[lo:hi] {
					sum += float64(v)
				}
				book[i] = float32(sum / float64(hi-lo))
			}
			lo = hi
		}
	}
	book = append(book, 0)
	slices.Sort(book)
	return book
}

func nearest(book []float32, v float32) int {
	i := sort.Search(len(book), func(k int) bool { return book[k] >= v })
	if i == len(book) || i > 0 && v-book[i-1] < book[i]-v {
		i--
	}
	return i
}

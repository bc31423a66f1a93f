package ngram

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Arpa is a 3-gram model in memory as lists, for the tools that make one. Words are ids in ascending byte order.
type Arpa struct {
	Words []string
	Grams [3][]Gram // sorted by Words
}

// A Gram is one n-gram; unused words are 0. Prob and Back are natural logarithms.
type Gram struct {
	Words      [3]uint32
	Prob, Back float32
}

// ReadArpa parses the ARPA text format, orders 1 to 3.
func ReadArpa(r io.Reader) (*Arpa, error) {
	a := &Arpa{}
	ids := map[string]uint32{}
	order, line := 0, 0
	in := bufio.NewScanner(r)
	for in.Scan() {
		line++
		text := strings.TrimSpace(in.Text())
		switch {
		case text == "" || strings.HasPrefix(text, "ngram ") || text == "\\data\\":
		case text == "\\end\\":
			return a.finish()
		case strings.HasPrefix(text, "\\"):
			if _, err := fmt.Sscanf(text, "\\%d-grams:", &order); err != nil || order < 1 || order > 3 {
				return nil, fmt.Errorf("arpa line %d: section %q is not among 1 to 3-grams", line, text)
			}
		default:
			if err := a.add(strings.Fields(text), order, ids); err != nil {
				return nil, fmt.Errorf("arpa line %d: %w", line, err)
			}
		}
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("arpa: no \\end\\ after %d lines", line)
}

func (a *Arpa) add(fields []string, order int, ids map[string]uint32) error {
	if order == 0 || len(fields) != order+1 && len(fields) != order+2 {
		return fmt.Errorf("%d fields in a %d-gram", len(fields), order)
	}
	var g Gram
	p, err := strconv.ParseFloat(fields[0], 32)
	if err != nil {
		return err
	}
	g.Prob = float32(p * math.Ln10)
	if len(fields) == order+2 {
		b, err := strconv.ParseFloat(fields[order+1], 32)
		if err != nil {
			return err
		}
		g.Back = float32(b * math.Ln10)
	}
	for i, w := range fields[1 : order+1] {
		id, ok := ids[w]
		if !ok {
			if order > 1 {
				return fmt.Errorf("%q is not among the 1-grams", w)
			}
			id = uint32(len(ids))
			w = strings.Clone(w)
			ids[w] = id
			a.Words = append(a.Words, w)
		} else if order == 1 {
			return fmt.Errorf("%q twice", w)
		}
		g.Words[i] = id
	}
	a.Grams[order-1] = append(a.Grams[order-1], g)
	return nil
}

// finish numbers the words in ascending order and sorts the n-grams.
func (a *Arpa) finish() (*Arpa, error) {
	sorted := slices.Clone(a.Words)
	slices.Sort(sorted)
	rank := make([]uint32, len(a.Words))
	for i, w := range a.Words {
		j, _ := slices.BinarySearch(sorted, w)
		rank[i] = uint32(j)
	}
	a.Words = sorted
	for n := range a.Grams {
		for i := range a.Grams[n] {
			for k := range n + 1 {
				w := &a.Grams[n][i].Words[k]
				*w = rank[*w]
			}
		}
		slices.SortFunc(a.Grams[n], func(x, y Gram) int { return slices.Compare(x.Words[:], y.Words[:]) })
	}
	if len(a.Words) == 0 {
		return nil, fmt.Errorf("arpa: no 1-grams")
	}
	return a, nil
}

// Find returns the n-gram of the words, or nil.
func (a *Arpa) Find(words ...uint32) *Gram {
	var key Gram
	copy(key.Words[:], words)
	list := a.Grams[len(words)-1]
	i, ok := slices.BinarySearchFunc(list, key, func(x, y Gram) int { return slices.Compare(x.Words[:], y.Words[:]) })
	if !ok {
		return nil
	}
	return &list[i]
}

// Score returns ln P(last word | the up to two before it), by the definition of back-off.
func (a *Arpa) Score(words ...uint32) float32 {
	if g := a.Find(words...); g != nil || len(words) == 1 {
		return g.Prob
	}
	back := float32(0)
	if h := a.Find(words[:len(words)-1]...); h != nil {
		back = h.Back
	}
	return back + a.Score(words[1:]...)
}

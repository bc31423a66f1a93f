package transformer

import (
	"fmt"

	"github.com/parley-go/parley/internal/kernel"
)

// Embedding is a table of one vector for each token.
type Embedding struct {
	Table Mat     // (tokens, D)
	Scale float32 // of each vector; 0: 1
}

// LoadEmbedding reads name+".weight" (tokens, d).
func LoadEmbedding(f Loader, name string, tokens, d int) (*Embedding, error) {
	w, err := f.Float32(param(name, "weight"), tokens, d)
	if err != nil {
		return nil, err
	}
	return &Embedding{Table: MatOf(w, tokens, d)}, nil
}

// Forward writes the vectors of tokens into dst (len(tokens), D). A token outside the table panics.
func (e *Embedding) Forward(dst Mat, tokens []int) {
	if dst.Rows != len(tokens) || dst.Cols != e.Table.Cols {
		panic(fmt.Sprintf("transformer: Embedding: %d tokens into (%d, %d)", len(tokens), dst.Rows, dst.Cols))
	}
	for i, t := range tokens {
		copy(dst.Row(i), e.Table.Row(t))
	}
	if e.Scale != 0 {
		kernel.Scale(dst.Data, e.Scale)
	}
}

package transformer

import (
	"fmt"

	"github.com/parley-go/parley/internal/kernel"
)

// Embedding is a table of one vector for each token. A Decoder's may be the matrix of its projection to logits.
type Embedding struct {
	Tokens, D int
	Scale     float32        // of each vector; 0: 1
	table     *kernel.Packed // (Tokens, D)
}

// LoadEmbedding reads name+".weight" (tokens, d).
func LoadEmbedding(f Loader, name string, tokens, d int) (*Embedding, error) {
	table, err := f.Matrix(param(name, "weight"), tokens, d)
	if err != nil {
		return nil, err
	}
	return &Embedding{Tokens: tokens, D: d, table: table}, nil
}

// Forward writes the vectors of tokens into dst (len(tokens), D). A token outside the table panics.
func (e *Embedding) Forward(dst Mat, tokens []int) {
	if dst.Rows != len(tokens) || dst.Cols != e.D {
		panic(fmt.Sprintf("transformer: Embedding: %d tokens into (%d, %d)", len(tokens), dst.Rows, dst.Cols))
	}
	for i, t := range tokens {
		e.table.Row(dst.Row(i), t)
	}
	if e.Scale != 0 && e.Scale != 1 {
		kernel.Scale(dst.Data, e.Scale)
	}
}

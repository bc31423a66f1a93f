package transformer

// Mask says which rows of a sequence each row may attend to. Time is cut into chunks; a row sees its own chunk whole
// and some rows before that chunk. The zero Mask sees everything.
type Mask struct {
	Chunk int // rows of a chunk; 0: the whole sequence is one, so every row sees every row; 1: causal
	Left  int // rows seen before the chunk's first; negative: all
}

// Causal lets a row see itself and every row before it.
var Causal = Mask{Chunk: 1, Left: -1}

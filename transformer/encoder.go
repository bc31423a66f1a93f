package transformer

import (
	"context"
	"fmt"
	"sync"
)

// Encoder is a stack of self-attention blocks over vectors: bidirectional, causal or chunk-causal as the Mask says.
// It is immutable and safe for concurrent use.
type Encoder struct {
	layers
	states sync.Pool // of *EncoderState, for Forward
}

// LoadEncoder reads the tensors whose names start with prefix.
func LoadEncoder(f Loader, prefix string, c Config) (*Encoder, error) {
	l, err := loadLayers(Sub(f, prefix), c, false)
	if err != nil {
		return nil, err
	}
	e := &Encoder{layers: l}
	e.states.New = func() any { return e.NewState(Mask{}) }
	return e, nil
}

// Config returns the configuration with its defaults filled in.
func (e *Encoder) Config() Config { return e.config }

// Forward encodes a whole sequence x (T, D) into a new (T, D). A row sees the rows that mask lets it see.
func (e *Encoder) Forward(x Mat, mask Mask) Mat {
	y := NewMat(x.Rows, x.Cols)
	copy(y.Data, x.Data)
	_ = e.Encode(context.Background(), y, mask)
	return y
}

// Encode is Forward in place: x (T, D) becomes the result. Once ctx has ended it gives up before the next layer, with ctx's error.
func (e *Encoder) Encode(ctx context.Context, x Mat, mask Mask) error {
	s := e.states.Get().(*EncoderState)
	err := e.forward(ctx, s, x, mask, true, nil)
	s.Reset(mask)
	e.states.Put(s)
	return err
}

// EncoderState is one stream's place in an encoder. It belongs to one goroutine at a time.
type EncoderState struct {
	mask   Mask
	pos    int // rows taken
	ended  bool
	caches []cache          // (Layers)
	conv   []DepthwiseState // (Layers)
	work   *workspace
}

// NewState returns the start of a stream for Step. Memory stays bounded unless mask.Left is negative.
func (e *Encoder) NewState(mask Mask) *EncoderState {
	n := len(e.blocks)
	return &EncoderState{mask: mask, caches: make([]cache, n), conv: make([]DepthwiseState, n), work: newWorkspace()}
}

// Reset makes s the start of a new stream and keeps its memory for it.
func (s *EncoderState) Reset(mask Mask) {
	s.mask, s.pos, s.ended = mask, 0, false
	for i := range s.caches {
		s.caches[i].reset()
		s.conv[i].Reset()
	}
}

// Rows returns how many rows the stream has taken.
func (s *EncoderState) Rows() int { return s.pos }

// Step encodes the next rows x (T, D) of a stream. T is a whole number of chunks of the mask, except in the last Step.
// The steps' results, one after the other, are what Forward gives for the whole sequence. The result, (T, D), belongs
// to s and lasts until its next Step. It panics if the mask has no chunks or a convolution looks ahead.
func (e *Encoder) Step(s *EncoderState, x Mat) Mat {
	if s.mask.Chunk < 1 || s.ended {
		panic(fmt.Sprintf("transformer: Encoder.Step with chunks of %d, after a short one: %v", s.mask.Chunk, s.ended))
	}
	s.ended = x.Rows%s.mask.Chunk != 0
	y := s.work.x.mat(x.Rows, x.Cols)
	copy(y.Data, x.Data)
	_ = e.forward(context.Background(), s, y, s.mask, false, nil)
	return y
}

// forward updates y (T, D); observe, unless nil, sees it after each layer.
func (e *Encoder) forward(ctx context.Context, s *EncoderState, y Mat, mask Mask, whole bool, observe func(layer int, y Mat)) error {
	checkCols("Encoder", y, e.config.D)
	w := s.work
	w.begin()
	caches := s.caches
	if whole { // nothing is kept from layer to layer: one cache serves all
		caches = caches[:min(1, len(caches))]
	}
	w.add(y.Rows, s.pos, caches, nil)
	e.begin(w, y)
	for i, b := range e.blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if mask.Left >= 0 && !whole {
			s.caches[i].keepLast(mask.Left)
		}
		if whole {
			caches[0].reset()
		}
		b.forward(w, i, y, mask, &s.conv[i], whole)
		if observe != nil {
			observe(i, y)
		}
	}
	e.end(y)
	s.pos += y.Rows
	return nil
}

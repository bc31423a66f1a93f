package transformer

import (
	"context"
	"fmt"

	"github.com/parley-go/parley/internal/kernel"
)

// DecoderConfig is the shape of a Decoder.
type DecoderConfig struct {
	Config
	Vocab      int     // tokens
	EmbedScale float32 // of token vectors; 0: 1
	Cross      bool    // attends to a memory
	HeadBias   bool    // the projection to logits has a bias
	HeadScale  float32 // of the logits before the bias; 0: 1 (T5 with tied tables: 1/sqrt(D))
}

// Decoder is a causal stack over tokens, with or without cross attention to a memory, for generation and for scoring.
// It is immutable and safe for concurrent use.
type Decoder struct {
	layers
	Embed *Embedding
	Head  *Linear // (Vocab, D)
}

// LoadDecoder reads the tensors whose names start with prefix.
func LoadDecoder(f Loader, prefix string, c DecoderConfig) (*Decoder, error) {
	if c.ConvKernel != 0 {
		return nil, fmt.Errorf("transformer: a decoder has no convolution, got one of %d taps", c.ConvKernel)
	}
	if c.Names == (Names{}) {
		c.Names = ParleyDecoderNames
	}
	f = Sub(f, prefix)
	l, err := loadLayers(f, c.Config, c.Cross)
	if err != nil {
		return nil, err
	}
	for _, b := range l.blocks {
		b.Attn.precision = f.Precision()
	}
	d := &Decoder{layers: l}
	return d, d.loadTokens(f, c)
}

// loadTokens reads the table of tokens and the projection to logits.
func (d *Decoder) loadTokens(f Loader, c DecoderConfig) (err error) {
	embed, head := d.config.Names.Embed, d.config.Names.Head
	setDefault(&c.EmbedScale, 1)
	setDefault(&c.HeadScale, 1)
	if head == "" { // one matrix, kept as the logits want it
		d.Head, err = loadScaled(f, embed, c.Vocab, c.D, false, c.HeadScale)
		if err == nil {
			d.Embed = &Embedding{Tokens: c.Vocab, D: c.D, Scale: c.EmbedScale / c.HeadScale, table: d.Head.weight}
		}
		return err
	}
	if d.Head, err = loadScaled(f, head, c.Vocab, c.D, c.HeadBias, c.HeadScale); err != nil {
		return err
	}
	if d.Embed, err = LoadEmbedding(f, embed, c.Vocab, c.D); err == nil {
		d.Embed.Scale = c.EmbedScale
	}
	return err
}

// Config returns the configuration with its defaults filled in.
func (d *Decoder) Config() Config { return d.config }

// DecoderState is a set of sequences (beams), each with a memory that it attends to and may share with others. It belongs to one
// goroutine at a time.
type DecoderState struct {
	layers int
	memory [][]kernel.KV // (memories, Layers), in use; those of a Decoder without cross attention stay empty
	more   [][]kernel.KV // to reuse
	beams  []*sequence   // in use
	spare  []*sequence   // to reuse
	used   []bool        // scratch of Reorder
	next   []*sequence   // scratch of Reorder
	one    [][]int       // scratch of Step
	logits buffer
	work   *workspace
}

// sequence is one beam's past.
type sequence struct {
	pos    int         // tokens taken
	caches []cache     // (Layers)
	memory []kernel.KV // (Layers)
}

// NewState returns the start of the given number of sequences that attend to memory (S, D). Without cross attention
// memory is Mat{}.
func (d *Decoder) NewState(memory Mat, beams int) *DecoderState {
	s := &DecoderState{work: newWorkspace()}
	d.Restart(s, memory, beams)
	return s
}

// Restart makes s what NewState(memory, beams) returns, and reuses its space.
func (d *Decoder) Restart(s *DecoderState, memory Mat, beams int) { d.RestartEach(s, beams, memory) }

// RestartEach makes s the start of the given number of sequences for each memory (S, D), those of a memory side by side.
func (d *Decoder) RestartEach(s *DecoderState, beams int, memories ...Mat) {
	_ = d.RestartContext(context.Background(), s, beams, memories...)
}

// RestartContext is RestartEach. Once ctx has ended it gives up before the next layer, with ctx's error and s without sequences.
func (d *Decoder) RestartContext(ctx context.Context, s *DecoderState, beams int, memories ...Mat) error {
	s.layers = len(d.blocks)
	s.more = append(s.more, s.memory...)
	s.memory = s.memory[:0]
	var err error
	for i := 0; i < len(memories) && err == nil; i++ {
		err = d.project(ctx, s, memories[i])
	}
	if err != nil {
		beams = 0
	}
	s.Clear(beams)
	return err
}

// project adds memory (S, D), as the cross attention of each layer sees it, to those of s.
func (d *Decoder) project(ctx context.Context, s *DecoderState, memory Mat) error {
	var kv []kernel.KV
	if n := len(s.more); n > 0 {
		kv, s.more = s.more[n-1], s.more[:n-1]
	} else {
		kv = make([]kernel.KV, len(d.blocks))
	}
	s.memory = append(s.memory, kv)
	for i, b := range d.blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if b.Cross != nil {
			checkCols("Decoder memory", memory, d.config.MemoryD)
			b.Cross.project(s.work, &kv[i], memory)
		}
	}
	return nil
}

// Clear forgets all tokens and starts the given number of sequences for each memory; the memories stay.
func (s *DecoderState) Clear(beams int) {
	s.spare = append(s.spare, s.beams...)
	s.beams = s.beams[:0]
	for _, m := range s.memory {
		for range beams {
			b := s.take()
			b.pos, b.memory = 0, m
			for i := range b.caches {
				b.caches[i].reset()
			}
			s.beams = append(s.beams, b)
		}
	}
}

func (s *DecoderState) take() *sequence {
	n := len(s.spare) - 1
	if n < 0 {
		return &sequence{caches: make([]cache, s.layers)}
	}
	b := s.spare[n]
	s.spare = s.spare[:n]
	return b
}

// Beams returns the number of sequences.
func (s *DecoderState) Beams() int { return len(s.beams) }

// Len returns how many tokens sequence i has taken.
func (s *DecoderState) Len(i int) int { return s.beams[i].pos }

// Truncate takes sequence i back to its first n tokens.
func (s *DecoderState) Truncate(i, n int) {
	b := s.beams[i]
	b.pos = min(b.pos, n)
	for l := range b.caches {
		b.caches[l].keepFirst(n)
	}
}

// Reorder makes the new sequence i a copy of the old sequence from[i], which may name one many times, others never.
func (s *DecoderState) Reorder(from []int) {
	s.used, s.next = append(s.used[:0], make([]bool, len(s.beams))...), s.next[:0]
	for _, f := range from {
		b := s.beams[f]
		if s.used[f] {
			b = s.clone(b)
		}
		s.used[f] = true
		s.next = append(s.next, b)
	}
	for i, b := range s.beams {
		if !s.used[i] {
			s.spare = append(s.spare, b)
		}
	}
	s.beams, s.next = s.next, s.beams
}

func (s *DecoderState) clone(b *sequence) *sequence {
	c := s.take()
	c.pos, c.memory = b.pos, b.memory
	for i := range b.caches {
		c.caches[i].set(&b.caches[i])
	}
	return c
}

// Step gives each sequence its next token and returns the states (beams, D) after the final norm. They belong to s and
// last until its next call.
func (d *Decoder) Step(s *DecoderState, tokens []int) Mat {
	x, _ := d.StepContext(context.Background(), s, tokens)
	return x
}

// StepContext is Step, which gives up as FeedContext does.
func (d *Decoder) StepContext(ctx context.Context, s *DecoderState, tokens []int) (Mat, error) {
	s.one = s.one[:0]
	for i := range tokens {
		s.one = append(s.one, tokens[i:i+1])
	}
	return d.FeedContext(ctx, s, s.one...)
}

// Feed gives sequence i its next tokens, all at once, and returns the states of all tokens, sequence after sequence,
// (total, D), after the final norm. They belong to s and last until its next call. A sequence may get none.
func (d *Decoder) Feed(s *DecoderState, tokens ...[]int) Mat {
	x, _ := d.feed(context.Background(), s, nil, tokens...)
	return x
}

// FeedContext is Feed. Once ctx has ended it gives up before the next layer, with ctx's error, and s must be restarted.
func (d *Decoder) FeedContext(ctx context.Context, s *DecoderState, tokens ...[]int) (Mat, error) {
	return d.feed(ctx, s, nil, tokens...)
}

// feed runs the layers; observe, unless nil, sees x (total, D) after each.
func (d *Decoder) feed(ctx context.Context, s *DecoderState, observe func(layer int, x Mat), tokens ...[]int) (Mat, error) {
	if len(tokens) != len(s.beams) {
		panic(fmt.Sprintf("transformer: Decoder: tokens for %d sequences of %d", len(tokens), len(s.beams)))
	}
	w := s.work
	w.begin()
	for i, t := range tokens {
		w.add(len(t), s.beams[i].pos, s.beams[i].caches, s.beams[i].memory)
		s.beams[i].pos += len(t)
	}
	x := w.x.mat(len(w.positions), d.config.D)
	for i, t := range tokens {
		d.Embed.Forward(x.Slice(w.runs[i].lo, w.runs[i].hi), t)
	}
	d.begin(w, x)
	for i, b := range d.blocks {
		if err := ctx.Err(); err != nil {
			return Mat{}, err
		}
		b.forward(w, i, x, Causal, nil, false)
		if observe != nil {
			observe(i, x)
		}
	}
	d.end(x)
	return x, nil
}

// Logits projects states (T, D) to (T, Vocab), which belongs to s and lasts until its next Logits.
func (d *Decoder) Logits(s *DecoderState, states Mat) Mat {
	y := s.logits.mat(states.Rows, d.Head.Out)
	d.Head.Forward(y, states)
	return y
}

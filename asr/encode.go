package asr

import (
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/transformer"
)

// encoder turns log-mel frames (T, mels) into encoder frames (T', D). It has the shape of Whisper's (Radford et al. 2022,
// arXiv:2212.04356): two convolutions make steps of 20 ms, chunk-causal Transformer blocks follow, and the mean of steps
// 2i and 2i+1 is frame i, of mel frames 4i to 4i+6. It is immutable.
type encoder struct {
	mel          *audio.Mel
	mean, istd   []float32 // (mels)
	conv1, conv2 *transformer.Conv1d
	blocks       *transformer.Encoder
	d, left      int
}

func loadEncoder(f transformer.Loader, c *config) (*encoder, error) {
	mel := audio.ListenMel()
	mel.Threads = f.Threads()
	e := &encoder{mel: audio.NewMel(mel), d: c.D, left: c.LeftContext}
	var err error
	if e.mean, err = f.Float32("mean", c.Mels); err != nil {
		return nil, err
	}
	if e.istd, err = f.Float32("istd", c.Mels); err != nil {
		return nil, err
	}
	conv := transformer.ConvConfig{In: c.Mels, Out: c.D, Kernel: 3, Stride: 1, Act: transformer.GELU}
	stem := transformer.As(f, transformer.F32) // small, and its input ranges widely
	if e.conv1, err = transformer.LoadConv1d(stem, "conv1", conv); err != nil {
		return nil, err
	}
	conv.In, conv.Stride = c.D, 2
	if e.conv2, err = transformer.LoadConv1d(stem, "conv2", conv); err != nil {
		return nil, err
	}
	e.blocks, err = loadBlocks(f, c, c.Layers)
	return e, err
}

// loadBlocks reads the blocks of a pass.
func loadBlocks(f transformer.Loader, c *config, layers int) (*transformer.Encoder, error) {
	return transformer.LoadEncoder(f, "", transformer.Config{D: c.D, Heads: c.Heads, Layers: layers, FFN: c.FFN, Act: transformer.GELU,
		ConvKernel: c.ConvKernel, Positions: transformer.SinusoidalHalves, Period: c.Period})
}

// encodeStream is one stream's place in an encoder.
type encodeStream struct {
	e            *encoder
	chunk        int // encoder frames
	mel          *audio.MelStream
	frames       []float32 // (T, mels), scratch
	conv1, conv2 transformer.Conv1dState
	rows         []float32 // (n, D): steps that the convolutions made and the blocks have not had, less than a chunk between calls
	blocks       *transformer.EncoderState
}

func (e *encoder) newStream() *encodeStream {
	return &encodeStream{e: e, mel: e.mel.NewStream(), blocks: e.blocks.NewState(transformer.Mask{})}
}

// reset starts a new stream with chunks of so many frames.
func (s *encodeStream) reset(chunk int) {
	s.chunk = chunk
	s.mel.Flush(nil)
	s.conv1.Reset()
	s.conv2.Reset()
	s.rows = s.rows[:0]
	s.blocks.Reset(transformer.Mask{Chunk: 2 * chunk, Left: 2 * s.e.left})
}

// emitFrames takes the steps of a chunk (2 n, D), as the convolutions made them, and its encoder frames (n, D). They last until it returns.
type emitFrames func(steps, frames transformer.Mat) error

// push takes samples at 16 kHz and passes on each whole chunk.
func (s *encodeStream) push(samples []float32, emit emitFrames) error {
	s.frames = s.mel.Push(s.frames[:0], samples)
	s.convolve()
	n := 2 * s.chunk * s.e.d
	done := 0
	for ; len(s.rows)-done >= n; done += n {
		if err := s.encode(s.rows[done:done+n], emit); err != nil {
			return err
		}
	}
	s.rows = s.rows[:copy(s.rows, s.rows[done:])]
	return nil
}

// flush ends the stream: it passes on the frames that do not fill a chunk. An odd last step is dropped.
func (s *encodeStream) flush(emit emitFrames) error {
	s.frames = s.mel.Flush(s.frames[:0])
	s.convolve()
	for d := s.e.d; len(s.rows) >= 2*d; {
		n := 2 * d * min(len(s.rows)/(2*d), s.chunk)
		if err := s.encode(s.rows[:n], emit); err != nil {
			return err
		}
		s.rows = s.rows[:copy(s.rows, s.rows[n:])]
	}
	return nil
}

// encode takes the steps of a chunk through the blocks.
func (s *encodeStream) encode(rows []float32, emit emitFrames) error {
	steps := transformer.MatOf(rows, len(rows)/s.e.d, s.e.d)
	return emit(steps, meanOfPairs(s.e.blocks.Step(s.blocks, steps)))
}

// meanOfPairs writes the means of rows 2i and 2i+1 of x (2 n, D) to its first n rows and returns these (n, D).
func meanOfPairs(x transformer.Mat) transformer.Mat {
	n := x.Rows / 2
	for i := range n {
		mean, a, b := x.Row(i), x.Row(2*i), x.Row(2*i+1)
		for j := range mean {
			mean[j] = (a[j] + b[j]) / 2
		}
	}
	return x.Slice(0, n)
}

// convolve normalises the new mel frames and appends to rows what the convolutions make of them.
func (s *encodeStream) convolve() {
	e := s.e
	mels := len(e.mean)
	for i := range s.frames {
		k := i % mels
		s.frames[i] = (s.frames[i] - e.mean[k]) * e.istd[k]
	}
	x := e.conv1.Step(&s.conv1, transformer.MatOf(s.frames, len(s.frames)/mels, mels))
	s.rows = append(s.rows, e.conv2.Step(&s.conv2, x).Data...)
}

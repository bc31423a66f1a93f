package vocoder

import "github.com/parley-go/parley/internal/tensor"

// harmonicStream is the state of one sound. Positions: frame t is centred on sample Hop*t + Hop/2 and its window begins FFT/2
// before; segment t of the excitation lies between the centres of frames t-1 and t.
type harmonicStream struct {
	h      *Harmonic
	net    *network
	source excitation
	voice  []float32 // excitation from the start of the next frame's window on
	tonal  filter
	hiss   hiss
	rand   white

	sum   []float32 // (FFT) overlap-add from the start of the next frame's window on
	skip  int       // samples still to drop: those before the sound begins
	quiet []float32 // (Mels) a silent frame
}

// NewStream implements Vocoder.
func (h *Harmonic) NewStream() Stream {
	c := &h.cfg
	s := &harmonicStream{
		h: h, net: newNetwork(h), source: excitation{hop: c.Hop, rate: float64(c.Rate), top: c.Top},
		voice: make([]float32, 0, c.FFT+(batch+c.LookAhead)*c.Hop),
		tonal: newFilter(h), sum: make([]float32, c.FFT), quiet: make([]float32, c.Mels),
	}
	s.hiss = newHiss(h, s.rand.fill)
	for i := range s.quiet {
		s.quiet[i] = quietest
	}
	s.reset()
	return s
}

func (s *harmonicStream) reset() {
	c := &s.h.cfg
	s.net.reset()
	s.source.reset()
	s.rand.reset()
	s.voice = s.voice[:c.FFT/2-c.Hop] // the window of frame 0 begins so much before segment 0
	clear(s.voice)
	clear(s.sum)
	s.skip = (c.FFT - c.Hop) / 2
}

// Push implements Stream.
func (s *harmonicStream) Push(dst []float32, mel tensor.Mat, f0 []float32) []float32 {
	checkFrames(s.h, mel, f0)
	for t := 0; t < mel.Rows; t += batch {
		for i := t; i < min(t+batch, mel.Rows); i++ {
			s.take(mel.Row(i), f0[i])
		}
		dst = s.make(dst)
	}
	return dst
}

// Flush implements Stream.
func (s *harmonicStream) Flush(dst []float32) []float32 {
	c := &s.h.cfg
	for range c.LookAhead {
		s.take(s.quiet, 0)
	}
	dst = s.make(dst)
	dst = append(dst, s.sum[s.skip:(c.FFT-c.Hop)/2]...)
	s.reset()
	return dst
}

// take stores a frame: its features, and its segment of the excitation.
func (s *harmonicStream) take(mel []float32, f0 float32) {
	f0 = saneF0(f0)
	s.net.push(mel, f0)
	n, hop := len(s.voice), s.h.cfg.Hop
	s.voice = s.voice[:n+hop]
	s.source.segment(s.voice[n:], float64(f0))
}

// make appends the sound of the frames that have their look-ahead.
func (s *harmonicStream) make(dst []float32) []float32 {
	h, c := s.h, &s.h.cfg
	gains := s.net.gains() // (frames, outputs)
	frames := len(gains) / h.outputs()
	first := (c.FFT-c.NoiseFFT)/2 - c.Hop/4 // of the noise: its two frames are centred in the halves of the hop
	for t := range frames {
		row := gains[t*h.outputs():][:h.outputs()]
		s.tonal.add(s.sum, s.voice[t*c.Hop:][:c.FFT], row[:3*h.bins])
		s.hiss.add(s.sum[first:], row[3*h.bins:])
		drop := min(s.skip, c.Hop)
		s.skip -= drop
		dst = append(dst, s.sum[drop:c.Hop]...)
		clear(s.sum[copy(s.sum, s.sum[c.Hop:]):])
	}
	s.voice = s.voice[:copy(s.voice, s.voice[frames*c.Hop:])]
	return dst
}

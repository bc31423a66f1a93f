package vad

import (
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
)

// network is our detector: log-mel frames of 32 ms every 16 ms, a convolution over three of them, two layers of GRU, a
// logistic unit. What comes out after frame t is about the samples of its frame t-1, so that 32 ms after them are heard.
type network struct {
	mel        *audio.Mel
	mean, istd []float32 // (mels)
	conv       dense     // (width, taps*mels)
	layers     [2]recurrent
	head       dense // (1, width)
}

const (
	hop   = 256
	mels  = 40
	taps  = 3
	width = 64
	ahead = 1  // frames that are heard before one is judged
	block = 16 // frames at a time
)

// melConfig: frame t covers samples 256t to 256t+512.
func melConfig() audio.MelConfig {
	return audio.MelConfig{Rate: rate, FFT: 2 * hop, Window: 2 * hop, Hop: hop, Mels: mels, Power: 2, Floor: 1e-10}
}

func loadNetwork(f weights.Loader) (*network, error) {
	d := &network{mel: audio.NewMel(melConfig())}
	var err error
	if d.mean, err = f.Float32("mean", mels); err != nil {
		return nil, err
	}
	if d.istd, err = f.Float32("istd", mels); err != nil {
		return nil, err
	}
	if d.conv, err = loadDense(f, "conv.weight", "conv.bias", width, taps*mels); err != nil {
		return nil, err
	}
	for i, suffix := range [...]string{"_l0", "_l1"} {
		if d.layers[i], err = loadRecurrent(f, "gru.", suffix, 3, width, width); err != nil {
			return nil, err
		}
	}
	d.head, err = loadDense(f, "head.weight", "head.bias", 1, width)
	return d, err
}

func (d *network) Rate() int { return rate }
func (d *network) Hop() int  { return hop }

func (d *network) NewStream() Stream {
	s := &networkStream{d: d, mel: d.mel.NewStream()}
	s.reset()
	return s
}

type networkStream struct {
	d       *network
	mel     *audio.MelStream
	heard   int64     // samples
	skip    int       // frames to come that make no probability
	rows    []float32 // (taps-1+T, mels): frames, normalised, and those before them that the convolution sees
	state   [2][width]float32
	samples [block * hop]float32
	window  [(block + 1) * taps * mels]float32
	x       [(block + 1) * width]float32
	gates   [(block + 1) * 3 * width]float32
	scratch [3 * width]float32
	probs   [block + 1]float32
}

func (s *networkStream) reset() {
	s.mel.Flush(nil)
	s.heard, s.skip = 0, ahead
	s.rows = append(s.rows[:0], make([]float32, (taps-1)*mels)...)
	s.state = [2][width]float32{}
}

func (s *networkStream) Push(dst, samples []float32) []float32 {
	for len(samples) > 0 {
		x := s.samples[:copy(s.samples[:], samples)]
		samples = samples[len(x):]
		audio.Sanitize(x)
		dst = s.push(dst, x)
	}
	return dst
}

func (s *networkStream) Flush(dst []float32) []float32 {
	if s.heard > 0 {
		frames := (s.heard+hop-1)/hop + ahead
		silence := s.samples[:(frames+1)*hop-s.heard]
		clear(silence)
		dst = s.push(dst, silence)
	}
	s.reset()
	return dst
}

// push takes at most a block of clean samples.
func (s *networkStream) push(dst, samples []float32) []float32 {
	s.heard += int64(len(samples))
	old := len(s.rows)
	s.rows = s.mel.Push(s.rows, samples)
	for i := old; i < len(s.rows); i++ {
		k := i % mels
		s.rows[i] = (s.rows[i] - s.d.mean[k]) * s.d.istd[k]
	}
	return s.judge(dst, (len(s.rows)-old)/mels)
}

// judge appends the probabilities that the last t frames of rows make.
func (s *networkStream) judge(dst []float32, t int) []float32 {
	if t == 0 {
		return dst
	}
	for i := range t {
		copy(s.window[i*taps*mels:(i+1)*taps*mels], s.rows[i*mels:])
	}
	s.rows = s.rows[:copy(s.rows, s.rows[t*mels:])]
	x := s.x[:t*width]
	s.d.conv.apply(x, s.window[:t*taps*mels], t, kernel.ReLU)
	for l := range s.d.layers {
		r, h, gates := &s.d.layers[l], s.state[l][:], s.gates[:t*3*width]
		r.input.apply(gates, x, t, kernel.None)
		for i := range t {
			r.gru(h, gates[i*3*width:(i+1)*3*width], s.scratch[:])
			copy(x[i*width:(i+1)*width], h)
		}
	}
	s.d.head.apply(s.probs[:t], x, t, kernel.Sigmoid)
	first := min(s.skip, t)
	s.skip -= first
	return append(dst, s.probs[first:t]...)
}

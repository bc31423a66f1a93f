package vad

import (
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
)

// network is our detector: log-mel frames of 32 ms every 16 ms and how far they are above the background, two convolutions
// over three frames each, a GRU, a logistic unit. What comes out after frame t is about the samples of its frame t-1, so
// that 32 ms after them are heard.
type network struct {
	mel        *audio.Mel
	mean, istd []float32 // (inputs)
	convs      [2]dense  // (width, taps*inputs), (width, taps*width)
	gru        recurrent
	head       dense // (1, width)
}

const (
	hop    = 256
	mels   = 40
	inputs = 2 * mels
	taps   = 3
	width  = 64
	ahead  = 1  // frames that are heard before one is judged
	block  = 16 // frames at a time

	// The background of a band follows what is quieter at once and what is louder in seconds: these parts of the way a frame.
	fall, rise = 0.2, 0.004
)

// melConfig: frame t covers samples 256t to 256t+512.
func melConfig() audio.MelConfig {
	return audio.MelConfig{Rate: rate, FFT: 2 * hop, Window: 2 * hop, Hop: hop, Mels: mels, Power: 2, Floor: 1e-10}
}

func loadNetwork(f weights.Loader) (*network, error) {
	d := &network{mel: audio.NewMel(melConfig())}
	var err error
	if d.mean, err = f.Float32("mean", inputs); err != nil {
		return nil, err
	}
	if d.istd, err = f.Float32("istd", inputs); err != nil {
		return nil, err
	}
	if d.convs[0], err = loadDense(f, "conv1.weight", "conv1.bias", width, taps*inputs); err != nil {
		return nil, err
	}
	if d.convs[1], err = loadDense(f, "conv2.weight", "conv2.bias", width, taps*width); err != nil {
		return nil, err
	}
	if d.gru, err = loadRecurrent(f, "gru.", "_l0", 3, width, width); err != nil {
		return nil, err
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
	frames  []float32 // (T, mels), scratch
	begun   bool      // floor is that of a frame
	floor   [mels]float32
	in, mid [(block + taps) * inputs]float32 // what the convolutions see: their last taps-1 rows, then the new ones
	window  [(block + 1) * taps * inputs]float32
	out     [(block + 1) * width]float32
	gates   [(block + 1) * 3 * width]float32
	scratch [3 * width]float32
	state   [width]float32
	probs   [block + 1]float32
	samples [block * hop]float32
}

func (s *networkStream) reset() {
	s.mel.Flush(nil)
	s.heard, s.skip, s.begun = 0, ahead, false
	clear(s.in[:])
	clear(s.mid[:])
	clear(s.state[:])
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
	s.frames = s.mel.Push(s.frames[:0], samples)
	t := len(s.frames) / mels
	for i := range t {
		s.input(s.in[(taps-1+i)*inputs:(taps+i)*inputs], s.frames[i*mels:(i+1)*mels])
	}
	return s.judge(dst, t)
}

// input normalises a frame, and how far it is above the floor, into dst (inputs).
func (s *networkStream) input(dst, frame []float32) {
	if !s.begun {
		s.begun = true
		copy(s.floor[:], frame)
	}
	mean, istd := s.d.mean, s.d.istd
	for i, v := range frame {
		part := float32(rise)
		if v < s.floor[i] {
			part = fall
		}
		s.floor[i] += part * (v - s.floor[i])
		dst[i] = (v - mean[i]) * istd[i]
		dst[mels+i] = (v - s.floor[i] - mean[mels+i]) * istd[mels+i]
	}
}

// judge appends the probabilities that t new rows of in make.
func (s *networkStream) judge(dst []float32, t int) []float32 {
	if t == 0 {
		return dst
	}
	s.convolve(0, s.mid[(taps-1)*width:], s.in[:], t, inputs)
	s.convolve(1, s.out[:], s.mid[:], t, width)
	x, gates := s.out[:t*width], s.gates[:t*3*width]
	s.d.gru.input.apply(gates, x, t, kernel.None)
	for i := range t {
		s.d.gru.gru(s.state[:], gates[i*3*width:(i+1)*3*width], s.scratch[:])
		copy(x[i*width:(i+1)*width], s.state[:])
	}
	s.d.head.apply(s.probs[:t], x, t, kernel.Sigmoid)
	first := min(s.skip, t)
	s.skip -= first
	return append(dst, s.probs[first:t]...)
}

// convolve computes t rows (width) of dst from x (taps-1+t, cols), and moves its last rows to its start.
func (s *networkStream) convolve(layer int, dst, x []float32, t, cols int) {
	for i := range t {
		copy(s.window[i*taps*cols:(i+1)*taps*cols], x[i*cols:])
	}
	copy(x, x[t*cols:(t+taps-1)*cols])
	s.d.convs[layer].apply(dst[:t*width], s.window[:t*taps*cols], t, kernel.ReLU)
}

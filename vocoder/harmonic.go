package vocoder

import (
	"fmt"
	"io/fs"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
)

// Harmonic is the harmonic-plus-noise vocoder. Voiced sound comes from a bank of sines at the multiples of F0, all of one
// amplitude; a causal network at frame rate gives each STFT bin of it a complex gain, and white noise two real gains a frame
// (after Wang et al. 2019, arXiv:1904.12088; Agrawal et al. 2024, arXiv:2401.10460; Siuzdak 2023, arXiv:2306.00814). The sines'
// frequency is the caller's F0 and nothing else.
//
// Its streams wait for two frames of look-ahead: when frame j is pushed, the sound before sample Hop*(j-1) - FFT/2 + Hop/2 is
// ready, with the default model 300*j - 662. That is all their delay; nothing else is held back.
type Harmonic struct {
	cfg     config
	threads int // of one call, 0 for all
	inputs  int // Mels + 2: normalised log-mel, log F0, voiced
	bins    int // of the harmonics' STFT
	noise   int // bins of the noise
	inp     linear
	norm    norm
	blocks  []block
	outNorm norm
	out     linear

	window      []float32 // (FFT) periodic Hann, for analysis
	synthesis   []float32 // (FFT) the same over FFT and over the sum of all frames' squared windows, for overlap-add
	noiseWindow []float32 // (NoiseFFT) periodic Hann over NoiseFFT
	fft         *realPlan
	noiseFFT    *plan
}

// Rate implements Vocoder.
func (h *Harmonic) Rate() int { return h.cfg.Rate }

// Hop implements Vocoder.
func (h *Harmonic) Hop() int { return h.cfg.Hop }

// Mels implements Vocoder.
func (h *Harmonic) Mels() int { return h.cfg.Mels }

type linear struct {
	w    *kernel.Packed
	bias []float32
}

type norm struct{ gamma, beta []float32 }

// block is one ConvNeXt block (Liu et al. 2022, arXiv:2201.03545), causal.
type block struct {
	taps     []float32 // (Kernel, Width), oldest first
	tapBias  []float32 // (Width)
	norm     norm
	up, down linear
}

// load reads the weights. Their names and shapes are those of training/vocoder/model.py.
func load(fsys fs.FS, c config, opt *OpenOptions) (*Harmonic, error) {
	file, err := weights.OpenFS(fsys, weightsFile)
	if err != nil {
		return nil, fmt.Errorf("vocoder: %w", err)
	}
	defer file.Close()
	f, err := weights.Configure(file, opt.Precision, opt.Threads, kernel.F32)
	if err != nil {
		return nil, fmt.Errorf("vocoder: OpenOptions: %w", err)
	}
	h := &Harmonic{cfg: c, threads: opt.Threads, inputs: c.Mels + 2, bins: c.FFT/2 + 1, noise: c.NoiseFFT/2 + 1}
	r := &reader{from: f}
	h.inp = r.conv("inp", c.Width, h.inputs, 2*c.LookAhead+1)
	h.norm = r.norm("norm", c.Width)
	for i := range c.Blocks {
		name := fmt.Sprintf("blocks.%d.", i)
		h.blocks = append(h.blocks, block{
			taps: transpose(r.get(name+"dw.weight", c.Width, 1, c.Kernel), c.Width), tapBias: r.get(name+"dw.bias", c.Width),
			norm: r.norm(name+"norm", c.Width),
			up:   r.linear(name+"up", c.Hidden, c.Width), down: r.linear(name+"down", c.Width, c.Hidden)})
	}
	h.outNorm = r.norm("out_norm", c.Width)
	r.from = weights.Finer(f) // gains and phases, as they leave
	h.out = r.linear("out", 3*h.bins+2*h.noise, c.Width+h.inputs)
	if r.err != nil {
		return nil, fmt.Errorf("vocoder: %w", r.err)
	}
	h.makeWindows()
	h.fft, h.noiseFFT = newRealPlan(c.FFT), newPlan(c.NoiseFFT)
	return h, nil
}

func (h *Harmonic) makeWindows() {
	c := &h.cfg
	hann, sums := audio.Hann(c.FFT), make([]float64, c.Hop)
	for i, w := range hann {
		sums[i%c.Hop] += w * w
	}
	for i, w := range hann {
		h.window = append(h.window, float32(w))
		h.synthesis = append(h.synthesis, float32(w/float64(c.FFT)/sums[i%c.Hop]))
	}
	for _, w := range audio.Hann(c.NoiseFFT) {
		h.noiseWindow = append(h.noiseWindow, float32(w/float64(c.NoiseFFT)))
	}
}

// reader reads tensors and keeps the first error; after it, all is nil.
type reader struct {
	from weights.Loader
	err  error
}

func (r *reader) get(name string, shape ...int) (x []float32) {
	if r.err == nil {
		x, r.err = r.from.Float32(name, shape...)
	}
	return x
}

func (r *reader) norm(name string, d int) norm {
	return norm{r.get(name+".weight", d), r.get(name+".bias", d)}
}

func (r *reader) linear(name string, out, in int) (l linear) {
	l.bias = r.get(name+".bias", out)
	if r.err == nil {
		l.w, r.err = r.from.Matrix(name+".weight", out, in)
	}
	return l
}

// conv reads a convolution (out, in, taps) as a linear layer over consecutive frames (taps, in).
func (r *reader) conv(name string, out, in, taps int) linear {
	w, bias := r.get(name+".weight", out, in, taps), r.get(name+".bias", out)
	if r.err != nil {
		return linear{}
	}
	return linear{r.from.Pack(out, in*taps, func(dst []float32, i int) {
		copy(dst, transpose(w[i*len(dst):(i+1)*len(dst)], in))
	}), bias}
}

// transpose returns w, a matrix of so many rows, with rows and columns exchanged.
func transpose(w []float32, rows int) []float32 {
	r, cols := make([]float32, len(w)), len(w)/rows
	for i := range rows {
		for j := range cols {
			r[j*rows+i] = w[i*cols+j]
		}
	}
	return r
}

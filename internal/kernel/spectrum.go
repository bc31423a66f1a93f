package kernel

import (
	"fmt"
	"math"
	"sync"

	"github.com/parley-go/parley/internal/par"
)

// Filterbank computes the energies of frames of sound in bands, such as a log-mel spectrum, in float64: Fourier transform,
// power, weighted sums, logarithm. Several frames run side by side, one in each lane of a vector. It is immutable and safe
// for concurrent use.
type Filterbank struct {
	c      FilterbankConfig
	n      int
	window []float64 // (N), halved: the bins come out as the sum of two halves
	passes []spectrumPass
	split  []float64 // (N/4+1, 2): exp(-2πik/N)
}

// FilterbankConfig describes a Filterbank.
type FilterbankConfig struct {
	Window []float64 // (N), N even
	Root   bool      // the sums are of magnitudes, not of powers
	Bands  []Band
	Floor  float64 // the least value before the logarithm, > 0
	Log    float64 // the natural logarithm times this; 0: no logarithm

	Threads int // of one call, at most; 0: all
}

// Band is a weighted sum of neighbouring bins.
type Band struct {
	First   int // bin
	Weights []float64
}

// spectrumPass is a pass of a Stockham transform of decimation in frequency: radix inputs, groups * s apart, make as many
// outputs, s apart (Stockham 1966; Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992, section 1.7).
type spectrumPass struct {
	radix, groups, s int
	twiddles         []float64 // (groups, radix-1, 2): exp(-2πipj/(groups radix))
	roots            []float64 // (radix, 2): exp(-2πij/radix)
}

// NewFilterbank panics if the window's length is odd, or a band has bins that do not exist.
func NewFilterbank(c FilterbankConfig) *Filterbank {
	n := len(c.Window)
	f := &Filterbank{c: c, n: n, window: make([]float64, n)}
	if n < 2 || n%2 != 0 || !(c.Floor > 0) {
		panic(fmt.Sprintf("kernel: NewFilterbank: %d samples, floor %g", n, c.Floor))
	}
	for _, b := range c.Bands {
		if b.First < 0 || b.First+len(b.Weights) > n/2+1 {
			panic(fmt.Sprintf("kernel: NewFilterbank: band from bin %d of %d weights", b.First, len(b.Weights)))
		}
	}
	for i, w := range c.Window {
		f.window[i] = w / 2
	}
	for rest, s := n/2, 1; rest > 1; {
		p := spectrumPass{radix: leastRadix(rest), s: s}
		p.groups = rest / p.radix
		for g := range p.groups {
			for j := 1; j < p.radix; j++ {
				p.twiddles = append(p.twiddles, unitRoot(g*j, rest)...)
			}
		}
		for j := range p.radix {
			p.roots = append(p.roots, unitRoot(j, p.radix)...)
		}
		f.passes = append(f.passes, p)
		rest, s = p.groups, s*p.radix
	}
	for k := range n/4 + 1 {
		f.split = append(f.split, unitRoot(k, n)...)
	}
	return f
}

// leastRadix returns the radix of the next pass for n points: 5 and 4 while they divide n, else the least prime factor.
func leastRadix(n int) int {
	for _, r := range []int{5, 4} {
		if n%r == 0 {
			return r
		}
	}
	for r := 2; r*r <= n; r++ {
		if n%r == 0 {
			return r
		}
	}
	return n
}

// unitRoot returns the real and imaginary part of exp(-2πik/n).
func unitRoot(k, n int) []float64 {
	sin, cos := math.Sincos(-2 * math.Pi * float64(k%n) / float64(n))
	return []float64{cos, sin}
}

// Frames computes dst (frames, bands): frame t is x[t*hop:t*hop+N]. Samples must be finite.
func (f *Filterbank) Frames(dst, x []float32, hop, frames int) {
	if frames == 0 {
		return
	}
	if hop < 1 || len(x) < (frames-1)*hop+f.n || len(dst) != frames*len(f.c.Bands) {
		panic(fmt.Sprintf("kernel: Filterbank: %d samples, %d values for %d frames every %d", len(x), len(dst), frames, hop))
	}
	w := filterWorks.Get().(*filterWork)
	w.f, w.dst, w.x, w.hop, w.frames = f, dst, x, hop, frames
	const blockNs = 32 * 1000
	par.ForWithin(f.c.Threads, (frames+panelCols-1)/panelCols, (threadNs+blockNs-1)/blockNs, w.run)
	w.f, w.dst, w.x = nil, nil, nil
	filterWorks.Put(w)
}

// filterWork is a call of Frames; a task is a block of 32 frames.
type filterWork struct {
	f           *Filterbank
	dst, x      []float32
	hop, frames int
	run         func(lo, hi int) // w.blocks, bound once so that a call does not allocate
}

var filterWorks = sync.Pool{New: func() any {
	w := new(filterWork)
	w.run = w.blocks
	return w
}}

// filterScratch is the working memory of one thread.
type filterScratch struct {
	panel           []float32 // (N, 32): samples of the frames of a block
	z, y            []float64 // (N/2+1, 2, lanes): the transform, before and after a pass
	power, energies []float64 // (N/2+1, lanes), (bands, lanes)
	logs            []float32 // (bands, lanes)
}

var filterScratches = sync.Pool{New: func() any { return new(filterScratch) }}

func (w *filterWork) blocks(lo, hi int) {
	s, f := filterScratches.Get().(*filterScratch), w.f
	s.panel = grown(s.panel, f.n*panelCols)
	for b := lo; b < hi; b++ {
		first := b * panelCols
		n := min(panelCols, w.frames-first)
		packPanel(s.panel, w.x[first*w.hop:], w.hop, n, f.n)
		for g := 0; g < n; g += spectrumLanes() {
			s.group(f, s.panel[g:])
			s.store(f, w.dst[(first+g)*len(f.c.Bands):], min(spectrumLanes(), n-g))
		}
	}
	filterScratches.Put(s)
}

// group computes the logarithms of as many frames as there are lanes, columns of x (N, 32).
func (s *filterScratch) group(f *Filterbank, x []float32) {
	lanes, half, bands := spectrumLanes(), f.n/2, len(f.c.Bands)
	s.z, s.y = grown(s.z, (f.n+2)*lanes), grown(s.y, (f.n+2)*lanes)
	s.power, s.energies, s.logs = grown(s.power, (half+1)*lanes), grown(s.energies, bands*lanes), grown(s.logs, bands*lanes)
	spectrumWindow(s.z, x, f.window) // even samples are real parts, odd ones imaginary parts
	for i := range f.passes {
		p := &f.passes[i]
		p.run(s.y, s.z)
		s.z, s.y = s.y, s.z
	}
	copy(s.z[f.n*lanes:(f.n+2)*lanes], s.z) // bin half is bin 0
	spectrumPower(s.power, s.z, f.split, half, f.c.Root)
	for i, b := range f.c.Bands {
		spectrumFilter(s.energies[i*lanes:(i+1)*lanes], s.power[b.First*lanes:], b.Weights)
	}
	if f.c.Log != 0 {
		spectrumLog(s.logs, s.energies, f.c.Floor, f.c.Log)
		return
	}
	for i, v := range s.energies {
		s.logs[i] = float32(max(v, f.c.Floor))
	}
}

// store transposes the first frames lanes to dst (frames, bands).
func (s *filterScratch) store(f *Filterbank, dst []float32, frames int) {
	lanes, bands := spectrumLanes(), len(f.c.Bands)
	for t := range frames {
		row := dst[t*bands : (t+1)*bands]
		for i := range row {
			row[i] = s.logs[i*lanes+t]
		}
	}
}

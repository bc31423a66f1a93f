package audio

import (
	"fmt"
	"io"
	"math"

	"github.com/parley-go/parley/internal/kernel"
)

// The resampler is a windowed-sinc filter in polyphase form (Smith and Gossett, "A flexible sampling-rate conversion
// method", ICASSP 1984; Crochiere and Rabiner, "Multirate Digital Signal Processing", 1983, chapter 3).
const (
	// sincHalf is the half-width of the filter in periods of the lower rate: with kaiserBeta it puts a transition of
	// 0.45 to 0.5 of the lower rate between a flat pass band and more than 95 dB of attenuation.
	sincHalf   = 66
	kaiserBeta = 9.9
	sincCutoff = 0.475 // of the lower rate: the middle of the transition

	// maxTable is how many filter values an exact table may have. Beyond it, for ratios like 22051:16000, we hold
	// sincPhases phases for each period of the lower rate and interpolate linearly: an error below -110 dB.
	maxTable   = 1 << 18
	sincPhases = 1024
)

// Resample converts s to another rate; it returns s itself if that is its rate. The delay of the filter is compensated
// and the result has round(n*rate/s.Rate()) samples for n of s. What comes out does not depend on the sizes of reads.
// The pass band reaches to 0.45 of the lower rate within 0.05 dB; above 0.5 everything is more than 90 dB down.
func Resample(s Source, rate int) Source {
	from := s.Rate()
	if from == rate {
		return s
	}
	if from < minRate || from > maxRate || rate < minRate || rate > maxRate {
		return errSource{rate, fmt.Errorf("audio: cannot resample %d Hz to %d Hz (%d to %d are supported)", from, rate, minRate, maxRate)}
	}
	f := newSincFilter(from, rate)
	r := &resampler{src: s, f: f, rate: rate, start: 0}
	r.hist = make([]float32, f.taps/2-1, f.taps+blockLen) // silence before the beginning
	return r
}

// A sincFilter is the filter for one ratio, sampled at every phase of the output against the input.
type sincFilter struct {
	from, to int       // the rates over their greatest common divisor
	taps     int       // input samples under the filter, even
	phases   int       // rows of table less one; == to if the table is exact
	table    []float32 // (phases+1, taps): row p is the filter for an output p/phases after an input sample
}

func newSincFilter(from, to int) *sincFilter {
	g := gcd(from, to)
	f := &sincFilter{from: from / g, to: to / g}
	low := math.Min(1, float64(to)/float64(from)) // the lower rate over the input rate
	half := int(math.Ceil(sincHalf / low))
	f.taps, f.phases = 2*half, f.to
	if int64(f.to)*int64(f.taps) > maxTable {
		f.phases = int(math.Ceil(sincPhases * low))
	}
	f.table = make([]float32, (f.phases+1)*f.taps)
	row := make([]float64, f.taps)
	for p := range f.phases + 1 {
		sum := 0.0
		for k := range row {
			t := float64(k-half+1) - float64(p)/float64(f.phases) // input samples from the output
			row[k] = sinc(2*sincCutoff*low*t) * kaiser(t/float64(half), kaiserBeta)
			sum += row[k]
		}
		for k, v := range row {
			f.table[p*f.taps+k] = float32(v / sum)
		}
	}
	return f
}

// at returns the output at the given phase, in 1/to of an input period, after x[taps/2-1]; x (taps).
func (f *sincFilter) at(x []float32, phase int) float32 {
	if f.phases == f.to {
		return kernel.Dot(f.table[phase*f.taps:(phase+1)*f.taps], x)
	}
	pos := float64(phase) * float64(f.phases) / float64(f.to)
	p := int(pos)
	a := float32(pos - float64(p))
	lo := kernel.Dot(f.table[p*f.taps:(p+1)*f.taps], x)
	hi := kernel.Dot(f.table[(p+1)*f.taps:(p+2)*f.taps], x)
	return lo + a*(hi-lo)
}

type resampler struct {
	src   Source
	f     *sincFilter
	rate  int
	hist  []float32 // input not yet done with
	start int       // hist[start] is the first sample under the filter for the next output
	phase int       // of the next output
	in    int64     // input samples so far
	out   int64     // output samples so far
	err   error     // of src; the tail of silence is in hist once it is io.EOF
}

func (r *resampler) Rate() int { return r.rate }

func (r *resampler) Read(p []float32) (int, error) {
	n := 0
	for n < len(p) {
		if r.err == io.EOF && r.out >= r.total() {
			break
		}
		if len(r.hist)-r.start < r.f.taps {
			if n > 0 || r.err != nil {
				break
			}
			r.fill()
			continue
		}
		p[n] = r.f.at(r.hist[r.start:r.start+r.f.taps], r.phase)
		n++
		r.out++
		r.phase += r.f.from
		r.start += r.phase / r.f.to
		r.phase %= r.f.to
	}
	if n == 0 && len(p) > 0 {
		return 0, r.err
	}
	return n, nil
}

// total is the length of the output: round(in*to/from), ties up, without overflow.
func (r *resampler) total() int64 {
	from, to := int64(r.f.from), int64(r.f.to)
	return r.in/from*to + (2*(r.in%from)*to+from)/(2*from)
}

// fill reads a block of input, and once, at its end, appends the silence that the filter looks into.
func (r *resampler) fill() {
	done := min(r.start, len(r.hist)) // when skipping ahead start may lie beyond hist
	keep := copy(r.hist, r.hist[done:])
	r.start -= done
	r.hist = r.hist[:cap(r.hist)]
	var n int
	n, r.err = r.src.Read(r.hist[keep:min(len(r.hist), keep+blockLen)])
	r.in += int64(n)
	r.hist = r.hist[:keep+n]
	if r.err == io.EOF {
		r.hist = append(r.hist, make([]float32, r.f.taps/2+r.f.from/r.f.to+1)...)
	}
}

// sinc is sin(pi x)/(pi x).
func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the Kaiser window at x in [-1, 1], 0 outside (Kaiser and Schafer, IEEE TASSP 28(1), 1980).
func kaiser(x, beta float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return besselI0(beta*math.Sqrt(1-x*x)) / besselI0(beta)
}

// besselI0 is the modified Bessel function of the first kind and order 0, by its power series.
func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= x / (2 * k) * x / (2 * k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

package speech2text

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/parley-go/parley/transformer"
)

// Frames of Kaldi's log-mel: 25 ms every 10 ms.
const (
	frameLength = 400
	frameShift  = 160
	fftLength   = 512
)

// fbank makes Kaldi's log-mel filterbank features.
type fbank struct {
	window  []float64   // (frameLength)
	filters [][]float64 // (mels, fftLength/2+1)
}

func newFbank(mels int) *fbank {
	f := &fbank{window: make([]float64, frameLength), filters: make([][]float64, mels)}
	for i := range f.window { // Povey's
		f.window[i] = math.Pow(0.5-0.5*math.Cos(2*math.Pi*float64(i)/(frameLength-1)), 0.85)
	}
	mel := func(hz float64) float64 { return 1127 * math.Log(1+hz/700) }
	low := mel(20)
	step := (mel(SampleRate/2) - low) / float64(mels+1)
	for m := range f.filters {
		f.filters[m] = make([]float64, fftLength/2+1)
		centre := low + float64(m+1)*step
		for k := range f.filters[m] {
			f.filters[m][k] = max(0, 1-math.Abs(mel(float64(k)*SampleRate/fftLength)-centre)/step)
		}
	}
	return f
}

// features returns the log-mel of a sound x (T, mels), each mel with mean 0 and variance 1.
func (f *fbank) features(x []float32) transformer.Mat {
	n := max(0, (len(x)-frameLength)/frameShift+1)
	if len(x) < frameLength {
		n = 0
	}
	y := transformer.NewMat(n, len(f.filters))
	fft, frame := fourier.NewFFT(fftLength), make([]float64, fftLength)
	spectrum := make([]complex128, fftLength/2+1)
	power := make([]float64, len(spectrum))
	for t := range n {
		f.frame(frame, x[t*frameShift:][:frameLength])
		fft.Coefficients(spectrum, frame)
		for k, c := range spectrum {
			power[k] = real(c)*real(c) + imag(c)*imag(c)
		}
		for m, filter := range f.filters {
			sum := 0.0
			for k, w := range filter {
				sum += w * power[k]
			}
			y.Row(t)[m] = float32(math.Log(max(sum, 0x1p-23)))
		}
	}
	normalise(y)
	return y
}

// frame writes x (frameLength) without its mean, with high frequencies raised and windowed, into the start of dst (fftLength).
func (f *fbank) frame(dst []float64, x []float32) {
	mean := 0.0
	for _, v := range x {
		mean += float64(v) / frameLength
	}
	last := float64(x[0]) - mean
	for i, v := range x {
		now := float64(v) - mean
		dst[i] = (now - 0.97*last) * 32768 * f.window[i]
		last = now
	}
}

// normalise gives each column of y (T, mels) mean 0 and variance 1.
func normalise(y transformer.Mat) {
	for m := range y.Cols {
		sum, square := 0.0, 0.0
		for t := range y.Rows {
			sum += float64(y.Row(t)[m])
		}
		mean := sum / float64(y.Rows)
		for t := range y.Rows {
			d := float64(y.Row(t)[m]) - mean
			square += d * d
		}
		scale := 1 / math.Sqrt(max(square/float64(y.Rows), 1e-10))
		for t := range y.Rows {
			y.Row(t)[m] = float32((float64(y.Row(t)[m]) - mean) * scale)
		}
	}
}

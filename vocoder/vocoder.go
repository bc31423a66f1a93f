package vocoder

import (
	"fmt"
	"math"

	"github.com/parley-go/parley/internal/tensor"
)

// A Vocoder makes sound from frames. It is immutable and may be shared by goroutines.
type Vocoder interface {
	// Rate is the sample rate of the sound, Hz.
	Rate() int
	// Hop is the number of samples a frame stands for. Frame t is centred on sample Hop*t + Hop/2.
	Hop() int
	// Mels is the number of mel bands of a frame.
	Mels() int
	// NewStream begins a sound.
	NewStream() Stream
}

// A Stream turns frames into sound as they come. It belongs to one goroutine. However the frames are divided among calls of
// Push, the sound is the same, and after Flush it has exactly Hop samples for each frame.
type Stream interface {
	// Push takes frames mel (T, Mels), natural logarithms of magnitude as audio.SpeakMel describes, and f0 (T), in Hz and 0
	// where unvoiced, and appends the sound that is ready to dst. Values that are not numbers count as silence.
	// It panics if the shapes disagree.
	Push(dst []float32, mel tensor.Mat, f0 []float32) []float32
	// Flush appends the rest of the sound to dst and makes the stream ready for another sound.
	Flush(dst []float32) []float32
}

// Render returns the sound of whole features mel (T, Mels) and f0 (T): (T*Hop). It is one Push and Flush of a stream.
func Render(v Vocoder, mel tensor.Mat, f0 []float32) []float32 {
	s := v.NewStream()
	return s.Flush(s.Push(make([]float32, 0, mel.Rows*v.Hop()), mel, f0))
}

// What a frame may hold. Quieter, louder, lower and higher values are moved to these.
const (
	quietest = -11.512925 // log-mel of silence: ln 1e-5
	loudest  = 8
	lowestF0 = 20 // Hz; what lies below is unvoiced
	topF0    = 1200
)

// saneMel returns a log-mel value that the vocoders can bear.
func saneMel(v float32) float32 {
	if v != v {
		return quietest
	}
	return min(max(v, quietest), loudest)
}

// saneF0 returns F0 in Hz, 0 for unvoiced.
func saneF0(v float32) float32 {
	if v != v || v < lowestF0 || math.IsInf(float64(v), 0) {
		return 0
	}
	return min(v, topF0)
}

// checkFrames panics unless mel is (T, Mels) and f0 (T).
func checkFrames(v Vocoder, mel tensor.Mat, f0 []float32) {
	if mel.Rows > 0 && mel.Cols != v.Mels() || len(f0) != mel.Rows {
		panic(fmt.Sprintf("vocoder: Push: mel (%d, %d) and %d values of F0; want %d bands", mel.Rows, mel.Cols, len(f0), v.Mels()))
	}
}

package vad

import (
	_ "embed"
	"fmt"
	"io/fs"
	"sync"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/weights"
)

// A Detector tells how likely each frame of a sound is speech. It is immutable and may be shared by goroutines.
type Detector interface {
	Rate() int // of the sound, Hz
	Hop() int  // samples of a frame
	NewStream() Stream
}

// A Stream is one sound on its way through a Detector. It belongs to one goroutine and allocates nothing once warm.
//
// The k-th probability, in [0, 1], is about samples k*Hop to (k+1)*Hop. It comes when the detector has heard what it wants
// to hear after them; sizes of pushes make no difference.
type Stream interface {
	// Push takes more sound and appends the probabilities that it completes to dst.
	Push(dst, samples []float32) []float32
	// Flush ends the sound, as if silence followed: n samples will have made ceil(n/Hop) probabilities. The stream is
	// then ready for another sound.
	Flush(dst []float32) []float32
}

//go:embed vad.safetensors
var embedded []byte

var loadDefault = sync.OnceValue(func() Detector {
	f, err := weights.Parse("vad.safetensors", embedded)
	if err != nil {
		panic(err) // the file is part of the program
	}
	d, err := load(f)
	if err != nil {
		panic(err)
	}
	return d
})

// Default returns the embedded detector: a small recurrent network over log-mel frames of 16 ms, which hears 32 ms ahead.
func Default() Detector { return loadDefault() }

// Open loads a detector from a safetensors file: one made by training/vad, or silero-vad's network for 16 kHz, as
// training/vad/silero.py takes it out of its Python package (https://github.com/snakers4/silero-vad, MIT).
func Open(path string) (Detector, error) {
	f, err := weights.Open(path)
	if err != nil {
		return nil, fmt.Errorf("vad: %w", err)
	}
	defer f.Close()
	return load(f)
}

// OpenFS is Open for a file of fsys.
func OpenFS(fsys fs.FS, name string) (Detector, error) {
	f, err := weights.OpenFS(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("vad: %w", err)
	}
	defer f.Close()
	return load(f)
}

// load tells the families apart by a tensor that only one of them has.
func load(f weights.Loader) (Detector, error) {
	var d Detector
	var err error
	if f.Has("stft_conv.weight") {
		d, err = loadSilero(f)
	} else {
		d, err = loadNetwork(f)
	}
	if err != nil {
		return nil, fmt.Errorf("vad: %w", err)
	}
	return d, nil
}

// Probabilities returns what d thinks of a whole sound at its rate.
func Probabilities(d Detector, samples []float32) []float32 {
	s := d.NewStream()
	return s.Flush(s.Push(make([]float32, 0, len(samples)/d.Hop()+1), samples))
}

const rate = 16000 // of all detectors here

// frameBuffer cuts what is pushed into frames of size samples, overlapping by keep, and cleans it.
type frameBuffer struct {
	buf  []float32 // (size): the frame to come
	keep int       // samples that a frame shares with the one before it
	n    int       // filled
}

func newFrameBuffer(size, keep int) frameBuffer {
	return frameBuffer{buf: make([]float32, size), keep: keep, n: keep}
}

// push calls frame for each frame that samples complete.
func (b *frameBuffer) push(samples []float32, frame func(x []float32)) {
	for len(samples) > 0 {
		k := copy(b.buf[b.n:], samples)
		audio.Sanitize(b.buf[b.n : b.n+k])
		b.n += k
		samples = samples[k:]
		if b.n == len(b.buf) {
			frame(b.buf)
			b.n = copy(b.buf, b.buf[len(b.buf)-b.keep:])
		}
	}
}

// flush fills a begun frame with silence, and starts anew.
func (b *frameBuffer) flush(frame func(x []float32)) {
	if b.n > b.keep {
		clear(b.buf[b.n:])
		frame(b.buf)
	}
	clear(b.buf)
	b.n = b.keep
}

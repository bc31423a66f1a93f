package whisper

import (
	"context"
	"io"
	"math"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/transformer"
)

// features are the log-mel frames of a sound, read as they are needed and forgotten once they are not: memory does not depend on the
// length of the sound. Frame t is centred on sample 160t.
//
// Whisper raises values far below the greatest one of its input (WhisperScale). Its reference takes that over the whole file, which a
// stream does not have; here it is the greatest value so far, which is the same from the loudest moment on.
type features struct {
	src     audio.Source // 16 kHz
	mel     *audio.MelStream
	mels    int
	read    []float32 // scratch
	speech  *speech   // or nil
	samples int       // read so far
	ended   bool

	base int       // first frame kept
	rows []float32 // (T, mels): frames base, base+1, ...
	top  float32   // greatest value so far
}

// silence is the log-mel of no sound.
const silence = -10

// readLen is how many samples are read at once: enough frames for several threads. Live sound is read in shorter pieces.
const (
	readLen     = 1 << 15
	liveReadLen = 1 << 12
)

// open makes the features those of src; the memory of the sound before it is used again.
func (s *session) open(src audio.Source) *features {
	f := &s.features
	if f.mel == nil {
		f.mel, f.read = s.m.mel.NewStream(), make([]float32, readLen)
	}
	f.mel.Reset()
	*f = features{src: audio.Resample(src, sampleRate), mel: f.mel, mels: s.m.config.Mels, read: f.read[:readLen], rows: f.rows[:0], top: -math.MaxFloat32}
	return f
}

// have is how many frames were made so far.
func (f *features) have() int { return f.base + len(f.rows)/f.mels }

// end is how many frames the sound has, once it has ended.
func (f *features) end() int { return f.samples / hop }

// fill reads until frames up to n exist, or the sound has ended.
func (f *features) fill(ctx context.Context, n int) error {
	for f.have() < n && !f.ended {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.more(); err != nil {
			return err
		}
	}
	return nil
}

// skip reads up to frame n and keeps none before it.
func (f *features) skip(ctx context.Context, n int) error {
	const step = 100
	for f.have() < n && !f.ended {
		if err := f.fill(ctx, min(n, f.have()+step)); err != nil {
			return err
		}
		f.forget(n)
	}
	return nil
}

// more reads once.
func (f *features) more() error {
	n, err := f.src.Read(f.read)
	x := f.read[:n]
	audio.Sanitize(x)
	f.samples += n
	if f.speech != nil {
		f.speech.hear(x)
	}
	f.push(x)
	if err == io.EOF {
		f.ended = true
		clear(f.read[:400]) // what the last frames see of the silence after the sound
		f.push(f.read[:400])
		if f.speech != nil {
			f.speech.end(f.samples)
		}
		return nil
	}
	return err
}

func (f *features) push(x []float32) {
	old := len(f.rows)
	f.rows = f.mel.Push(f.rows, x)
	top := f.top
	for _, v := range f.rows[old:] {
		if v > top {
			top = v
		}
	}
	f.top = top
}

// forget drops the frames before n.
func (f *features) forget(n int) {
	drop := min(n-f.base, len(f.rows)/f.mels)
	if drop <= 0 {
		return
	}
	f.rows = f.rows[:copy(f.rows, f.rows[drop*f.mels:])]
	f.base += drop
}

// window writes the frames from lo to hi, scaled, into the start of x (T, mels). The rest becomes 0 as openai/whisper has it, or with
// quiet the silence that transformers and whisper.cpp put after a short sound: then the frames after its end that still hear some of it are there too.
func (f *features) window(x transformer.Mat, lo, hi int, quiet bool) {
	if quiet && f.ended && hi == f.end() {
		hi = min(f.have(), lo+x.Rows)
	}
	rows := f.rows[min(len(f.rows), (lo-f.base)*f.mels):min(len(f.rows), (hi-f.base)*f.mels)]
	floor, dst := f.top-8, x.Data[:len(rows)]
	for i, v := range rows {
		if v < floor {
			v = floor
		}
		dst[i] = (v + 4) / 4
	}
	rest := float32(0)
	if quiet {
		rest = (max(silence, floor) + 4) / 4
	}
	for i := len(rows); i < len(x.Data); i++ {
		x.Data[i] = rest
	}
}

package wav2vec2

import (
	"context"
	"fmt"
	"io"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/transformer"
)

// Windows hears a sound of any length in windows of about length samples, of which each shares a third with its neighbours: a sixth at
// either end gives only context and its frames are left out, as in the pipeline of transformers with chunk_length_s. emit gets ln P of
// the units in the frames (T, V), in order, without a gap; an error of emit ends it and is returned.
func (m *Model) Windows(ctx context.Context, src audio.Source, length int, emit func(logp transformer.Mat) error) error {
	hop := m.Hop()
	edge := (length + 3*hop) / (6 * hop) * hop
	length = (length + hop/2) / hop * hop
	if edge < m.config.reach() {
		return fmt.Errorf("wav2vec2: windows of %d samples are too short for frames that see %d", length, m.config.reach())
	}
	w := &window{src: audio.Resample(src, SampleRate), read: make([]float32, 4096)}
	left := 0
	for {
		if err := w.fill(ctx, length+1); err != nil { // one more tells whether this window is the last
			return err
		}
		last := len(w.samples) <= length
		y, err := m.LogProbs(ctx, w.samples[:min(length, len(w.samples))])
		if err != nil {
			return err
		}
		right := y.Rows
		if !last {
			right = (length - edge) / hop
		}
		if left < right {
			if err := emit(y.Slice(left, right)); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
		w.samples = w.samples[:copy(w.samples, w.samples[length-2*edge:])]
		left = edge / hop
	}
}

// window is the part of a sound that is kept.
type window struct {
	src     audio.Source
	read    []float32 // scratch
	samples []float32
	ended   bool
}

// fill reads until there are n samples, or the sound has ended.
func (w *window) fill(ctx context.Context, n int) error {
	for len(w.samples) < n && !w.ended {
		if err := ctx.Err(); err != nil {
			return err
		}
		k, err := w.src.Read(w.read)
		audio.Sanitize(w.read[:k])
		w.samples = append(w.samples, w.read[:k]...)
		w.ended = err == io.EOF
		if err != nil && !w.ended {
			return err
		}
	}
	return nil
}

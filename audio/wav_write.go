package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	goaudio "github.com/go-audio/audio"
	"github.com/go-audio/wav"
)

// WAVOptions say how to write WAV. nil means 16-bit PCM of unknown length.
type WAVOptions struct {
	Float   bool  // 32-bit float instead of 16-bit PCM: no rounding, no clipping
	Samples int64 // how many samples will come, if known: makes the header exact where it cannot be patched
}

// A WAVWriter is a Sink that writes mono WAV.
type WAVWriter struct {
	rate, width int
	float       bool
	closed      bool
	written     int64 // samples
	promised    int64 // samples that the header of a stream promises, 0 if none

	w   io.Writer      // a stream: header first, never patched
	raw []byte         // one block of w, encoded
	f   io.WriteSeeker // a file, written by enc and patched
	enc *wav.Encoder
	buf goaudio.IntBuffer // one block of enc
	due int64             // when written reaches it, the header of f is patched
}

// Bytes of the header that both kinds of output have, and the places of its two sizes.
const (
	wavHeader   = 44
	riffSizeAt  = 4
	dataSizeAt  = 40
	unknownSize = math.MaxUint32
)

// NewWAVWriter writes the header and returns a Sink for the samples at rate. Close completes the file; it does not
// close w.
//
// If w can seek and is empty, as a new *os.File, the sizes in the header are patched at least once for every second of
// sound, so that a program killed half-way leaves a playable file. Otherwise, as for a pipe, the sizes are those of
// opt.Samples or, if that is not positive, 0xFFFFFFFF, which every player takes for "until the end".
func NewWAVWriter(w io.Writer, rate int, opt *WAVOptions) (*WAVWriter, error) {
	if opt == nil {
		opt = &WAVOptions{}
	}
	if rate < minRate || rate > maxRate {
		return nil, fmt.Errorf("audio: WAV: sample rate of %d Hz (%d to %d are supported)", rate, minRate, maxRate)
	}
	o := &WAVWriter{rate: rate, width: 2, float: opt.Float}
	tag := tagPCM
	if opt.Float {
		o.width, tag = 4, tagFloat
	}
	if f, ok := w.(io.WriteSeeker); ok && isEmpty(f) {
		o.f = f
		o.enc = wav.NewEncoder(f, rate, 8*o.width, 1, tag)
		o.buf.Format = &goaudio.Format{NumChannels: 1, SampleRate: rate}
		if err := o.enc.Write(&o.buf); err != nil { // no samples: the header alone
			return nil, fmt.Errorf("audio: WAV: %w", err)
		}
		return o, o.patch()
	}
	o.w, o.promised = w, max(0, opt.Samples)
	if _, err := w.Write(o.header(tag)); err != nil {
		return nil, fmt.Errorf("audio: WAV: %w", err)
	}
	return o, nil
}

// isEmpty reports whether f can seek and holds nothing. A pipe has a Seek that fails; `>> file` has an end above 0.
func isEmpty(f io.Seeker) bool {
	end, err := f.Seek(0, io.SeekEnd)
	return err == nil && end == 0
}

// header is that of a stream.
func (o *WAVWriter) header(tag int) []byte {
	riff, data := o.sizes(o.promised)
	if o.promised == 0 {
		riff, data = unknownSize, unknownSize
	}
	le := binary.LittleEndian
	h := append(make([]byte, 0, wavHeader), "RIFF"...)
	h = le.AppendUint32(h, riff)
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 16)
	h = le.AppendUint16(h, uint16(tag))
	h = le.AppendUint16(h, 1)
	h = le.AppendUint32(h, uint32(o.rate))
	h = le.AppendUint32(h, uint32(o.rate*o.width))
	h = le.AppendUint16(h, uint16(o.width))
	h = le.AppendUint16(h, uint16(8*o.width))
	h = append(h, "data"...)
	return le.AppendUint32(h, data)
}

// sizes returns the two sizes for n samples; what does not fit in 32 bits is unknownSize.
func (o *WAVWriter) sizes(n int64) (riff, data uint32) {
	if size := n * int64(o.width); size <= unknownSize-wavHeader {
		return uint32(size) + wavHeader - 8, uint32(size)
	}
	return unknownSize, unknownSize
}

// Write encodes p. Samples beyond full scale are clipped and NaN is silence, unless the file is of floats, which keeps
// all that is finite.
func (o *WAVWriter) Write(p []float32) (int, error) {
	if o.closed {
		return 0, errors.New("audio: WAV: write after Close")
	}
	for done := 0; done < len(p); {
		block := p[done:min(done+blockLen, len(p))]
		if err := o.writeBlock(block); err != nil {
			return done, fmt.Errorf("audio: WAV: %w", err)
		}
		done += len(block)
		o.written += int64(len(block))
	}
	if o.f != nil && o.written >= o.due {
		return len(p), o.patch()
	}
	return len(p), nil
}

func (o *WAVWriter) writeBlock(p []float32) error {
	switch {
	case o.f != nil && o.float:
		for _, v := range p {
			if err := o.enc.WriteFrame(finite(v)); err != nil {
				return err
			}
		}
		return nil
	case o.f != nil:
		o.buf.Data = o.buf.Data[:0]
		for _, v := range p {
			o.buf.Data = append(o.buf.Data, int(Int16(v)))
		}
		return o.enc.Write(&o.buf)
	}
	o.raw = o.raw[:0]
	for _, v := range p {
		if o.float {
			o.raw = binary.LittleEndian.AppendUint32(o.raw, math.Float32bits(finite(v)))
		} else {
			o.raw = binary.LittleEndian.AppendUint16(o.raw, uint16(Int16(v)))
		}
	}
	_, err := o.w.Write(o.raw)
	return err
}

// patch makes the header of a file say what the file holds, and returns to its end.
func (o *WAVWriter) patch() error {
	o.due = o.written + int64(o.rate)
	riff, data := o.sizes(o.written)
	for _, field := range []struct {
		at   int64
		size uint32
	}{{riffSizeAt, riff}, {dataSizeAt, data}} {
		if _, err := o.f.Seek(field.at, io.SeekStart); err != nil {
			return fmt.Errorf("audio: WAV: %w", err)
		}
		if _, err := o.f.Write(binary.LittleEndian.AppendUint32(nil, field.size)); err != nil {
			return fmt.Errorf("audio: WAV: %w", err)
		}
	}
	end, err := o.f.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("audio: WAV: %w", err)
	}
	if end > wavHeader+o.written*int64(o.width) {
		return errors.New("audio: WAV: the file is open for appending, so its header cannot be completed")
	}
	return nil
}

// Close completes the header of a file. For a stream it returns an error if not as many samples came as promised.
// It leaves the underlying writer open. Closing again does nothing.
func (o *WAVWriter) Close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	if o.f != nil {
		return o.patch()
	}
	if o.promised > 0 && o.written != o.promised {
		return fmt.Errorf("audio: WAV: header promises %d samples, %d came", o.promised, o.written)
	}
	return nil
}

// WriteWAV writes the whole clip: NewWAVWriter, Write, Close. The size in the header is exact for pipes too.
func WriteWAV(w io.Writer, c Clip, opt *WAVOptions) error {
	o := WAVOptions{Samples: int64(len(c.Samples))}
	if opt != nil {
		o.Float = opt.Float
	}
	out, err := NewWAVWriter(w, c.Rate, &o)
	if err != nil {
		return err
	}
	if _, err := out.Write(c.Samples); err != nil {
		return err
	}
	return out.Close()
}

// Int16 converts a sample to 16 bits: 1 is 32768, rounded to nearest, clipped to what 16 bits hold; NaN is 0.
func Int16(v float32) int16 {
	switch x := math.RoundToEven(float64(v) * (1 << 15)); {
	case x >= math.MaxInt16:
		return math.MaxInt16
	case x <= math.MinInt16:
		return math.MinInt16
	case x != x:
		return 0
	default:
		return int16(x)
	}
}

// finite is v cleaned by Sanitize.
func finite(v float32) float32 {
	one := [1]float32{v}
	Sanitize(one[:])
	return one[0]
}

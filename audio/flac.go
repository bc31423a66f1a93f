package audio

import (
	"bufio"
	"fmt"
	"io"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
)

// maxFLACBlock is the longest block the format allows, in frames.
const maxFLACBlock = 65535

type flacSource struct {
	frames flacFrames
	rate   int
	scale  float32   // full scale -> 1
	mono   []float32 // one block
	rest   []float32 // what of it is not read yet
	err    error     // what follows rest
	left   uint64    // samples that the metadata promise, which streams may leave out, and that have not come
}

// openFLAC reads the metadata.
func openFLAC(br *bufio.Reader) (Source, error) {
	stream, err := flac.New(br) // takes br as it is, so that what follows the metadata stays in it
	if err != nil {
		return nil, err
	}
	info := stream.Info
	if info.NChannels == 0 || info.BitsPerSample < 4 || info.BitsPerSample > 32 {
		return nil, fmt.Errorf("%d channels of %d bits", info.NChannels, info.BitsPerSample)
	}
	scale := 1 / float32(uint64(1)<<(info.BitsPerSample-1))
	return &flacSource{frames: flacFrames{r: br}, rate: int(info.SampleRate), scale: scale, left: info.NSamples}, nil
}

func (s *flacSource) Rate() int { return s.rate }

func (s *flacSource) Read(p []float32) (int, error) {
	for len(s.rest) == 0 && s.err == nil {
		var f *frame.Frame
		if f, s.err = s.frames.next(); s.err == nil {
			s.err = s.mix(f)
		}
		if s.err == io.EOF && s.left > 0 {
			s.err = io.ErrUnexpectedEOF
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	if len(s.rest) > 0 {
		return n, nil
	}
	return n, s.err
}

// mix converts one block to mono floats.
func (s *flacSource) mix(f *frame.Frame) error {
	if len(f.Subframes) == 0 || f.SampleRate != 0 && int(f.SampleRate) != s.rate {
		return fmt.Errorf("block of %d channels at %d Hz in a file of %d Hz", len(f.Subframes), f.SampleRate, s.rate)
	}
	t := len(f.Subframes[0].Samples)
	if t > maxFLACBlock {
		return fmt.Errorf("block of %d samples", t)
	}
	if cap(s.mono) < t {
		s.mono = make([]float32, t)
	}
	s.mono = s.mono[:t]
	clear(s.mono)
	scale := s.scale / float32(len(f.Subframes))
	for _, sub := range f.Subframes {
		if len(sub.Samples) != t {
			return io.ErrUnexpectedEOF
		}
		for i, v := range sub.Samples {
			s.mono[i] += float32(v) * scale
		}
	}
	s.rest = s.mono
	s.left -= min(s.left, uint64(t))
	return nil
}

package audio

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

type mp3Source struct {
	d   *mp3.Decoder
	raw [4 * blockLen]byte // go-mp3 yields 16-bit stereo, also for mono files
}

// openMP3 decodes the first frame to learn the rate.
func openMP3(br *bufio.Reader) (Source, error) {
	d, err := mp3.NewDecoder(struct{ io.Reader }{br}) // hides bufio's other methods
	if err != nil {
		return nil, err
	}
	return &mp3Source{d: d}, nil
}

func (s *mp3Source) Rate() int { return s.d.SampleRate() }

func (s *mp3Source) Read(p []float32) (int, error) {
	n, err := io.ReadAtLeast(s.d, s.raw[:min(len(s.raw), 4*len(p))], 4)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	n /= 4
	for i := range n {
		l := int16(binary.LittleEndian.Uint16(s.raw[4*i:]))
		r := int16(binary.LittleEndian.Uint16(s.raw[4*i+2:]))
		p[i] = float32(int(l)+int(r)) / (1 << 16)
	}
	return n, err
}

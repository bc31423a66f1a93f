package audio

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math"

	"github.com/hajimehoshi/go-mp3"
)

// mp3Delay is what the decoder's filter bank adds to the encoder's delay, in samples.
const mp3Delay = 529

type mp3Source struct {
	d    *mp3.Decoder
	skip int64              // samples of the start still to drop: delay of encoder and decoder
	left int64              // samples to yield after that
	raw  [4 * blockLen]byte // go-mp3 yields 16-bit stereo, also for mono files
}

// openMP3 decodes the first frame to learn the rate.
func openMP3(br *bufio.Reader) (Source, error) {
	first, _ := br.Peek(1024)
	skip, left := mp3Trim(first)
	d, err := mp3.NewDecoder(struct{ io.Reader }{br}) // hides bufio's other methods
	if err != nil {
		return nil, err
	}
	return &mp3Source{d: d, skip: skip, left: left}, nil
}

// mp3Trim reads the Xing and LAME tags that encoders put into a silent first frame h: how many samples to drop from
// the start of what go-mp3 decodes, and how many then are the sound.
func mp3Trim(h []byte) (skip, left int64) {
	const unknown = math.MaxInt64
	if !isMP3(h) {
		return 0, unknown
	}
	mpeg1, mono := h[1]&0x08 != 0, h[3]>>6 == 3
	frame, side := int64(576), 17 // samples of a frame, bytes of side information
	if mpeg1 {
		frame, side = 1152, 32
	}
	if mono {
		side = map[bool]int{true: 17, false: 9}[mpeg1]
	}
	tag := h[min(len(h), 4+side):]
	if !bytes.HasPrefix(tag, []byte("Xing")) && !bytes.HasPrefix(tag, []byte("Info")) || len(tag) < 8 {
		return 0, unknown
	}
	flags, at, frames := tag[7], 8, int64(0)
	if flags&1 != 0 && len(tag) >= at+4 {
		frames = int64(binary.BigEndian.Uint32(tag[at:]))
	}
	for bit, size := range []int{4, 4, 100, 4} { // frames, bytes, seek table, quality
		if flags>>bit&1 != 0 {
			at += size
		}
	}
	const delayAt = 21 // in the LAME tag
	if len(tag) < at+delayAt+3 || tag[at] != 'L' {
		return frame, unknown
	}
	b := tag[at+delayAt:]
	start, end := int64(b[0])<<4|int64(b[1])>>4, int64(b[1]&0x0F)<<8|int64(b[2])
	left = unknown
	if n := frames*frame - start - end; n > 0 {
		left = n
	}
	return frame + start + mp3Delay, left
}

func (s *mp3Source) Rate() int { return s.d.SampleRate() }

func (s *mp3Source) Read(p []float32) (int, error) {
	want := min(int64(len(p)), s.left)
	if s.skip > 0 {
		want = min(int64(len(p)), s.skip)
	}
	if want == 0 {
		return 0, io.EOF
	}
	n, err := io.ReadAtLeast(s.d, s.raw[:min(int64(len(s.raw)), 4*want)], 4)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	n /= 4
	if s.skip > 0 {
		s.skip -= int64(n)
		return 0, err
	}
	s.left -= int64(n)
	for i := range n {
		l := int16(binary.LittleEndian.Uint16(s.raw[4*i:]))
		r := int16(binary.LittleEndian.Uint16(s.raw[4*i+2:]))
		p[i] = float32(int(l)+int(r)) / (1 << 16)
	}
	return n, err
}

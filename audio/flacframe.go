package audio

import (
	"bufio"

	"github.com/mewkiz/flac/frame"
)

// flacFrames parses FLAC frames with mewkiz/flac, which writes a line to the standard logger for every frame whose
// header names 24 or 176.4 kHz. A library must not do that, so such a header is shown to it with the code for "as in the
// stream information" instead. The checksum of the frame then fails there, and is verified here.
type flacFrames struct {
	r       *bufio.Reader
	header  [flacHeaderMax]byte // the changed header
	changed []byte              // what of it is not read yet
	masked  bool                // the current frame has a changed header
	crc     uint16              // of the frame as it is in the file; 0 at the end of a good one
}

const flacHeaderMax = 16 // bytes of a frame header

// next parses one frame.
func (s *flacFrames) next() (*frame.Frame, error) {
	s.masked, s.crc = false, 0
	h, _ := s.r.Peek(flacHeaderMax)
	if n := flacHeaderLen(h); n > 0 && (h[2]&0x0F == 0x7 || h[2]&0x0F == 0x2) {
		s.masked = true
		s.changed = s.header[:copy(s.header[:], h[:n])]
		s.changed[2] &= 0xF0
		s.changed[n-1] = flacCRC8(s.changed[:n-1])
	}
	f, err := frame.Parse(s)
	if s.masked && err != nil && s.crc == 0 && flacComplete(f) {
		err = nil
	}
	return f, err
}

// Read passes the file on, with the changed header in place of its own.
func (s *flacFrames) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.masked {
		s.crc = flacCRC16(s.crc, p[:n])
		s.changed = s.changed[copy(p[:n], s.changed):]
	}
	return n, err
}

// flacHeaderLen is the length of the frame header that h begins with, or 0 if there is no good one (RFC 9639, 9.1).
func flacHeaderLen(h []byte) int {
	if len(h) < 6 || h[0] != 0xFF || h[1]&0xFE != 0xF8 {
		return 0
	}
	n := 5 // to the end of the first byte of the frame number
	for bit := byte(0x40); h[4]&0x80 != 0 && h[4]&bit != 0; bit >>= 1 {
		n++
	}
	switch h[2] >> 4 { // block size
	case 6:
		n++
	case 7:
		n += 2
	}
	switch h[2] & 0x0F { // rate
	case 12:
		n++
	case 13, 14:
		n += 2
	}
	n++ // CRC-8
	if n > len(h) || flacCRC8(h[:n-1]) != h[n-1] {
		return 0
	}
	return n
}

// flacComplete reports whether all samples of f were decoded.
func flacComplete(f *frame.Frame) bool {
	if f == nil || len(f.Subframes) != f.Channels.Count() {
		return false
	}
	for _, sub := range f.Subframes {
		if sub == nil || len(sub.Samples) != int(f.BlockSize) {
			return false
		}
	}
	return true
}

// flacCRC8 has the polynomial 0x07.
func flacCRC8(b []byte) (crc byte) {
	for _, v := range b {
		crc ^= v
		for range 8 {
			crc = crc<<1 ^ 0x07*(crc>>7)
		}
	}
	return crc
}

// flacCRC16 has the polynomial 0x8005.
func flacCRC16(crc uint16, b []byte) uint16 {
	for _, v := range b {
		crc ^= uint16(v) << 8
		for range 8 {
			crc = crc<<1 ^ 0x8005*(crc>>15)
		}
	}
	return crc
}

package audio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The WAV reader is ours and not that of go-audio/wav, which writes our files (wav_write.go): that one needs an
// io.ReadSeeker, so cannot read stdin; knows neither float nor the G.711 laws; and takes the streaming size marker
// 0xFFFFFFFF, being odd, for a size of 0.

// Format tags of the "fmt " chunk (RFC 2361).
const (
	tagPCM        = 1
	tagFloat      = 3
	tagALaw       = 6
	tagMuLaw      = 7
	tagExtensible = 0xFFFE
)

// A wavFormat is the part of the "fmt " chunk that decoding needs.
type wavFormat struct {
	tag      int
	channels int
	rate     int
	width    int // bytes of one sample
	align    int // bytes of one frame
}

type wavSource struct {
	wavFormat
	r      io.Reader
	left   int64 // bytes of data left, or -1: until the end of r
	raw    []byte
	frames []float32 // (block, channels)
}

// openWAV reads chunk headers up to the data.
func openWAV(br *bufio.Reader) (Source, error) {
	var head [12]byte // RIFF size WAVE
	if _, err := io.ReadFull(br, head[:]); err != nil {
		return nil, err
	}
	riffEnd := 8 + int64(binary.LittleEndian.Uint32(head[4:])) // not to be trusted
	pos := int64(len(head))
	var f wavFormat
	var bigData int64 = -1 // the 64-bit data size of an RF64 file
	for {
		var h [8]byte
		if _, err := io.ReadFull(br, h[:]); err != nil {
			return nil, fmt.Errorf("no data chunk: %w", noEOF(err))
		}
		id, size := string(h[:4]), int64(binary.LittleEndian.Uint32(h[4:]))
		pos += 8
		switch id {
		case "data":
			if f.align == 0 {
				return nil, errors.New("data before a format chunk")
			}
			return newWAVSource(br, f, dataSize(size, bigData, riffEnd > pos)), nil
		case "fmt ", "ds64":
			body, err := readChunk(br, size)
			if err != nil {
				return nil, err
			}
			if id == "ds64" && len(body) >= 16 {
				bigData = int64(binary.LittleEndian.Uint64(body[8:]))
			} else if id == "fmt " {
				if f, err = parseFormat(body); err != nil {
					return nil, err
				}
			}
		default:
			if _, err := io.CopyN(io.Discard, br, size+size&1); err != nil {
				return nil, fmt.Errorf("no data chunk: %w", noEOF(err))
			}
		}
		pos += size + size&1
	}
}

// dataSize interprets the size of a data chunk; -1 means until the end. Programs that write to a pipe say "unknown" as
// 0xFFFFFFFF or a bit over 0x7FFFFFFF; one that was killed leaves 0. So 0 is believed only if more chunks are to follow.
func dataSize(size, big int64, more bool) int64 {
	switch {
	case size == math.MaxUint32 && big > 0:
		return big
	case size == 0 && !more || size >= math.MaxInt32-64:
		return -1
	}
	return size
}

// readChunk reads a small chunk and its pad byte.
func readChunk(r io.Reader, size int64) ([]byte, error) {
	if size > 1<<16 {
		return nil, fmt.Errorf("format chunk of %d bytes", size)
	}
	body := make([]byte, size+size&1)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, noEOF(err)
	}
	return body[:size], nil
}

// parseFormat reads the body of a "fmt " chunk: WAVEFORMAT, WAVEFORMATEX or WAVEFORMATEXTENSIBLE.
func parseFormat(b []byte) (wavFormat, error) {
	if len(b) < 14 {
		return wavFormat{}, fmt.Errorf("format chunk of %d bytes", len(b))
	}
	u16 := func(i int) int { return int(binary.LittleEndian.Uint16(b[i:])) }
	f := wavFormat{tag: u16(0), channels: u16(2), rate: int(binary.LittleEndian.Uint32(b[4:])), align: u16(12)}
	bits := 8
	if len(b) >= 16 {
		bits = u16(14)
	}
	if f.tag == tagExtensible && len(b) >= 26 {
		f.tag = u16(24) // the first two bytes of the sub-format GUID
	}
	f.width = (bits + 7) / 8
	if f.channels == 0 || f.channels*f.width != f.align {
		return f, fmt.Errorf("%d channels of %d bits do not make a frame of %d bytes", f.channels, bits, f.align)
	}
	ok := false
	switch f.tag {
	case tagPCM:
		ok = f.width >= 1 && f.width <= 4
	case tagFloat:
		ok = bits == 32 || bits == 64
	case tagALaw, tagMuLaw:
		ok = bits == 8
	}
	if !ok {
		return f, fmt.Errorf("%w: codec 0x%04X with %d bits (supported: PCM of 8 to 32 bits, float of 32 or 64, mu-law, A-law)",
			ErrFormat, f.tag, bits)
	}
	return f, nil
}

func newWAVSource(r io.Reader, f wavFormat, size int64) *wavSource {
	frames := max(1, blockLen/f.channels)
	return &wavSource{wavFormat: f, r: r, left: size, raw: make([]byte, frames*f.align), frames: make([]float32, frames*f.channels)}
}

func (s *wavSource) Rate() int { return s.rate }

// Read decodes one block. Data that ends before the size in the header says so is the end, not an error.
func (s *wavSource) Read(p []float32) (int, error) {
	want := int64(min(len(p)*s.align, len(s.raw)))
	if s.left >= 0 {
		want = min(want, s.left-s.left%int64(s.align))
	}
	if want == 0 {
		return 0, io.EOF
	}
	n, err := io.ReadAtLeast(s.r, s.raw[:want], s.align)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	if rest := n % s.align; rest != 0 && err == nil {
		var m int
		if m, err = io.ReadFull(s.r, s.raw[n:n-rest+s.align]); err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		n += m
	}
	if s.left >= 0 {
		s.left -= int64(n)
	}
	frames := n / s.align
	x := s.frames[:frames*s.channels]
	decodePCM(x, s.raw[:frames*s.align], s.tag, s.width)
	return Mono(p, x, s.channels), err
}

// decodePCM converts little-endian samples of width bytes to float32, full scale to [-1, 1).
func decodePCM(dst []float32, b []byte, tag, width int) {
	switch {
	case tag == tagMuLaw:
		for i := range dst {
			dst[i] = muLaw[b[i]]
		}
	case tag == tagALaw:
		for i := range dst {
			dst[i] = aLaw[b[i]]
		}
	case tag == tagFloat && width == 4:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case tag == tagFloat:
		for i := range dst {
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
		}
	case width == 1:
		for i := range dst {
			dst[i] = float32(int(b[i])-128) / 128
		}
	case width == 2:
		for i := range dst {
			dst[i] = float32(int16(binary.LittleEndian.Uint16(b[2*i:]))) / (1 << 15)
		}
	case width == 3:
		for i := range dst {
			v := uint32(b[3*i])<<8 | uint32(b[3*i+1])<<16 | uint32(b[3*i+2])<<24
			dst[i] = float32(int32(v)) / (1 << 31)
		}
	default:
		for i := range dst {
			dst[i] = float32(int32(binary.LittleEndian.Uint32(b[4*i:]))) / (1 << 31)
		}
	}
}

// muLaw and aLaw hold the sample of each G.711 code word, full scale to (-1, 1).
var muLaw, aLaw = g711Tables()

// g711Tables expands the code words after ITU-T G.711: sign, 3 bits of exponent, 4 of mantissa.
func g711Tables() (mu, a [256]float32) {
	for i := range 256 {
		code := ^byte(i)
		v := int(code&0x0F)<<3 + 0x84
		v = v<<(code>>4&7) - 0x84
		if code&0x80 != 0 {
			v = -v
		}
		mu[i] = float32(v) / (1 << 15)

		code = byte(i) ^ 0x55
		exp := int(code >> 4 & 7)
		v = int(code&0x0F)<<4 + 8
		if exp > 0 {
			v = (v + 0x100) << (exp - 1)
		}
		if code&0x80 == 0 {
			v = -v
		}
		a[i] = float32(v) / (1 << 15)
	}
	return mu, a
}

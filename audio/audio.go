package audio

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// A Source is a stream of mono sound: io.Reader with samples for bytes.
//
// Read fills up to len(p) samples, nominally in [-1, 1] at Rate Hz, and returns how many. As with io.Reader it may
// return fewer than asked for, may return n > 0 together with an error, and ends with io.EOF. Rate is constant.
// The sources of this package never yield NaN or infinity (see Sanitize).
type Source interface {
	Rate() int
	Read(p []float32) (n int, err error)
}

// A Sink takes mono sound: io.Writer with samples for bytes. Write must not keep p. It returns an error if n < len(p).
type Sink interface {
	Write(p []float32) (n int, err error)
}

// A Clip is a whole sound in memory.
type Clip struct {
	Rate    int       // samples a second
	Samples []float32 // (N), mono, nominally in [-1, 1]
}

// ErrTooLong is returned by ReadAll for a source that is longer than its limit.
var ErrTooLong = errors.New("audio: sound is longer than the limit")

// Duration is the playing time of the clip, 0 for a clip without a rate.
func (c Clip) Duration() time.Duration {
	if c.Rate <= 0 {
		return 0
	}
	return time.Duration(float64(len(c.Samples)) / float64(c.Rate) * float64(time.Second))
}

// Source reads the clip from its start. It shares, and never changes, the clip's samples.
func (c Clip) Source() Source { return &clipSource{rate: c.Rate, rest: c.Samples} }

// Resample returns the clip at another rate; the same clip if it has that rate already.
func (c Clip) Resample(rate int) (Clip, error) {
	if rate == c.Rate {
		return c, nil
	}
	return ReadAll(Resample(c.Source(), rate), 0)
}

type clipSource struct {
	rate int
	rest []float32
}

func (s *clipSource) Rate() int { return s.rate }

func (s *clipSource) Read(p []float32) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest)
	Sanitize(p[:n])
	s.rest = s.rest[n:]
	return n, nil
}

// blockLen is how many samples the package moves at a time.
const blockLen = 4096

// ReadAll reads s to its end. limit, if positive, is the longest sound accepted; beyond it ReadAll returns the first
// limit's worth together with ErrTooLong. On any other error it returns what came before it.
func ReadAll(s Source, limit time.Duration) (Clip, error) {
	c := Clip{Rate: s.Rate()}
	most := math.MaxInt
	if limit > 0 {
		most = int(limit.Seconds() * float64(c.Rate))
	}
	buf := make([]float32, blockLen)
	for {
		n, err := s.Read(buf)
		if len(c.Samples)+n > most {
			c.Samples = append(c.Samples, buf[:most-len(c.Samples)]...)
			return c, fmt.Errorf("%w of %v", ErrTooLong, limit)
		}
		c.Samples = append(c.Samples, buf[:n]...)
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return c, err
		}
	}
}

// Copy moves src to dst until io.EOF and returns the number of samples written.
func Copy(dst Sink, src Source) (int64, error) {
	buf := make([]float32, blockLen)
	var total int64
	for {
		n, err := src.Read(buf)
		if n > 0 {
			m, werr := dst.Write(buf[:n])
			total += int64(m)
			if werr != nil {
				return total, werr
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// Mono mixes interleaved frames of channels samples each to their mean: frames (T, channels) -> dst (T).
// dst may be the start of frames. It returns T; samples of an incomplete last frame are ignored.
func Mono(dst, frames []float32, channels int) int {
	t := len(frames) / channels
	if channels == 1 {
		return copy(dst, frames)
	}
	scale := 1 / float32(channels)
	for i := range t {
		var sum float32
		for _, v := range frames[i*channels : (i+1)*channels] {
			sum += v
		}
		dst[i] = sum * scale
	}
	return t
}

// Sanitize replaces what is not a sound: NaN by 0, and values beyond +-MaxSample (infinity among them) by +-MaxSample.
// A single NaN would otherwise spread through every filter and network behind it.
func Sanitize(p []float32) {
	for len(p) >= saneBlock && sane((*[saneBlock]float32)(p)) { // almost always, and fast
		p = p[saneBlock:]
	}
	for i, v := range p {
		if v <= MaxSample && v >= -MaxSample {
			continue
		}
		switch {
		case v > 0:
			p[i] = MaxSample
		case v < 0:
			p[i] = -MaxSample
		default:
			p[i] = 0
		}
	}
}

// MaxSample is the largest magnitude a source of this package yields. Float files may exceed 1; this is far above
// what any of them holds on purpose, and small enough that no sum of squares overflows.
const MaxSample = 1 << 15

// saneBlock is how many samples sane checks.
const saneBlock = 8

// sane reports whether Sanitize would leave all of p alone. A magnitude's bits, those of NaN too, are in order as whole numbers.
func sane(p *[saneBlock]float32) bool {
	return headroom(p[0])|headroom(p[1])|headroom(p[2])|headroom(p[3])|headroom(p[4])|headroom(p[5])|headroom(p[6])|headroom(p[7]) < 1<<31
}

// headroom is the bits of MaxSample less those of the magnitude of v: the highest bit is set if v is beyond it.
func headroom(v float32) uint32 { return (127+15)<<23 - math.Float32bits(v)&0x7fffffff }

// An errSource has a rate but no sound: every Read returns err.
type errSource struct {
	rate int
	err  error
}

func (s errSource) Rate() int                   { return s.rate }
func (s errSource) Read([]float32) (int, error) { return 0, s.err }

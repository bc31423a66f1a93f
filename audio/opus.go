package audio

import (
	"bufio"
	"fmt"
	"io"
	"math"

	"github.com/pion/opus"
)

// opusRate is what Ogg/Opus counts in: all positions in the stream are at 48 kHz.
const opusRate = 48000

// maxOpusPacket is the longest packet, 120 ms, in seconds.
const maxOpusPacket = 0.12

type opusSource struct {
	ogg  oggReader
	dec  opus.Decoder
	head opusHead
	rate int // of the output, that of the first stream
	step int // positions to an output sample
	gain float32
	pcm  []float32 // one packet, interleaved, then mono
	rest []float32 // what of it is not read yet
	skip int       // samples of the start still to drop
	pos  int64     // position after what is decoded
	base int64     // granule position of position 0: not 0 in a recording that began mid-stream; -1 until known
	err  error
}

// openOpus begins the first stream.
func openOpus(br *bufio.Reader) (Source, error) {
	s := &opusSource{ogg: oggReader{r: br}}
	return s, s.begin()
}

// begin reads the two header packets of a stream. Each of several chained ones has its own channels, pre-skip, gain and
// positions; all are decoded to the rate of the first.
func (s *opusSource) begin() error {
	packet, _, err := s.ogg.next()
	if err != nil {
		return noEOF(err)
	}
	if s.head, err = parseOpusHead(packet); err != nil {
		return err
	}
	if _, _, err = s.ogg.next(); err != nil { // OpusTags
		return fmt.Errorf("no tags: %w", noEOF(err))
	}
	if s.rate == 0 {
		s.rate = s.head.outputRate()
	}
	s.step = opusRate / s.rate
	if s.dec, err = opus.NewDecoderWithOutput(s.rate, s.head.channels); err != nil {
		return err
	}
	s.skip, s.pos, s.base = s.head.preSkip/s.step, 0, -1
	s.gain = float32(math.Pow(10, float64(s.head.gain)/(20*256)))
	s.pcm = make([]float32, int(maxOpusPacket*float64(s.rate))*s.head.channels)
	return nil
}

// chain goes on to the next stream.
func (s *opusSource) chain() error {
	if err := s.ogg.nextStream(); err != nil {
		return err
	}
	if err := s.begin(); err != nil {
		return fmt.Errorf("chained stream: %w", err)
	}
	return nil
}

func (s *opusSource) Rate() int { return s.rate }

func (s *opusSource) Read(p []float32) (int, error) {
	for len(s.rest) == 0 && s.err == nil {
		s.err = s.decode()
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	if len(s.rest) > 0 {
		return n, nil
	}
	return n, s.err
}

// decode fills rest from the next packet, if that has sound. The end is trimmed to the granule position of the last page and the start by
// the pre-skip, RFC 7845 sections 4.2 to 4.4.
func (s *opusSource) decode() error {
	packet, last, err := s.ogg.next()
	if err == io.EOF {
		return s.chain()
	}
	if err != nil {
		return err
	}
	if len(packet) == 0 {
		return nil
	}
	t, err := s.dec.DecodeToFloat32(packet, s.pcm)
	if err != nil {
		return err
	}
	t = Mono(s.pcm, s.pcm[:t*s.head.channels], s.head.channels)
	if s.gain != 1 {
		for i := range s.pcm[:t] {
			s.pcm[i] *= s.gain
		}
	}
	s.pos += int64(t * s.step)
	final := s.ogg.flags&pageLast != 0
	if last && s.base < 0 && s.ogg.granule >= 0 {
		s.base = max(0, s.ogg.granule-s.pos)
		if final {
			s.base = 0
		}
	}
	if last && final {
		over := (s.base + s.pos - s.ogg.granule) / int64(s.step)
		t -= int(min(max(over, 0), int64(t)))
	}
	drop := min(s.skip, t)
	s.skip -= drop
	s.rest = s.pcm[drop:t]
	return nil
}

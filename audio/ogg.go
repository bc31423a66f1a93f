package audio

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// Ogg pages, RFC 3533 section 6. pion's oggreader is not used: it hides the end-of-stream flag, without which the end
// cannot be trimmed, mixes up multiplexed streams, and lets one packet grow without limit.

const (
	oggHeaderLen = 27
	maxPacket    = 1 << 20 // bytes of one packet; Opus audio needs 61 KB at most, tags with pictures may be longer

	pageContinued = 1 << 0 // header type flags
	pageFirst     = 1 << 1
	pageLast      = 1 << 2
)

var oggCRC = oggCRCTable()

// oggCRCTable is of the polynomial 0x04C11DB7, not reflected.
func oggCRCTable() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24
		for range 8 {
			r = r<<1 ^ 0x04C11DB7*(r>>31)
		}
		t[i] = r
	}
	return t
}

// An oggReader yields the packets of the first logical stream in a physical one and, after nextStream, of those chained
// behind it. The first pages of multiplexed streams come before all others, so that one further on begins a chained stream.
type oggReader struct {
	r       *bufio.Reader
	serial  uint32
	seq     uint32 // expected number of the next page
	started bool
	running bool   // past the first pages
	chained []byte // the body of page, when that is the first one of a stream not begun yet
	flags   byte   // of the current page
	granule int64  // of the current page, -1 if no packet ends on it
	lacing  []byte // segment sizes not yet used
	body    []byte // their bytes
	partial []byte // the packet that the last page left unfinished
	skip    bool   // dropping the rest of a packet whose beginning is lost or which is too long
	page    [oggHeaderLen + 255 + 255*255]byte
}

// next returns the next packet, valid until the next call, and whether it is the last one to end on its page.
// A lost or damaged page costs its packets and is no error; io.EOF is the end of the stream, see nextStream.
func (o *oggReader) next() (packet []byte, last bool, err error) {
	for {
		for len(o.lacing) > 0 {
			n := int(o.lacing[0])
			o.lacing = o.lacing[1:]
			if len(o.partial)+n > maxPacket {
				o.skip = true
			}
			if !o.skip {
				o.partial = append(o.partial, o.body[:n]...)
			}
			o.body = o.body[n:]
			if n == 255 {
				continue
			}
			packet, o.partial = o.partial, o.partial[:0]
			if !o.skip {
				return packet, !o.endsAnother(), nil
			}
			o.skip = false
		}
		if o.chained != nil || o.flags&pageLast != 0 {
			return nil, false, io.EOF
		}
		if err := o.readPage(); err != nil {
			return nil, false, err
		}
	}
}

// endsAnother reports whether a further packet ends on the current page.
func (o *oggReader) endsAnother() bool {
	for _, n := range o.lacing {
		if n < 255 {
			return true
		}
	}
	return false
}

// readPage finds the next good page of the stream; io.EOF is also the first page of a chained one.
func (o *oggReader) readPage() error {
	for {
		body, err := o.syncPage()
		if err != nil {
			return err
		}
		if body == nil {
			continue
		}
		if first := o.page[5]&pageFirst != 0; first && o.running {
			o.chained = body
			return io.EOF
		} else if !first {
			o.running = true
		}
		if !o.started || binary.LittleEndian.Uint32(o.page[14:]) == o.serial {
			o.take(body)
			return nil
		}
	}
}

// nextStream goes on to the stream chained behind the one that has ended; io.EOF if there is none.
func (o *oggReader) nextStream() error {
	for o.chained == nil {
		body, err := o.syncPage()
		if err != nil {
			return err
		}
		if body != nil && o.page[5]&pageFirst != 0 {
			o.chained = body
		}
	}
	o.started, o.running = false, false
	o.take(o.chained)
	o.chained = nil
	return nil
}

// take makes the page just read, which has that body, the current one.
func (o *oggReader) take(body []byte) {
	le := binary.LittleEndian
	seq := le.Uint32(o.page[18:])
	if !o.started {
		o.serial, o.seq, o.started = le.Uint32(o.page[14:]), seq, true
		o.partial = o.partial[:0]
	}
	o.flags, o.granule = o.page[5], int64(le.Uint64(o.page[6:]))
	o.lacing, o.body = o.page[oggHeaderLen:oggHeaderLen+int(o.page[26])], body
	if seq != o.seq || o.flags&pageContinued == 0 {
		o.partial, o.skip = o.partial[:0], false
	}
	if o.flags&pageContinued != 0 && len(o.partial) == 0 {
		o.skip = true
	}
	o.seq = seq + 1
}

// syncPage reads the page that starts at the next "OggS" into o.page and returns its body, nil if it is damaged.
func (o *oggReader) syncPage() ([]byte, error) {
	for {
		head, err := o.r.Peek(oggHeaderLen)
		if err != nil {
			return nil, err // also io.EOF after a few stray bytes
		}
		if string(head[:4]) == "OggS" && head[4] == 0 {
			break
		}
		if _, err := o.r.Discard(1); err != nil {
			return nil, err
		}
	}
	if _, err := io.ReadFull(o.r, o.page[:oggHeaderLen]); err != nil {
		return nil, noEOF(err)
	}
	end := oggHeaderLen + int(o.page[26])
	if _, err := io.ReadFull(o.r, o.page[oggHeaderLen:end]); err != nil {
		return nil, noEOF(err)
	}
	start := end
	for _, n := range o.page[oggHeaderLen:end] {
		end += int(n)
	}
	if _, err := io.ReadFull(o.r, o.page[start:end]); err != nil {
		return nil, noEOF(err)
	}
	want := binary.LittleEndian.Uint32(o.page[22:])
	clear(o.page[22:26])
	var crc uint32
	for _, b := range o.page[:end] {
		crc = crc<<8 ^ oggCRC[byte(crc>>24)^b]
	}
	if crc != want {
		return nil, nil
	}
	return o.page[start:end], nil
}

// opusHead is the identification header, RFC 7845 section 5.1.
type opusHead struct {
	channels int
	preSkip  int // samples at 48 kHz
	rate     int // of what was encoded; 0 if not told
	gain     int // output gain in 1/256 dB
}

func parseOpusHead(b []byte) (opusHead, error) {
	if len(b) < 19 || string(b[:8]) != "OpusHead" {
		return opusHead{}, fmt.Errorf("%w: no OpusHead packet", ErrFormat)
	}
	h := opusHead{
		channels: int(b[9]),
		preSkip:  int(binary.LittleEndian.Uint16(b[10:])),
		rate:     int(binary.LittleEndian.Uint32(b[12:])),
		gain:     int(int16(binary.LittleEndian.Uint16(b[16:]))),
	}
	if b[8]&0xF0 != 0 || h.channels == 0 {
		return h, fmt.Errorf("version %d with %d channels", b[8], h.channels)
	}
	if h.channels > 2 || b[18] != 0 && b[18] != 1 || len(b) > 20 && b[19] > 1 {
		return h, fmt.Errorf("%w: Opus of %d channels (1 and 2 are supported)", ErrFormat, h.channels)
	}
	return h, nil
}

// outputRate is the lowest rate that Opus can decode to and that is not below the rate of what was encoded: no sound is
// lost, and no work done for the emptiness above it.
func (h opusHead) outputRate() int {
	for _, rate := range []int{8000, 12000, 16000, 24000} {
		if 0 < h.rate && h.rate <= rate {
			return rate
		}
	}
	return opusRate
}

package audio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// ErrFormat is wrapped by the error of Decode for data in none of the formats it knows.
var ErrFormat = errors.New("audio: unknown format")

// supported is for error messages.
const supported = "WAV (PCM, float, mu-law, A-law), FLAC, MP3 and Ogg/Opus"

// sniffLen is how many bytes Decode looks at to tell the format.
const sniffLen = 64

// Rates outside these limits are refused: no microphone or file has them, and filters scale with them.
const (
	minRate = 100
	maxRate = 768000
)

// Decode finds out the format of r by its content and returns its sound, mixed to mono, at the rate of the file.
// It reads r as the sound is read, so r may be a pipe and may be endless. Formats: WAV, FLAC, MP3, Ogg/Opus. Ogg streams
// chained one after the other, as in recordings of radio, are one sound at the rate of the first.
//
// An error that wraps ErrFormat means another format. A file that ends too early yields what it holds and then
// io.ErrUnexpectedEOF, but WAV and MP3 data may end anywhere, as recorders that are stopped leave it.
func Decode(r io.Reader) (Source, error) {
	br := bufio.NewReaderSize(r, 1<<15)
	skipID3(br)
	head, err := br.Peek(sniffLen)
	if len(head) == 0 {
		if err == nil || err == io.EOF {
			return nil, errors.New("audio: no data")
		}
		return nil, fmt.Errorf("audio: %w", err)
	}
	name, open := sniff(head)
	if open == nil {
		if name == "" {
			name = "data"
		} else {
			name += " file"
		}
		return nil, fmt.Errorf("%w: %s (supported: %s)", ErrFormat, name, supported)
	}
	var s Source
	err = guard(name, func() (err error) { s, err = open(br); return err })
	if err != nil {
		return nil, fmt.Errorf("audio: %s: %w", name, noEOF(err))
	}
	if rate := s.Rate(); rate < minRate || rate > maxRate {
		return nil, fmt.Errorf("audio: %s: sample rate of %d Hz (%d to %d are supported)", name, rate, minRate, maxRate)
	}
	return &decoded{Source: s, name: name}, nil
}

// sniff tells the format by the first bytes. open is nil for a format that is not supported; name may then be empty.
func sniff(head []byte) (name string, open func(*bufio.Reader) (Source, error)) {
	at := func(i int, magic string) bool {
		return len(head) >= i+len(magic) && string(head[i:i+len(magic)]) == magic
	}
	switch {
	case at(0, "RIFF") && at(8, "WAVE"), at(0, "RF64") && at(8, "WAVE"):
		return "WAV", openWAV
	case at(0, "fLaC"):
		return "FLAC", openFLAC
	case at(0, "OggS"):
		switch {
		case at(28, "OpusHead"):
			return "Ogg/Opus", openOpus
		case at(28, "\x01vorbis"):
			return "Ogg/Vorbis", nil
		case at(28, "\x7fFLAC"):
			return "Ogg/FLAC", nil
		}
		return "Ogg", nil
	case at(4, "ftyp"):
		return "MP4/M4A", nil
	case at(0, "\x1aE\xdf\xa3"):
		return "WebM/Matroska", nil
	case at(0, "FORM"):
		return "AIFF", nil
	case at(0, ".snd"):
		return "AU", nil
	case isADTS(head):
		return "AAC", nil
	case isMP3(head):
		return "MP3", openMP3
	}
	return "", nil
}

// skipID3 drops an ID3v2 tag, which is at the start of most MP3 files and of some FLAC files.
func skipID3(br *bufio.Reader) {
	for {
		h, _ := br.Peek(10)
		if len(h) < 10 || string(h[:3]) != "ID3" {
			return
		}
		size := int(h[6]&0x7F)<<21 | int(h[7]&0x7F)<<14 | int(h[8]&0x7F)<<7 | int(h[9]&0x7F)
		if h[5]&0x10 != 0 {
			size += 10 // a footer
		}
		if n, _ := br.Discard(10 + size); n < 10+size {
			return // the end of the input: Decode will say so
		}
	}
}

// isMP3 reports whether h begins with an MPEG audio layer III frame header (ISO 11172-3, 2.4.1.3).
func isMP3(h []byte) bool {
	return len(h) >= 4 && h[0] == 0xFF && h[1]&0xE0 == 0xE0 && h[1]&0x18 != 0x08 && h[1]&0x06 == 0x02 &&
		h[2]>>4 != 0xF && h[2]>>2&3 != 3
}

// isADTS reports whether h begins with an AAC ADTS header: the MPEG sync word with layer 0.
func isADTS(h []byte) bool { return len(h) >= 2 && h[0] == 0xFF && h[1]&0xF6 == 0xF0 }

// decoded is what Decode returns: it turns panics of a decoder into errors, names the format in errors, cleans samples
// and makes errors stick.
type decoded struct {
	Source
	name string
	err  error
}

func (d *decoded) Read(p []float32) (n int, err error) {
	if d.err != nil {
		return 0, d.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	err = guard(d.name, func() (err error) {
		for n == 0 && err == nil {
			n, err = d.Source.Read(p)
		}
		return err
	})
	Sanitize(p[:n])
	if err != nil && err != io.EOF {
		err = fmt.Errorf("audio: %s: %w", d.name, err)
	}
	d.err = err
	return n, err
}

// guard runs f and returns a panic of it as an error: the decoders are other people's, their input is hostile.
func guard(name string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%s decoder failed on malformed data: %v", name, v)
		}
	}()
	return f()
}

// noEOF turns io.EOF, where more was needed, into io.ErrUnexpectedEOF.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

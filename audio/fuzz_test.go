package audio

import (
	"bufio"
	"bytes"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// drain reads at most some seconds of s, as any input may claim to be long, and checks what every source promises.
func drain(t *testing.T, s Source) {
	buf := make([]float32, 1000)
	for total := 0; total < 1<<20; {
		n, err := s.Read(buf)
		if n < 0 || n > len(buf) {
			t.Fatalf("read %d of %d", n, len(buf))
		}
		for _, v := range buf[:n] {
			if !(math.Abs(float64(v)) <= MaxSample) {
				t.Fatalf("sample %g", v)
			}
		}
		total += n
		if err != nil {
			return
		}
		if n == 0 {
			t.Fatal("no samples and no error")
		}
	}
}

// seed adds the files with one of the extensions, and each cut in half and with a byte changed.
func seed(f *testing.F, exts ...string) {
	for _, name := range testFiles(f) {
		for _, ext := range exts {
			if filepath.Ext(name) != ext {
				continue
			}
			b := readFile(f, name)
			f.Add(b)
			f.Add(b[:len(b)/2])
			c := bytes.Clone(b)
			c[len(c)/3] ^= 0x55
			f.Add(c)
		}
	}
}

// fuzzOpen fuzzes one format, without the sniffing. Decoders of others may panic inside guard.
func fuzzOpen(f *testing.F, ext string, open func(*bufio.Reader) (Source, error)) {
	seed(f, ext)
	f.Fuzz(func(t *testing.T, b []byte) {
		start := time.Now()
		var s Source
		err := guard(ext, func() (err error) {
			s, err = open(bufio.NewReaderSize(bytes.NewReader(b), 1<<15))
			return err
		})
		if err == nil {
			drain(t, &decoded{Source: s, name: ext})
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%d bytes took %v", len(b), d)
		}
	})
}

func FuzzWAV(f *testing.F)  { fuzzOpen(f, ".wav", openWAV) }
func FuzzFLAC(f *testing.F) { fuzzOpen(f, ".flac", openFLAC) }
func FuzzMP3(f *testing.F)  { fuzzOpen(f, ".mp3", openMP3) }

// FuzzOpus gives every page a good checksum, without which hardly a change would reach the decoder.
func FuzzOpus(f *testing.F) {
	fuzzOpen(f, ".opus", func(br *bufio.Reader) (Source, error) {
		b, err := br.Peek(br.Size())
		if len(b) == 0 {
			return nil, err
		}
		return openOpus(bufio.NewReaderSize(bytes.NewReader(repairOgg(bytes.Clone(b))), 1<<15))
	})
}

// repairOgg sets the checksum of every page of b.
func repairOgg(b []byte) []byte {
	for at := 0; at+oggHeaderLen < len(b); {
		p := b[at:]
		end := oggHeaderLen + int(p[26])
		if string(p[:4]) != "OggS" || end > len(p) {
			at++
			continue
		}
		for _, n := range p[oggHeaderLen:end] {
			end += int(n)
		}
		if end > len(p) {
			break
		}
		clear(p[22:26])
		var crc uint32
		for _, v := range p[:end] {
			crc = crc<<8 ^ oggCRC[byte(crc>>24)^v]
		}
		p[22], p[23], p[24], p[25] = byte(crc), byte(crc>>8), byte(crc>>16), byte(crc>>24)
		at += end
	}
	return b
}

func FuzzDecode(f *testing.F) {
	seed(f, ".wav", ".flac", ".mp3", ".opus")
	f.Add([]byte("ID3\x04\x00\x10\x00\x00\x00\x01RIFF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(bytes.NewReader(b))
		if err == nil {
			drain(t, s)
		} else if !strings.HasPrefix(err.Error(), "audio: ") {
			t.Errorf("error %q", err)
		}
	})
}

// FuzzResample checks the length for any rates and reads.
func FuzzResample(f *testing.F) {
	f.Add(44100, 16000, 5000, 100)
	f.Add(100, 768000, 3, 1)
	f.Add(768000, 100, 20000, 7)
	f.Fuzz(func(t *testing.T, from, to, n, block int) {
		from, to = minRate+abs(from)%(maxRate-minRate+1), minRate+abs(to)%(maxRate-minRate+1)
		n, block = abs(n)%20000, 1+abs(block)%5000
		if int64(n)*int64(to)/int64(from) > 1<<17 {
			return
		}
		got := 0
		r := Resample(Clip{from, make([]float32, n)}.Source(), to)
		buf := make([]float32, block)
		for {
			m, err := r.Read(buf)
			if got += m; err != nil {
				break
			}
		}
		if want := int(math.Floor(float64(n)*float64(to)/float64(from) + 0.5)); got != want {
			t.Errorf("%d samples %d -> %d: got %d, want %d", n, from, to, got, want)
		}
	})
}

func abs(x int) int { return int(uint(max(x, -x)) & math.MaxInt32) }

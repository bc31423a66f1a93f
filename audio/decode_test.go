package audio

import (
	"bytes"
	"errors"
	"io"
	"log"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

const testdata = "../testdata/audio/"

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(testdata + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decodeAll(t testing.TB, r io.Reader) Clip {
	t.Helper()
	s, err := Decode(r)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ReadAll(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// chirp is the sound of the lossless files, training/goldens/audio.py.
func chirp(rate, n, channels int) Clip {
	c := Clip{Rate: rate, Samples: make([]float32, n)}
	for i := range c.Samples {
		t := float64(i) / float64(rate)
		x := 0.5 * math.Sin(2*math.Pi*(200*t+2000*t*t))
		for k := 1; k < channels; k++ {
			x += 0.25 * math.Sin(2*math.Pi*440*float64(k)*t)
		}
		c.Samples[i] = float32(x / float64(channels))
	}
	return c
}

func maxDiff(a, b []float32) float64 {
	d := 0.0
	for i := range min(len(a), len(b)) {
		d = max(d, math.Abs(float64(a[i])-float64(b[i])))
	}
	return d
}

// snr is the ratio of the energy of want to that of the difference, in dB.
func snr(got, want []float32) float64 {
	var signal, noise float64
	for i := range min(len(got), len(want)) {
		d := float64(got[i]) - float64(want[i])
		signal += float64(want[i]) * float64(want[i])
		noise += d * d
	}
	return 10 * math.Log10(signal/noise)
}

func TestDecodeLossless(t *testing.T) {
	for _, test := range []struct {
		name              string
		rate, n, channels int
		step              float64 // of the quantiser
	}{
		{"pcm8.wav", 16000, 800, 1, 1. / 128},
		{"pcm16.wav", 16000, 800, 1, 1. / 32768},
		{"pcm16ex.wav", 16000, 800, 1, 1. / 32768},
		{"pcm24.wav", 16000, 800, 1, 1. / (1 << 23)},
		{"pcm32.wav", 16000, 800, 1, 1e-7},
		{"float32.wav", 16000, 800, 1, 1e-7},
		{"float32ex.wav", 16000, 800, 1, 1e-7},
		{"float64.wav", 16000, 800, 1, 1e-7},
		{"mulaw.wav", 16000, 800, 1, 1. / 32},
		{"alaw.wav", 16000, 800, 1, 1. / 32},
		{"stereo.wav", 11025, 551, 2, 1. / 32768},
		{"five.wav", 8000, 400, 5, 1. / (1 << 23)},
		{"pcm16.flac", 16000, 4000, 1, 1. / 32768},
		{"stereo.flac", 44100, 4410, 2, 1. / 32768},
		{"pcm24.flac", 24000, 4800, 1, 1. / (1 << 23)},
		{"pcm8.flac", 8000, 1600, 3, 1. / 128},
	} {
		c := decodeAll(t, bytes.NewReader(readFile(t, test.name)))
		want := chirp(test.rate, test.n, test.channels)
		if c.Rate != want.Rate || len(c.Samples) != test.n {
			t.Errorf("%s: %d samples at %d Hz, want %d at %d", test.name, len(c.Samples), c.Rate, test.n, test.rate)
		}
		if d := maxDiff(c.Samples, want.Samples); d > test.step+1e-7 {
			t.Errorf("%s: differs by %.3g, quantiser step %.3g", test.name, d, test.step)
		}
	}
}

// TestDecodeLossy compares with libsndfile. pion's SILK is in floating point where the reference is in fixed point, so
// that files which use it agree less.
func TestDecodeLossy(t *testing.T) {
	for _, test := range []struct {
		name string
		rate int
		snr  float64 // at least, dB
	}{
		{"mono16k.mp3", 16000, 70},
		{"stereo44k.mp3", 44100, 70},
		{"celt48k.opus", 48000, 75},
		{"celt-2.5ms.opus", 16000, 70},
		{"hybrid24k.opus", 24000, 45},
		{"hybrid-120ms.opus", 24000, 40},
		{"silk16k.opus", 16000, 40},
		{"silk8k-60ms.opus", 8000, 40},
		{"silkstereo.opus", 12000, 40},
	} {
		c := decodeAll(t, bytes.NewReader(readFile(t, test.name)))
		want := decodeAll(t, bytes.NewReader(readFile(t, test.name+".ref.flac")))
		if c.Rate != test.rate || len(c.Samples) != len(want.Samples) {
			t.Errorf("%s: %d samples at %d Hz, want %d at %d", test.name, len(c.Samples), c.Rate, len(want.Samples), test.rate)
		}
		if r := snr(c.Samples, want.Samples); !(r >= test.snr) {
			t.Errorf("%s: %.1f dB from libsndfile, want %.0f", test.name, r, test.snr)
		} else {
			t.Logf("%s: %.1f dB", test.name, r)
		}
	}
}

// testFiles lists the sounds, without references.
func testFiles(t testing.TB) (names []string) {
	for _, ext := range []string{"wav", "flac", "mp3", "opus"} {
		files, err := filepath.Glob(testdata + "*." + ext)
		if err != nil || len(files) == 0 {
			t.Fatal(ext, err)
		}
		for _, f := range files {
			if !strings.Contains(f, ".ref.") {
				names = append(names, filepath.Base(f))
			}
		}
	}
	return names
}

// TestDecodePipe reads every file a byte at a time and in odd blocks.
func TestDecodePipe(t *testing.T) {
	for _, name := range testFiles(t) {
		b := readFile(t, name)
		want := decodeAll(t, bytes.NewReader(b))
		s, err := Decode(iotest.OneByteReader(bytes.NewReader(b)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []float32
		buf := make([]float32, 37)
		for err == nil {
			var n int
			n, err = s.Read(buf)
			got = append(got, buf[:n]...)
		}
		if n, again := s.Read(buf); err != io.EOF || n != 0 || again != io.EOF {
			t.Errorf("%s: ends with %v, then %d, %v", name, err, n, again)
		}
		if len(got) != len(want.Samples) || maxDiff(got, want.Samples) != 0 {
			t.Errorf("%s: %d samples in small pieces, %d at once, maximal difference %g", name, len(got), len(want.Samples), maxDiff(got, want.Samples))
		}
	}
}

// TestDecodeTruncated cuts every file everywhere: what comes out is the beginning of the sound.
func TestDecodeTruncated(t *testing.T) {
	for _, name := range testFiles(t) {
		b := readFile(t, name)
		want := decodeAll(t, bytes.NewReader(b)).Samples
		for cut := 0; cut < len(b); cut += 1 + cut/7 {
			s, err := Decode(bytes.NewReader(b[:cut]))
			if err != nil {
				continue
			}
			c, err := ReadAll(s, 0)
			if err == io.EOF {
				t.Errorf("%s cut to %d bytes: io.EOF as an error", name, cut)
			}
			got := c.Samples
			if strings.HasSuffix(name, ".flac") && len(got) < len(want) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s cut to %d bytes: %d samples of %d, error %v", name, cut, len(got), len(want), err)
			}
			if strings.HasSuffix(name, ".opus") && len(got) > len(want) {
				got = got[:len(want)] // the end is trimmed only by the last page
			}
			if len(got) > len(want) || maxDiff(got, want[:len(got)]) != 0 {
				t.Errorf("%s cut to %d bytes: %d samples of %d, maximal difference %g", name, cut, len(got), len(want), maxDiff(got, want))
			}
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, test := range []struct{ data, want string }{
		{"", "no data"},
		{"x", "unknown format: data (supported: WAV"},
		{strings.Repeat("\x00", 1000), "unknown format"},
		{"OggS" + strings.Repeat("\x00", 24) + "\x01vorbis" + strings.Repeat(" ", 40), "unknown format: Ogg/Vorbis file (supported: WAV"},
		{"\x00\x00\x00\x20ftypM4A " + strings.Repeat(" ", 40), "MP4/M4A"},
		{"\xFF\xF1\x50\x80" + strings.Repeat(" ", 60), "AAC"},
		{"RIFF\x04\x00\x00\x00WAVE", "WAV: no data chunk"},
		{"fLaC\x00\x00\x00\x22", "FLAC: unexpected EOF"},
		{"OggS" + strings.Repeat("\x00", 24) + "OpusHead", "Ogg/Opus: unexpected EOF"},
		{"ID3\x04\x00\x00\x7F\x7F\x7F\x7F", "no data"},
	} {
		_, err := Decode(strings.NewReader(test.data))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.20q: got %v, want %q", test.data, err, test.want)
		} else if strings.HasPrefix(test.want, "unknown") && !errors.Is(err, ErrFormat) {
			t.Errorf("%.20q: not an ErrFormat", test.data)
		}
	}
	if _, err := Decode(iotest.ErrReader(errTest)); !errors.Is(err, errTest) {
		t.Errorf("error of the reader: got %v", err)
	}
}

func TestDecodeReaderError(t *testing.T) {
	for _, name := range testFiles(t) {
		b := readFile(t, name)
		s, err := Decode(io.MultiReader(bytes.NewReader(b[:len(b)/2]), iotest.ErrReader(errTest)))
		if err == nil {
			_, err = ReadAll(s, 0)
		}
		if !errors.Is(err, errTest) {
			t.Errorf("%s: error of the reader: got %v", name, err)
		}
	}
}

func TestDecodeID3(t *testing.T) {
	tag := append([]byte("ID3\x04\x00\x00\x00\x00\x02\x00"), make([]byte, 256)...)
	for _, name := range []string{"mono16k.mp3", "pcm16.flac"} {
		b := readFile(t, name)
		want, got := decodeAll(t, bytes.NewReader(b)), decodeAll(t, bytes.NewReader(append(tag, b...)))
		if len(want.Samples) != len(got.Samples) || maxDiff(want.Samples, got.Samples) != 0 {
			t.Errorf("%s with ID3: %d samples, want %d", name, len(got.Samples), len(want.Samples))
		}
	}
}

// panicky stands for a decoder with a bug.
type panicky struct{}

func (panicky) Rate() int                   { return 8000 }
func (panicky) Read([]float32) (int, error) { panic("index out of range") }

func TestDecoderPanic(t *testing.T) {
	d := &decoded{Source: panicky{}, name: "FLAC"}
	for range 2 {
		if _, err := d.Read(make([]float32, 1)); err == nil || !strings.Contains(err.Error(), "FLAC decoder failed") {
			t.Errorf("got %v", err)
		}
	}
}

// TestFLACQuiet checks that mewkiz/flac has no occasion to write to the log, and that damage is still found.
func TestFLACQuiet(t *testing.T) {
	var out bytes.Buffer
	log.SetOutput(&out)
	defer log.SetOutput(os.Stderr)
	b := readFile(t, "pcm24.flac")
	decodeAll(t, bytes.NewReader(b))
	if out.Len() > 0 {
		t.Errorf("logged %q", out.String())
	}
	b[len(b)-100] ^= 1
	s, err := Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadAll(s, 0); err == nil {
		t.Error("damaged frame accepted")
	}
}

// TestOggDamage flips a bit in one page: its packets are lost, the rest is not.
func TestOggDamage(t *testing.T) {
	b := readFile(t, "celt-2.5ms.opus")
	pages := bytes.Count(b, []byte("OggS"))
	if pages < 3 {
		t.Skip("a single audio page")
	}
	want := decodeAll(t, bytes.NewReader(b))
	b[len(b)-10] ^= 1
	if got := decodeAll(t, bytes.NewReader(b)); len(got.Samples) >= len(want.Samples) {
		t.Errorf("%d samples of %d", len(got.Samples), len(want.Samples))
	}
	junk := append(append([]byte{}, readFile(t, "celt-2.5ms.opus")...), "OggS trailing junk that is long enough for a header"...)
	if got := decodeAll(t, bytes.NewReader(junk)); len(got.Samples) != len(want.Samples) {
		t.Errorf("with junk behind the end: %d samples, want %d", len(got.Samples), len(want.Samples))
	}
}

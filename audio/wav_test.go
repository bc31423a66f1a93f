package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/go-audio/wav"
)

// wavFile puts chunks, given as id and body, behind a RIFF header with the given size; size 0 bodies are allowed.
func wavFile(riffSize uint32, chunks ...any) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), riffSize)
	b = append(b, "WAVE"...)
	for i := 0; i < len(chunks); i += 2 {
		b = append(b, chunks[i].(string)...)
		body := chunks[i+1].([]byte)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
		b = append(b, body...)
		if len(body)%2 == 1 {
			b = append(b, 0)
		}
	}
	return b
}

// fmtChunk is the body of a format chunk.
func fmtChunk(tag, channels int, rate uint32, bits int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, uint16(tag))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, rate)
	b = le.AppendUint32(b, rate*uint32(channels*bits/8))
	b = le.AppendUint16(b, uint16(channels*((bits+7)/8)))
	return le.AppendUint16(b, uint16(bits))
}

// pcm16 is 1, 2, ... n as 16-bit samples.
func pcm16(n int) (b []byte, want []float32) {
	for i := range n {
		b = binary.LittleEndian.AppendUint16(b, uint16(i+1))
		want = append(want, float32(i+1)/32768)
	}
	return b, want
}

func TestWAVHeaders(t *testing.T) {
	data, want := pcm16(101)
	format := fmtChunk(1, 1, 8000, 16)
	plain := wavFile(36+202, "fmt ", format, "data", data)
	sized := func(riff, size uint32, tail string) []byte {
		b := slices.Clone(plain)
		binary.LittleEndian.PutUint32(b[4:], riff)
		binary.LittleEndian.PutUint32(b[40:], size)
		return append(b, tail...)
	}
	rf64 := wavFile(math.MaxUint32, "ds64", append(make([]byte, 8), 202, 0, 0, 0, 0, 0, 0, 0), "fmt ", format, "data", data)
	copy(rf64, "RF64")
	binary.LittleEndian.PutUint32(rf64[12+8+16+8+16+4:], math.MaxUint32)
	for _, test := range []struct {
		name string
		file []byte
		want []float32
	}{
		{"plain", plain, want},
		{"format chunk of 18 bytes", wavFile(0, "fmt ", append(format, 0, 0), "data", data), want},
		{"odd chunk before", wavFile(0, "LIST", []byte("abc"), "fmt ", format, "junk", []byte{}, "data", data), want},
		{"chunk behind", wavFile(1000, "fmt ", format, "data", data, "LIST", make([]byte, 50)), want},
		{"ffmpeg to a pipe", sized(math.MaxUint32, math.MaxUint32, ""), want},
		{"sox to a pipe", sized(0x7FFFFFFF, 0x7FFFFFFF-36, ""), want},
		{"arecord to a pipe", sized(0x80000024, 0x80000000, ""), want},
		{"killed, sizes of 0", sized(0, 0, ""), want},
		{"killed, RIFF size of the header", sized(36, 0, ""), want},
		{"empty, and a chunk behind", wavFile(36+58, "fmt ", format, "data", []byte{}, "LIST", make([]byte, 50)), nil},
		{"100 hours without data", sized(36+5_760_000_00, 5_760_000_00, "")[:44], nil},
		{"100 hours with some data", sized(36+5_760_000_00, 5_760_000_00, ""), want},
		{"half a sample at the end", sized(0, 203, "x"), want},
		{"RF64", rf64, want},
		{"nothing", wavFile(36, "fmt ", format, "data", []byte{}), nil},
		{"one sample", wavFile(38, "fmt ", format, "data", data[:2]), want[:1]},
	} {
		for _, r := range []io.Reader{bytes.NewReader(test.file), bytes.NewBuffer(test.file)} {
			c := decodeAll(t, r)
			if c.Rate != 8000 || !slices.Equal(c.Samples, test.want) {
				t.Errorf("%s: %d samples at %d Hz, want %d", test.name, len(c.Samples), c.Rate, len(test.want))
			}
		}
	}
}

func TestWAVRefused(t *testing.T) {
	data, _ := pcm16(10)
	for _, test := range []struct {
		want string
		file []byte
	}{
		{"sample rate of 0 Hz", wavFile(0, "fmt ", fmtChunk(1, 1, 0, 16), "data", data)},
		{"sample rate of 4000000000 Hz", wavFile(0, "fmt ", fmtChunk(1, 1, 4000000000, 16), "data", data)},
		{"0 channels of 16 bits do not make", wavFile(0, "fmt ", fmtChunk(1, 0, 8000, 16), "data", data)},
		{"codec 0x0011 with 4 bits (supported: PCM", wavFile(0, "fmt ", fmtChunk(0x11, 1, 8000, 4), "data", data)},
		{"codec 0x0001 with 64 bits", wavFile(0, "fmt ", fmtChunk(1, 1, 8000, 64), "data", data)},
		{"codec 0x0003 with 16 bits", wavFile(0, "fmt ", fmtChunk(3, 1, 8000, 16), "data", data)},
		{"format chunk of 4 bytes", wavFile(0, "fmt ", []byte{1, 0, 1, 0}, "data", data)},
		{"data before a format chunk", wavFile(0, "data", data)},
		{"no data chunk: unexpected EOF", wavFile(0, "fmt ", fmtChunk(1, 1, 8000, 16))},
		{"format chunk of 4294967295 bytes", append(wavFile(0), "fmt \xFF\xFF\xFF\xFF"...)},
	} {
		_, err := Decode(bytes.NewReader(test.file))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
	_, err := Decode(bytes.NewReader(wavFile(0, "fmt ", fmtChunk(0x55, 1, 8000, 16), "data", data)))
	if !errors.Is(err, ErrFormat) {
		t.Errorf("unknown codec: %v is not ErrFormat", err)
	}
}

// TestWAVMemory: what a header claims is not allocated.
func TestWAVMemory(t *testing.T) {
	file := wavFile(math.MaxUint32, "fmt ", fmtChunk(1, 65535, 768000, 8), "data", make([]byte, 100))
	binary.LittleEndian.PutUint32(file[40:], math.MaxInt32-100)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := Decode(bytes.NewReader(file))
	if err == nil {
		_, err = ReadAll(s, 0)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 || err != nil {
		t.Errorf("%d bytes allocated, %v", n, err)
	}
}

// TestWAVFloatValues: what is not a sound does not get through.
func TestWAVFloatValues(t *testing.T) {
	var b32, b64 []byte
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, 1.25, -0.5} {
		b32 = binary.LittleEndian.AppendUint32(b32, math.Float32bits(float32(v)))
		b64 = binary.LittleEndian.AppendUint64(b64, math.Float64bits(v))
	}
	want := []float32{0, MaxSample, -MaxSample, MaxSample, 1.25, -0.5}
	for bits, b := range map[int][]byte{32: b32, 64: b64} {
		c := decodeAll(t, bytes.NewReader(wavFile(0, "fmt ", fmtChunk(3, 1, 8000, bits), "data", b)))
		if !slices.Equal(c.Samples, want) {
			t.Errorf("%d bits: got %v, want %v", bits, c.Samples, want)
		}
	}
}

func TestInt16(t *testing.T) {
	for _, test := range []struct {
		v    float64
		want int16
	}{
		{0, 0}, {1, 32767}, {-1, -32768}, {2, 32767}, {-2, -32768}, {math.Inf(1), 32767}, {math.Inf(-1), -32768}, {math.NaN(), 0},
		{100.4 / 32768, 100}, {100.6 / 32768, 101}, {-100.6 / 32768, -101}, {32767.0 / 32768, 32767}, {0.4 / 32768, 0},
	} {
		if got := Int16(float32(test.v)); got != test.want {
			t.Errorf("Int16(%g) = %d, want %d", test.v, got, test.want)
		}
	}
	for i := math.MinInt16; i <= math.MaxInt16; i++ {
		if got := Int16(float32(i) / 32768); int(got) != i {
			t.Fatalf("%d comes back as %d", i, got)
		}
	}
}

// create opens a new file for writing and reading.
func create(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "x.wav"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWAVWriteFile(t *testing.T) {
	c := tone(24000, 3*24000+17, 440)
	for _, float := range []bool{false, true} {
		f := create(t)
		w, err := NewWAVWriter(f, c.Rate, &WAVOptions{Float: float})
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(c.Samples); i += 6000 {
			if _, err := w.Write(c.Samples[i:min(i+6000, len(c.Samples))]); err != nil {
				t.Fatal(err)
			}
			// As if killed here: strictly by its header, the file holds all but the last second.
			b, _ := os.ReadFile(f.Name())
			size := int(binary.LittleEndian.Uint32(b[dataSizeAt:])) / w.width
			if riff := int(binary.LittleEndian.Uint32(b[riffSizeAt:])); size < i-24000 || riff != size*w.width+36 {
				t.Fatalf("after %d samples the header says %d and %d", i, size, riff)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Errorf("closed again: %v", err)
		}
		if _, err := w.Write(c.Samples); err == nil {
			t.Error("write after close")
		}
		b, _ := os.ReadFile(f.Name())
		var stream bytes.Buffer
		if err := WriteWAV(&stream, c, &WAVOptions{Float: float}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, stream.Bytes()) {
			t.Errorf("float %v: file of %d bytes and stream of %d differ", float, len(b), stream.Len())
		}
		step := 0.5 / 32768
		if float {
			step = 0
		}
		got := decodeAll(t, bytes.NewReader(b))
		if got.Rate != c.Rate || len(got.Samples) != len(c.Samples) || maxDiff(got.Samples, c.Samples) > step {
			t.Errorf("float %v: %d samples at %d Hz, maximal difference %g", float, len(got.Samples), got.Rate, maxDiff(got.Samples, c.Samples))
		}
	}
}

// TestWAVWriteTheirs reads our file with go-audio/wav.
func TestWAVWriteTheirs(t *testing.T) {
	c := tone(16000, 1000, 440)
	var b bytes.Buffer
	if err := WriteWAV(&b, c, nil); err != nil {
		t.Fatal(err)
	}
	d := wav.NewDecoder(bytes.NewReader(b.Bytes()))
	buf, err := d.FullPCMBuffer()
	if err != nil || d.SampleRate != 16000 || d.NumChans != 1 || d.BitDepth != 16 || len(buf.Data) != 1000 {
		t.Fatalf("%d samples, %v", len(buf.Data), err)
	}
	for i, v := range buf.Data {
		if v != int(Int16(c.Samples[i])) {
			t.Fatalf("sample %d is %d, want %d", i, v, Int16(c.Samples[i]))
		}
	}
}

func TestWAVWriteStream(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWAVWriter(&b, 8000, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]float32{0.5, 2, -2, float32(math.NaN())})
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if size := binary.LittleEndian.Uint32(b.Bytes()[dataSizeAt:]); size != math.MaxUint32 {
		t.Errorf("size of a stream: %#x", size)
	}
	want := []float32{0.5, 32767. / 32768, -1, 0}
	if c := decodeAll(t, &b); !slices.Equal(c.Samples, want) {
		t.Errorf("got %v, want %v", c.Samples, want)
	}
	if w, err = NewWAVWriter(&b, 8000, &WAVOptions{Samples: 5}); err != nil {
		t.Fatal(err)
	}
	w.Write(make([]float32, 4))
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "promises 5 samples, 4 came") {
		t.Errorf("too few samples: %v", err)
	}
	for _, rate := range []int{0, -1, 1 << 30} {
		if _, err := NewWAVWriter(&b, rate, nil); err == nil {
			t.Errorf("rate %d accepted", rate)
		}
	}
}

// TestWAVWriteAppend: a file that holds something is a stream to us.
func TestWAVWriteAppend(t *testing.T) {
	f := create(t)
	f.WriteString("before")
	if err := WriteWAV(f, tone(8000, 100, 440), nil); err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(f.Name())
	if !bytes.HasPrefix(b, []byte("beforeRIFF")) {
		t.Fatalf("%.10q", b)
	}
	if c := decodeAll(t, bytes.NewReader(b[6:])); len(c.Samples) != 100 {
		t.Errorf("%d samples", len(c.Samples))
	}
}

// TestWAVWriteAppendMode: an empty file open for appending looks like a new one until it is patched.
func TestWAVWriteAppendMode(t *testing.T) {
	f, err := os.OpenFile(filepath.Join(t.TempDir(), "x.wav"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := NewWAVWriter(f, 8000, nil); err == nil || !strings.Contains(err.Error(), "appending") {
		t.Errorf("got %v", err)
	}
}

// TestWAVWriteEmpty: no samples make a file nonetheless.
func TestWAVWriteEmpty(t *testing.T) {
	f := create(t)
	w, err := NewWAVWriter(f, 8000, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	b, _ := os.ReadFile(f.Name())
	if c := decodeAll(t, bytes.NewReader(b)); len(b) != 44 || len(c.Samples) != 0 {
		t.Errorf("%d bytes, %d samples", len(b), len(c.Samples))
	}
}

// failing is a writer that fails after n bytes.
type failing struct{ n int }

func (f *failing) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errTest
	}
	return len(p), nil
}

func TestWAVWriteErrors(t *testing.T) {
	for _, n := range []int{0, 44, 44 + 3*2*blockLen} {
		if err := WriteWAV(&failing{n}, tone(8000, 5*blockLen, 440), nil); !errors.Is(err, errTest) {
			t.Errorf("failing after %d bytes: %v", n, err)
		}
	}
}

func BenchmarkWAVRead(b *testing.B) {
	var file bytes.Buffer
	if err := WriteWAV(&file, tone(16000, 16000, 440), nil); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		decodeAll(b, bytes.NewReader(file.Bytes()))
	}
}

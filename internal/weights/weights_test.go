package weights

import (
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-go/parley/internal/kernel"
)

// sample is a file with a tensor of each type that can be read.
func sample(t testing.TB) []byte {
	var w Writer
	w.Float32("a.weight", []float32{1, -2, 0.5, 3e38, -0, 1e-40}, 2, 3)
	w.Float16("half", []float32{1, -2, 65504, 6e-8}, 4)
	w.Int8("q", []int8{1, -128, 127, 2}, []float32{0.5, 2}, 2, 2)
	w.Float32("empty", nil, 0, 7)
	w.Float32("scalar", []float32{42})
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	data := sample(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "m.safetensors"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	open := map[string]func() (*File, error){
		"Parse":          func() (*File, error) { return Parse("m.safetensors", data) },
		"Open":           func() (*File, error) { return Open(filepath.Join(dir, "m.safetensors")) },
		"OpenFS":         func() (*File, error) { return OpenFS(os.DirFS(dir), "m.safetensors") },
		"OpenFS, memory": func() (*File, error) { return OpenFS(fstest.MapFS{"m": {Data: data}}, "m") },
		"OpenFS, stream": func() (*File, error) { return OpenFS(streams{fstest.MapFS{"m": {Data: data}}}, "m") },
	}
	for how, open := range open {
		f, err := open()
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		want := func(got []float32, err error, want ...float32) {
			t.Helper()
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: got %v, %v, want %v", how, got, err, want)
			}
		}
		a, err := f.Float32("a.weight", 2, 3)
		want(a, err, 1, -2, 0.5, 3e38, -0, 1e-40)
		b, err := Sub(Sub(f, "a"), ".").Float32("weight", 2, 3)
		want(b, err, a...)
		c, err := f.Float32("half", 4)
		want(c, err, 1, -2, 65504, 0x1p-24)
		d, err := f.Float32("q", 2, 2)
		want(d, err, 0.5, -64, 254, 4)
		e, err := f.Float32("empty", 0, 7)
		want(e, err)
		g, err := f.Float32("scalar")
		want(g, err, 42)
		if q, err := f.Int8("q", 2, 2); err != nil || !slices.Equal(q, []int8{1, -128, 127, 2}) {
			t.Errorf("%s: Int8 = %v, %v", how, q, err)
		}
		if got := f.Names(); !slices.Equal(got, []string{"a.weight", "empty", "half", "q", "q.scale", "scalar"}) {
			t.Errorf("%s: Names = %v", how, got)
		}
		if got := f.Shape("a.weight"); !slices.Equal(got, []int{2, 3}) || f.Shape("none") != nil {
			t.Errorf("%s: Shape = %v", how, got)
		}
		if !Sub(f, "a.").Has("weight") || f.Has("weight") {
			t.Errorf("%s: Has is wrong", how)
		}
		if err := f.Close(); err != nil {
			t.Errorf("%s: Close: %v", how, err)
		}
		want(a, nil, 1, -2, 0.5, 3e38, -0, 1e-40) // the slice outlives the file
		if _, err := f.Float32("scalar"); err == nil {
			t.Errorf("%s: a closed file was read", how)
		}
	}
}

// streams hides io.ReaderAt.
type streams struct{ fs.FS }

func (s streams) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return struct{ fs.File }{f}, err
}

// TestLarge reads a tensor of many pieces, in every type.
func TestLarge(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const rows, cols = 301, 999
	x, q := make([]float32, rows*cols), make([]int8, rows*cols)
	for i := range x {
		q[i] = int8(r.IntN(256) - 128)
		x[i] = float32(q[i]) / 64 // exact in every type
	}
	var w Writer
	w.Float32("f32", x, rows, cols)
	w.Float16("f16", x, rows, cols)
	w.Int8("i8", q, slices.Repeat([]float32{1.0 / 64}, rows), rows, cols)
	path := filepath.Join(t.TempDir(), "large.safetensors")
	if err := w.Save(path); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range f.Names()[:3] {
		if got, err := f.Float32(name, rows, cols); err != nil || !slices.Equal(got, x) {
			t.Errorf("%s: differs, or %v", name, err)
		}
	}
}

func widen(h uint16) float32 {
	var x [1]float32
	kernel.FromF16(x[:], []byte{byte(h), byte(h >> 8)})
	return x[0]
}

// TestF16 converts every half there is, and back.
func TestF16(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		sign, exponent, fraction := 1-2*float64(h>>15), int(h>>10&31), float64(h&1023)
		want := sign * math.Ldexp(1+fraction/1024, exponent-15)
		switch {
		case exponent == 0:
			want = sign * math.Ldexp(fraction, -24)
		case exponent == 31 && fraction == 0:
			want = math.Inf(int(sign))
		case exponent == 31:
			if got := widen(h); got == got {
				t.Fatalf("%#x: got %v, want NaN", h, got)
			}
			continue
		}
		got := widen(h)
		if float64(got) != want || math.Signbit(float64(got)) != (sign < 0) {
			t.Fatalf("%#x: got %v, want %v", h, got, want)
		}
		if back := toF16(got); back != h {
			t.Fatalf("%v: got %#x, want %#x", got, back, h)
		}
	}
	for x, want := range map[float32]uint16{65519: 0x7bff, 65520: 0x7c00, 1 + 0x1p-11: 0x3c00, 1 + 3*0x1p-11: 0x3c02, 0x1p-25: 0, 0x1.8p-24: 2, -1e9: 0xfc00, 0x1.ffep-15: 0x0400} {
		if got := toF16(x); got != want {
			t.Errorf("toF16(%v) = %#x, want %#x", x, got, want)
		}
	}
}

func TestBF16(t *testing.T) {
	f, err := Parse("m", file(`{"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`, 0x80, 0x3f, 0x40, 0xc0))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Float32("x", 2); err != nil || !slices.Equal(got, []float32{1, -3}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// file puts a header before data.
func file(header string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func TestReadErrors(t *testing.T) {
	f, err := Parse("model.safetensors", sample(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tensor string
		shape  []int
		want   string
	}{
		{"a.weight", []int{3, 2}, `weights: model.safetensors: tensor "a.weight": want shape [3 2], got [2 3]`},
		{"a.weight", []int{6}, "want shape [6], got [2 3]"},
		{"b", []int{6}, `tensor "b": want shape [6], got no such tensor`},
	} {
		if _, err := f.Float32(c.tensor, c.shape...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Float32(%s, %v): got %v, want %s", c.tensor, c.shape, err, c.want)
		}
	}
	if _, err := f.Int8("half", 4); err == nil || !strings.Contains(err.Error(), "want I8, got F16") {
		t.Errorf("Int8 of half: %v", err)
	}
	g, err := Parse("m", file(`{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"y":{"dtype":"I8","shape":[1],"data_offsets":[8,9]}}`, make([]byte, 9)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Float32("x", 1); err == nil || !strings.Contains(err.Error(), "got I64") {
		t.Errorf("Float32 of I64: %v", err)
	}
	if _, err := g.Float32("y", 1); err == nil || !strings.Contains(err.Error(), `"y.scale"`) {
		t.Errorf("Float32 of I8 without scales: %v", err)
	}
	if _, err := Open("/no/such/file"); err == nil {
		t.Error("Open of nothing: no error")
	}
}

// TestHostileHeader: each of these is refused, for the reason given.
func TestHostileHeader(t *testing.T) {
	entry := func(dtype, shape, offsets string) string {
		return `{"dtype":"` + dtype + `","shape":` + shape + `,"data_offsets":` + offsets + `}`
	}
	four := make([]byte, 4)
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "too few"},
		{make([]byte, 7), "too few"},
		{binary.LittleEndian.AppendUint64(nil, 1), "header of 1 bytes"},
		{binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "header of"},
		{binary.LittleEndian.AppendUint64(nil, 1<<63), "header of"},
		{file(``), "EOF"},
		{file(`[]`), "want {"},
		{file(`{}`, 1), "end at byte 0 of 1"},
		{file(`{} x`), "after the JSON object"},
		{file(`{"x":1}`), "cannot unmarshal"},
		{file(`{"x":`+entry("F33", "[1]", "[0,4]")+`}`, four...), "unknown type"},
		{file(`{"x":`+entry("F32", "[1]", "[0,3]")+`}`, four[:3]...), "want 4 bytes"},
		{file(`{"x":`+entry("F16", "[1]", "[0,4]")+`}`, four...), "want 2 bytes"},
		{file(`{"x":`+entry("F32", "[1]", "[4,0]")+`}`, four...), "bad data_offsets"},
		{file(`{"x":`+entry("F32", "[1]", "[-4,0]")+`}`, four...), "bad data_offsets"},
		{file(`{"x":`+entry("F32", "[1]", "[0]")+`}`, four...), "bad data_offsets"},
		{file(`{"x":`+entry("F32", "[1.5]", "[0,4]")+`}`, four...), "cannot unmarshal"},
		{file(`{"x":`+entry("F32", "[-1]", "[0,4]")+`}`, four...), "bad shape"},
		{file(`{"x":`+entry("F32", "[2147483647,2147483647,4]", "[0,4]")+`}`, four...), "bad shape"},
		{file(`{"x":`+entry("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]")+`}`, four...), "9 dimensions"},
		{file(`{"x":` + entry("F32", "[1]", "[0,4]") + `}`), "within 0 bytes"},
		{file(`{"x":`+entry("F32", "[1]", "[4,8]")+`}`, make([]byte, 8)...), "want data from 0"},
		{file(`{"x":`+entry("F32", "[1]", "[0,4]")+`,"y":`+entry("F32", "[1]", "[0,4]")+`}`, four...), "want data from 4"},
		{file(`{"x":`+entry("F32", "[1]", "[0,4]")+`,"x":`+entry("F32", "[1]", "[4,8]")+`}`, make([]byte, 8)...), "twice"},
		{file(`{"__metadata__":{"a":1}}`), "__metadata__"},
		{sample(t)[:100], "header of"},
	} {
		if _, err := Parse("f", c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got error %v, want %s", c.data, err, c.want)
		}
	}
}

// TestShrunk: a file that shrinks after its header was read gives an error.
func TestShrunk(t *testing.T) {
	data := sample(t)
	f, err := newFile(contents{name: "f", src: io.NewSectionReader(bytes.NewReader(data[:len(data)-3]), 0, math.MaxInt64), size: int64(len(data))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Float32("scalar"); err == nil || !strings.Contains(err.Error(), "scalar") {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample(f))
	f.Add(file(`{"__metadata__":{"format":"pt"},"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`, 1, 2, 3, 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("f", data)
		if err != nil {
			return
		}
		for _, name := range file.Names() {
			shape := file.Shape(name)
			x, err := file.Float32(name, shape...)
			if err == nil && len(x) > len(data) {
				t.Fatalf("%s %v: %d values from %d bytes", name, shape, len(x), len(data))
			}
			if len(shape) != 2 || shape[0] == 0 || shape[1] > 1<<15 {
				continue
			}
			m, err2 := As(file, kernel.Int8).Matrix(name, shape[0], shape[1])
			if (err == nil) != (err2 == nil) {
				t.Fatalf("%s %v: Float32 says %v, Matrix says %v", name, shape, err, err2)
			}
			if err == nil {
				m.Row(make([]float32, shape[1]), shape[0]-1)
			}
		}
	})
}

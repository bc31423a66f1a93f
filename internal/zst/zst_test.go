package zst

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

// compress returns data in frames of so many bytes.
func compress(t testing.TB, data []byte, size int, opts ...zstd.EOption) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil, append(opts, zstd.WithEncoderLevel(zstd.SpeedBestCompression))...)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for len(data) > 0 {
		n := min(size, len(data))
		out = e.EncodeAll(data[:n], out)
		data = data[n:]
	}
	return out
}

// noise has runs, repetitions and values that no code shortens, so that all types of blocks occur.
func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, n)
	for i := range data {
		switch i >> 12 % 3 {
		case 0:
			data[i] = byte(r.NormFloat64() * 20)
		case 1:
			data[i] = byte(r.Uint32())
		}
	}
	return data
}

// TestFS: content comes out as it was, by all the ways to read it.
func TestFS(t *testing.T) {
	data := noise(300_000)
	for _, size := range []int{1000, 1 << 17, 150_000, 1 << 20} {
		fsys := FS(fstest.MapFS{"a/x.zst": {Data: compress(t, data, size)}, "a/y": {Data: []byte("as it is")}, "a/y.zst": {Data: []byte("not read")}})
		if got, err := fs.ReadFile(fsys, "a/x"); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("frames of %d: %d bytes, %v", size, len(got), err)
		}
		if got, err := fs.ReadFile(fsys, "a/y"); err != nil || string(got) != "as it is" {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := fsys.Open("a/z"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "a/z:") {
			t.Errorf("a file that is not there: %v", err)
		}
		info, err := fs.Stat(fsys, "a/x")
		if err != nil || info.Size() != int64(len(data)) || info.Name() != "x" {
			t.Errorf("Stat: %v, %v", info, err)
		}
		f, err := fsys.Open("a/x")
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(f, data); err != nil {
			t.Errorf("frames of %d: %v", size, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestReadAtTogether: goroutines read one file at once, anywhere in it.
func TestReadAtTogether(t *testing.T) {
	data := noise(1 << 18)
	path := filepath.Join(t.TempDir(), "x.zst")
	if err := os.WriteFile(path, compress(t, data, 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := FS(os.DirFS(filepath.Dir(path))).Open("x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all sync.WaitGroup
	for seed := range uint64(8) {
		all.Go(func() {
			r := rand.New(rand.NewPCG(3, seed))
			for range 100 {
				lo := r.IntN(len(data))
				p := make([]byte, r.IntN(len(data)-lo+1))
				if n, err := f.(io.ReaderAt).ReadAt(p, int64(lo)); err != nil || !bytes.Equal(p[:n], data[lo:lo+len(p)]) {
					t.Errorf("%d bytes at %d: %d, %v", len(p), lo, n, err)
				}
			}
		})
	}
	all.Wait()
}

// TestKept: what is kept for the next reader stays within its bounds.
func TestKept(t *testing.T) {
	for _, c := range []struct{ frame, frames, kept int }{{1000, 20, mostFrames}, {mostBytes / 2, 4, 2}, {mostBytes + 1, 3, 1}} {
		data := make([]byte, c.frame*c.frames)
		f, err := FS(fstest.MapFS{"x.zst": {Data: compress(t, data, c.frame, zstd.WithEncoderCRC(false))}}).Open("x")
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 10)
		for at := 1; at < len(data)-10; at += c.frame {
			if _, err := f.(io.ReaderAt).ReadAt(p, int64(at)); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(f.(*file).content.kept); n != c.kept {
			t.Errorf("%d of %d frames of %d bytes are kept, want %d", n, c.frames, c.frame, c.kept)
		}
	}
}

// streams is a file system whose files cannot be read at a place.
type streams struct{ fs.FS }

type stream struct{ fs.File }

func (s streams) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return stream{f}, err
}

func TestStreams(t *testing.T) {
	data := noise(50_000)
	got, err := fs.ReadFile(FS(streams{fstest.MapFS{"x.zst": {Data: compress(t, data, 20_000)}}}), "x")
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestSkippable: frames that say nothing, as seekable files and pzstd have, are left out; so are empty ones.
func TestSkippable(t *testing.T) {
	data := noise(5000)
	h := zstd.Header{Skippable: true, SkippableID: 3, SkippableSize: 7}
	skip, err := h.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	file := append(skip, "seven!!"...)
	file = append(file, compress(t, data[:3000], 3000)...)
	file = append(append(file, skip...), "seven!!"...)
	file = append(file, compress(t, data[3000:], 3000)...)
	if got, err := fs.ReadFile(FS(fstest.MapFS{"x.zst": {Data: file}}), "x"); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if got, err := fs.ReadFile(FS(fstest.MapFS{"x.zst": {}}), "x"); err != nil || len(got) != 0 {
		t.Errorf("of nothing: %d bytes, %v", len(got), err)
	}
}

func TestBad(t *testing.T) {
	whole := compress(t, noise(5000), 2000)
	var pipe bytes.Buffer
	e, err := zstd.NewWriter(&pipe)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // in two pieces, so that the header cannot tell the length
		if _, err := e.Write(noise(1 << 20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	huge, err := (&zstd.Header{HasFCS: true, FrameContentSize: 1 << 40, WindowSize: 1 << 20}).AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	million, err := (&zstd.Header{HasFCS: true, FrameContentSize: 1e6, WindowSize: 1 << 20}).AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(whole)
	changed[40] ^= 0x55
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"cut":       {whole[:len(whole)-5], "frame at byte"},
		"no zstd":   {[]byte("something else altogether"), "x.zst: frame at byte 0"},
		"a pipe's":  {pipe.Bytes(), "how long its content is"},
		"too large": {append(huge, 1, 0, 0), "limit"},
		"too few":   {append(million, 1, 0, 0), "1000000 bytes in 1 blocks"},
		"changed":   {changed, "frame at byte 0"},
	} {
		if _, err := fs.ReadFile(FS(fstest.MapFS{"x.zst": {Data: c.data}}), "x"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(compress(f, noise(5000), 2000))
	f.Add(compress(f, make([]byte, 5000), 2000, zstd.WithEncoderCRC(false)))
	f.Add([]byte("\x28\xb5\x2f\xfd"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := FS(fstest.MapFS{"x.zst": {Data: data}}).Open("x")
		if err != nil {
			return
		}
		defer file.Close()
		// as the decoder reads all of it, if it can
		d, err := decoder()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.LimitReader(file, 1<<20))
		want, err2 := d.DecodeAll(data, nil)
		if err == nil && err2 == nil && !bytes.Equal(got, want[:min(len(want), 1<<20)]) {
			t.Errorf("%d bytes instead of %d", len(got), len(want))
		}
	})
}

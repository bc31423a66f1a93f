package weights

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func written(t testing.TB, fill func(w *Writer)) *fstest.MapFile {
	t.Helper()
	var w Writer
	fill(&w)
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes(), Mode: 0o644}
}

// shards is a checkpoint of two files; the second holds a tensor that the index leaves out.
func shards(t testing.TB) fstest.MapFS {
	return fstest.MapFS{
		"m-1.safetensors": written(t, func(w *Writer) { w.Float32("a", []float32{1, 2, 3, 4}, 2, 2) }),
		"m-2.safetensors": written(t, func(w *Writer) {
			w.Float16("b", []float32{5, 6}, 2)
			w.Float32("left out", []float32{7}, 1)
		}),
		IndexFile: {Data: []byte(`{"metadata":{"total_size":20},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}`), Mode: 0o644},
	}
}

func TestOpenDir(t *testing.T) {
	sharded := shards(t)
	one := fstest.MapFS{ModelFile: written(t, func(w *Writer) {
		w.Float32("a", []float32{1, 2, 3, 4}, 2, 2)
		w.Float16("b", []float32{5, 6}, 2)
	})}
	for name, files := range map[string]fstest.MapFS{"sharded": sharded, "one file": one} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, files); err != nil {
			t.Fatal(err)
		}
		for how, open := range map[string]func() (*Dir, error){
			"FS": func() (*Dir, error) { return OpenDirFS(files) }, "disk": func() (*Dir, error) { return OpenDir(dir) },
		} {
			d, err := open()
			if err != nil {
				t.Fatalf("%s, %s: %v", name, how, err)
			}
			a, err := Sub(d, "").Float32("a", 2, 2)
			if err != nil || !slices.Equal(a, []float32{1, 2, 3, 4}) {
				t.Errorf("%s, %s: a = %v, %v", name, how, a, err)
			}
			if got := d.Names(); !slices.Equal(got, []string{"a", "b"}) || !d.Has("b") || d.Has("left out") {
				t.Errorf("%s, %s: Names = %v", name, how, got)
			}
			m, err := d.Matrix("a", 2, 2)
			if err != nil {
				t.Fatal(err)
			}
			var row [2]float32
			if m.Row(row[:], 1); row != [2]float32{3, 4} {
				t.Errorf("%s, %s: row 1 is %v", name, how, row)
			}
			if _, err := d.Float32("c", 3); err == nil || !strings.Contains(err.Error(), `"c"`) || !strings.Contains(err.Error(), "[3]") {
				t.Errorf("%s, %s: a tensor that is not there: %v", name, how, err)
			}
			if _, err := d.Matrix("a", 2, 3); err == nil || !strings.Contains(err.Error(), "[2 3]") || !strings.Contains(err.Error(), "[2 2]") {
				t.Errorf("%s, %s: another shape: %v", name, how, err)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestOpenDirErrors(t *testing.T) {
	for _, c := range []struct{ index, want string }{
		{`{"weight_map":{"a":"m-3.safetensors"}}`, "m-3.safetensors"},
		{`{"weight_map":{"b":"m-1.safetensors"}}`, `m-1.safetensors: tensor "b"`},
		{`{"weight_map":{"a":"../m-1.safetensors"}}`, "same folder"},
		{`{"weight_map":{"a":"/etc/passwd"}}`, "same folder"},
		{`{"weight_map":{"a":"x\\m-1.safetensors"}}`, "same folder"},
		{`{"weight_map":{"a":"."}}`, "same folder"},
		{`{"weight_map":{"a":""}}`, "same folder"},
		{`{"weight_map":{}}`, "got none"},
		{`{"weight_map":{"a":1}}`, "cannot unmarshal"},
		{`{"weight_map":{"a":"m-1.safetensors"}} x`, "after the JSON"},
		{`[]`, "cannot unmarshal"},
		{``, "EOF"},
	} {
		files := maps.Clone(shards(t))
		files[IndexFile] = &fstest.MapFile{Data: []byte(c.index)}
		if _, err := OpenDirFS(files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.index, err, c.want)
		}
	}
	if _, err := OpenDir(t.TempDir()); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), ModelFile) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := OpenDir(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// FuzzIndex: an index names files beside it or is refused.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"a":"../../x"}}`))
	files := shards(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		shards, err := parseIndex(data)
		for name := range shards {
			if err == nil && (filepath.Base(name) != name || !filepath.IsLocal(name)) {
				t.Fatalf("it would read %q", name)
			}
		}
		with := maps.Clone(files)
		with[IndexFile] = &fstest.MapFile{Data: data}
		if d, err := OpenDirFS(with); err == nil {
			d.Close()
		}
	})
}

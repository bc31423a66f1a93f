package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/parley-go/parley/internal/kernel"
)

// The names that checkpoints on the Hugging Face hub give their weights: one file, or several and an index.
const (
	ModelFile = "model.safetensors"
	IndexFile = "model.safetensors.index.json"
)

// maxShards bounds the files of one checkpoint: far above what is published.
const maxShards = 1000

// A Dir is the checkpoint of a directory, in one file or in several ("sharded"). It is safe for concurrent use.
type Dir struct {
	index  string           // the name that errors give
	files  []*File          // open
	tensor map[string]*File // which file holds a tensor
}

// OpenDir opens model.safetensors in dir, or the files that model.safetensors.index.json names.
func OpenDir(dir string) (*Dir, error) { return OpenDirFS(os.DirFS(dir)) }

// OpenDirFS opens the checkpoint at the root of fsys as OpenDir does.
func OpenDirFS(fsys fs.FS) (*Dir, error) {
	switch _, err := fs.Stat(fsys, ModelFile); {
	case err == nil:
		f, err := OpenFS(fsys, ModelFile)
		if err != nil {
			return nil, err
		}
		return newDir(ModelFile, f), nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("weights: %w", err)
	}
	shards, err := readIndex(fsys)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("weights: want %s or %s: %w", ModelFile, IndexFile, fs.ErrNotExist)
	} else if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", IndexFile, err)
	}
	d := &Dir{index: IndexFile, tensor: map[string]*File{}}
	for _, name := range slices.Sorted(maps.Keys(shards)) {
		if err := d.open(fsys, name, shards[name]); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return d, nil
}

// newDir returns the Dir of one file, all of whose tensors it has.
func newDir(index string, f *File) *Dir {
	d := &Dir{index: index, files: []*File{f}, tensor: map[string]*File{}}
	for name := range f.tensors {
		d.tensor[name] = f
	}
	return d
}

// open opens one file of several and takes the tensors that the index says it has.
func (d *Dir) open(fsys fs.FS, name string, tensors []string) error {
	f, err := OpenFS(fsys, name)
	if err != nil {
		return err
	}
	d.files = append(d.files, f)
	for _, t := range tensors {
		if !f.Has(t) {
			return f.errorf(t, "%s says that it is here, got no such tensor", d.index)
		}
		d.tensor[t] = f
	}
	return nil
}

// readIndex returns the tensors of each file that the index names.
func readIndex(fsys fs.FS) (map[string][]string, error) {
	f, err := fsys.Open(IndexFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxHeader+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxHeader {
		return nil, fmt.Errorf("longer than %d bytes", maxHeader)
	}
	return parseIndex(data)
}

// parseIndex reads {"metadata": {...}, "weight_map": {tensor: file, ...}}.
func parseIndex(data []byte) (map[string][]string, error) {
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&index); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("text after the JSON object")
	}
	if len(index.Map) == 0 {
		return nil, errors.New("want a weight_map with tensors, got none")
	}
	shards := map[string][]string{}
	for tensor, file := range index.Map {
		// beside the index: a checkpoint must not read other folders
		if !fs.ValidPath(file) || file == "." || strings.ContainsAny(file, `/\`) {
			return nil, fmt.Errorf("tensor %q: want the name of a file in the same folder, got %q", tensor, file)
		}
		shards[file] = append(shards[file], tensor)
	}
	if len(shards) > maxShards {
		return nil, fmt.Errorf("%d files, limit %d", len(shards), maxShards)
	}
	return shards, nil
}

// Close closes the files: nothing more can be read.
func (d *Dir) Close() error {
	var errs []error
	for _, f := range d.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Names returns the names of all tensors, sorted.
func (d *Dir) Names() []string { return slices.Sorted(maps.Keys(d.tensor)) }

// Has reports whether the checkpoint holds the tensor.
func (d *Dir) Has(name string) bool { return d.tensor[name] != nil }

// Shape returns a tensor's shape, nil if there is no such tensor.
func (d *Dir) Shape(name string) []int {
	if f := d.tensor[name]; f != nil {
		return f.Shape(name)
	}
	return nil
}

// Float32 reads a tensor as File.Float32 does.
func (d *Dir) Float32(name string, shape ...int) ([]float32, error) {
	f, err := d.find(name, shape)
	if err != nil {
		return nil, err
	}
	return f.Float32(name, shape...)
}

// Rows returns a reader of the rows of a tensor as File.Rows does.
func (d *Dir) Rows(name string, shape ...int) (Rows, error) {
	f, err := d.find(name, shape)
	if err != nil {
		return nil, err
	}
	return f.Rows(name, shape...)
}

// Matrix implements Loader.
func (d *Dir) Matrix(name string, out, in int) (*kernel.Packed, error) {
	return view{from: d}.Matrix(name, out, in)
}

// Pack implements Loader.
func (d *Dir) Pack(out, in int, rows Rows) *kernel.Packed { return view{from: d}.Pack(out, in, rows) }

// Precision implements Loader: float32.
func (d *Dir) Precision() kernel.Precision { return kernel.F32 }

// Threads implements Loader: all.
func (d *Dir) Threads() int { return 0 }

func (d *Dir) find(name string, shape []int) (*File, error) {
	if f := d.tensor[name]; f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("weights: %s: tensor %q: want shape %v, got no such tensor", d.index, name, shape)
}

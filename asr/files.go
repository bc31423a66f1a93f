package asr

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/ram"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/internal/whisper"
)

// OpenPath loads the model in a directory as Open does, or in a ggml file of whisper.cpp, with options.
func OpenPath(path string, opt *OpenOptions) (*Model, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("asr: no model: %w%s", err, nameHint(path, err))
	}
	if info.IsDir() {
		m, err := OpenWith(os.DirFS(path), opt)
		if err != nil {
			return nil, fmt.Errorf("%w (in %s)", err, path)
		}
		return m, nil
	}
	e, err := openGGML(path, opt)
	if err != nil {
		return nil, fmt.Errorf("asr: %w", err)
	}
	return &Model{e}, nil
}

// nameHint explains a path that is not there and looks like the name of a published model.
func nameHint(path string, err error) string {
	if !errors.Is(err, fs.ErrNotExist) || filepath.IsAbs(path) || strings.HasPrefix(path, ".") || filepath.Ext(path) == ".bin" {
		return ""
	}
	return fmt.Sprintf("; this wants a path: if %[1]s is the name of a published model, 'parley models pull %[1]s' loads it and prints its path, as models.Find and Hub do", path)
}

// openGGML loads a Whisper model of a ggml file. Quantised ones are kept as int8.
func openGGML(path string, opt *OpenOptions) (engine, error) {
	switch ext := filepath.Ext(path); ext {
	case ".safetensors", ".json":
		return nil, fmt.Errorf("%s is one file of a model; want the directory that it is in, %s", path, filepath.Dir(path))
	}
	g, err := weights.OpenGGML(path)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	usual := kernel.Int8
	if g.Shape.Kind == "F32" || g.Shape.Kind == "F16" {
		usual = whisperPrecision
	}
	l, err := opt.loader(g, usual)
	if err != nil {
		return nil, err
	}
	m, err := whisper.FromGGML(g, l)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &whisperEngine{m}, nil
}

// A family is what a model_type says of a directory.
type family struct {
	needs [][]string // its files, each with others that do in its place
	open  func(fsys fs.FS, opt *OpenOptions) (engine, error)
}

// checkpoint are the weights as Hugging Face has them.
var checkpoint = []string{weights.ModelFile, weights.IndexFile}

// families are the models of directories, by model_type.
var families = map[string]family{
	"parley_hybrid":  {[][]string{{weights.ModelFile}, {"tokenizer.json"}, {"pieces.json"}}, openHybrid},
	"whisper":        {[][]string{checkpoint, {"tokenizer.json", "vocab.json"}}, openWhisper},
	"wav2vec2":       {[][]string{checkpoint, {"vocab.json"}}, openCTC},
	"hubert":         {[][]string{checkpoint, {"vocab.json"}}, openCTC},
	"moonshine":      {[][]string{checkpoint, {"tokenizer.json"}}, openMoonshine},
	"speech_to_text": {[][]string{checkpoint, {"vocab.json"}}, openSpeech2Text},
}

// inspect tells the family of a model's directory, or what the directory lacks.
func inspect(fsys fs.FS) (family, error) {
	var config struct {
		ModelType string `json:"model_type"`
	}
	err := weights.ReadJSON(fsys, "config.json", &config)
	if errors.Is(err, fs.ErrNotExist) {
		return family{}, noModel(fsys)
	}
	if err != nil {
		return family{}, err
	}
	f, known := families[config.ModelType]
	if !known {
		types := slices.Sorted(maps.Keys(families))
		return family{}, fmt.Errorf("config.json: model_type is %q, want one of %s", config.ModelType, strings.Join(types, ", "))
	}
	return f, f.whole(fsys)
}

// whole makes sure that a directory has the files of its family.
func (f family) whole(fsys fs.FS) error {
	var missing []string
	for _, names := range f.needs {
		if !slices.ContainsFunc(names, func(name string) bool { _, err := fs.Stat(fsys, name); return err == nil }) {
			missing = append(missing, strings.Join(names, " (or ")+strings.Repeat(")", len(names)-1))
		}
	}
	if missing == nil {
		return nil
	}
	hint := "load the model again, for instance with 'parley models pull'"
	if old, _ := fs.Glob(fsys, "pytorch_model*.bin"); len(old) > 0 {
		hint = "the weights are in " + old[0] + ", which can run programs when it is read; convert them to safetensors"
	}
	return fmt.Errorf("the model is not whole: %s missing; %s: %w", strings.Join(missing, ", "), hint, fs.ErrNotExist)
}

// noModel explains a directory without config.json.
func noModel(fsys fs.FS) error {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	ggml, _ := fs.Glob(fsys, "ggml-*.bin")
	switch {
	case len(names) == 0:
		return fmt.Errorf("the directory is empty: no model: %w", fs.ErrNotExist)
	case slices.Contains(names, "snapshots"):
		return fmt.Errorf("config.json is missing: this is the folder of a download; open a directory in its snapshots: %w", fs.ErrNotExist)
	case len(ggml) > 0:
		return fmt.Errorf("config.json is missing; for a ggml file open %s itself: %w", ggml[0], fs.ErrNotExist)
	}
	return fmt.Errorf("config.json is missing: the directory holds no model, only %s: %w", strings.Join(names[:min(len(names), 8)], ", "), fs.ErrNotExist)
}

// memory is how much the machine has; tests change it.
var memory = ram.Total

// bytesPerValue is what the kernels keep of a weight.
var bytesPerValue = map[kernel.Precision]int64{kernel.F32: 4, kernel.BF16: 2, kernel.Int8: 1}

// fits refuses a model that memory cannot hold, before any of it is read.
func fits(s weights.Source, p kernel.Precision) error {
	sized, ok := s.(interface{ Values() int64 })
	if !ok {
		return nil
	}
	values := sized.Values()
	need := values * bytesPerValue[p]
	if have, ok := memory(); ok && need > have {
		hint := "use a smaller model"
		if p != kernel.Int8 {
			hint += fmt.Sprintf(", or precision int8, which takes %d MB", values>>20)
		}
		return fmt.Errorf("the model needs %d MB of memory as %v and this machine has %d MB; %s", need>>20, p, have>>20, hint)
	}
	return nil
}

package asr

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
		return nil, fmt.Errorf("asr: no model: %w", err)
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

// needs are the files of a model by model_type, each with others that do in its place.
var needs = map[string][][]string{
	"parley_hybrid":  {{weights.ModelFile}, {"tokenizer.json"}},
	"whisper":        {{weights.ModelFile, weights.IndexFile}, {"tokenizer.json", "vocab.json"}},
	"wav2vec2":       {{weights.ModelFile, weights.IndexFile}, {"vocab.json"}},
	"speech_to_text": {{weights.ModelFile, weights.IndexFile}, {"vocab.json"}},
	"moonshine":      {{weights.ModelFile, weights.IndexFile}, {"tokenizer.json"}},
	"hubert":         {{weights.ModelFile, weights.IndexFile}, {"vocab.json"}},
}

// inspect makes sure that a directory is a model, or tells what it lacks.
func inspect(fsys fs.FS) error {
	data, err := fs.ReadFile(fsys, "config.json")
	if errors.Is(err, fs.ErrNotExist) {
		return noModel(fsys)
	}
	if err != nil {
		return err
	}
	var config struct {
		ModelType string `json:"model_type"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return fmt.Errorf("config.json: %w", err)
	}
	files, known := needs[config.ModelType]
	if !known {
		var types []string
		for t := range needs {
			types = append(types, t)
		}
		slices.Sort(types)
		return fmt.Errorf("config.json: model_type is %q, want one of %s", config.ModelType, strings.Join(types, ", "))
	}
	var missing []string
	for _, names := range files {
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

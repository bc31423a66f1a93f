package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// ReadJSON reads a file of fsys, such as the config.json of a checkpoint, into a value. An error of its contents names the file.
func ReadJSON(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// ReadJSONIfThere is ReadJSON for a file that a checkpoint may lack: then the value stays as it is.
func ReadJSONIfThere(fsys fs.FS, name string, into any) error {
	if err := ReadJSON(fsys, name, into); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Sizes are numbers of config.json by their names.
type Sizes map[string]int

// The bounds of most sizes: far above what exists, small enough not to overflow.
const (
	MostTokens = 1 << 20
	MostLayers = 1 << 10
	MostWidth  = 1 << 16 // of layers, heads, positions
)

// Within returns an error unless all are 1 to most.
func (s Sizes) Within(most int) error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if n := s[name]; n < 1 || n > most {
			return fmt.Errorf("config.json: %s is %d, want 1 to %d", name, n, most)
		}
	}
	return nil
}

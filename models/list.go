package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An Installed is a model on this machine.
type Installed struct {
	Model
	Path   string // the directory, or the file
	Commit string
	Bytes  int64 // on disk
}

// List returns the models in the cache that are whole and that a recogniser here can run, sorted by name.
func (c Cache) List() ([]Installed, error) {
	entries, err := os.ReadDir(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	var list []Installed
	for _, e := range entries {
		folder, ok := strings.CutPrefix(e.Name(), "models--")
		if repo := strings.ReplaceAll(folder, "--", "/"); ok && cleanRepo(repo) {
			list = append(list, c.installed(repo)...)
		}
	}
	slices.SortFunc(list, func(a, b Installed) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// installed are the models of one repository, at all revisions that were loaded.
func (c Cache) installed(repo string) []Installed {
	var list []Installed
	root := filepath.Join(c.repoDir(repo), "refs")
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what cannot be read is not listed
		}
		revision, _ := filepath.Rel(root, path)
		commit, err := c.commit(repo, filepath.ToSlash(revision))
		if err == nil {
			list = append(list, c.at(repo, filepath.ToSlash(revision), commit)...)
		}
		return nil
	})
	return list
}

// at are the models in one snapshot.
func (c Cache) at(repo, revision, commit string) []Installed {
	dir := c.snapshot(repo, commit)
	if revision == "main" {
		revision = ""
	}
	var list []Installed
	for _, m := range append([]Model{byRepo(repo, revision)}, filesOf(repo, revision)...) {
		if complete(dir, m) != nil || !runnable(dir, m) {
			continue
		}
		list = append(list, Installed{Model: m, Path: place(dir, m), Commit: commit, Bytes: size(place(dir, m))})
	}
	return list
}

// filesOf are the catalogue's single files of a repository.
func filesOf(repo, revision string) []Model {
	var list []Model
	for _, m := range catalogue {
		if m.Repo == repo && m.Files != nil && m.Revision == revision {
			list = append(list, m)
		}
	}
	return list
}

// families are the values of model_type that the recogniser knows.
var families = map[string]string{"whisper": "whisper", "moonshine": "moonshine", "wav2vec2": "wav2vec2", "hubert": "hubert",
	"speech_to_text": "speech2text", "parley_hybrid": "parley"}

func runnable(dir string, m Model) bool {
	if m.Family != "" {
		return true
	}
	data, err := os.ReadFile(filepath.Join(dir, "config.json"))
	var config struct {
		ModelType string `json:"model_type"`
	}
	return err == nil && json.Unmarshal(data, &config) == nil && families[config.ModelType] != ""
}

// size is the bytes of a file, or of all files below a directory, links followed.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	if !info.IsDir() {
		return info.Size()
	}
	entries, _ := os.ReadDir(path)
	var n int64
	for _, e := range entries {
		n += size(filepath.Join(path, e.Name()))
	}
	return n
}

// Remove deletes a model, parts of it too, and returns how many bytes that freed. A whole repository goes with all its revisions,
// a single file alone. The error is ErrAbsent if there is nothing.
func (c Cache) Remove(m Model) (int64, error) {
	root := c.repoDir(m.Repo)
	if _, err := os.Stat(root); err != nil {
		return 0, fmt.Errorf("models: %s: %w in %s", m.Name, ErrAbsent, c.Dir)
	}
	if len(m.Files) > 0 {
		return c.removeFiles(m)
	}
	freed := size(filepath.Join(root, "blobs"))
	if err := os.RemoveAll(root); err != nil {
		return 0, fmt.Errorf("models: %w", err)
	}
	return freed, nil
}

// removeFiles deletes a model's files from every snapshot of its repository, and the blobs behind them.
func (c Cache) removeFiles(m Model) (int64, error) {
	var freed int64
	found := false
	snapshots, _ := filepath.Glob(filepath.Join(c.repoDir(m.Repo), "snapshots", "*"))
	for _, dir := range snapshots {
		for _, name := range m.Files {
			path := filepath.Join(dir, name)
			target, err := filepath.EvalSymlinks(path)
			if err != nil {
				continue
			}
			found = true
			freed += size(target)
			if err := errors.Join(os.Remove(path), removeIfThere(target)); err != nil {
				return freed, fmt.Errorf("models: %w", err)
			}
		}
	}
	if !found {
		return 0, fmt.Errorf("models: %s: %w in %s", m.Name, ErrAbsent, c.Dir)
	}
	return freed, nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A Cache is a folder of models in the layout of huggingface_hub:
//
//	models--owner--name/blobs/<etag>                the bytes of a file, named by their hash
//	                    blobs/<etag>.incomplete     the part that was loaded so far
//	                    refs/<revision>             the commit that a branch or tag stood for
//	                    snapshots/<commit>/<file>   links to blobs; the files themselves where links cannot be made
//	.locks/models--owner--name/<etag>.lock          held while a blob is loaded
type Cache struct{ Dir string }

// CacheFromEnv is the cache that HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME names, else ~/.cache/huggingface/hub.
func CacheFromEnv() (Cache, error) {
	for _, name := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"} {
		if dir := os.Getenv(name); dir != "" {
			return Cache{expand(dir)}, nil
		}
	}
	home, err := hubHome()
	return Cache{filepath.Join(home, "hub")}, err
}

// hubHome is the folder of all that huggingface_hub keeps.
func hubHome() (string, error) {
	if dir := os.Getenv("HF_HOME"); dir != "" {
		return expand(dir), nil
	}
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(expand(dir), "huggingface"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("models: no folder to keep models in: %w; set HF_HOME to one", err)
	}
	return filepath.Join(home, ".cache", "huggingface"), nil
}

// expand resolves $NAME and a leading ~.
func expand(dir string) string {
	dir = os.ExpandEnv(dir)
	if rest, ok := strings.CutPrefix(dir, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		if home, err := os.UserHomeDir(); err == nil {
			return home + rest
		}
	}
	return dir
}

// repoDir is the folder of a repository.
func (c Cache) repoDir(repo string) string {
	return filepath.Join(c.Dir, "models--"+strings.ReplaceAll(repo, "/", "--"))
}

func (c Cache) blob(repo, etag string) string { return filepath.Join(c.repoDir(repo), "blobs", etag) }

func (c Cache) lock(repo, etag string) string {
	return filepath.Join(c.Dir, ".locks", filepath.Base(c.repoDir(repo)), etag+".lock")
}

func (c Cache) snapshot(repo, commit string) string {
	return filepath.Join(c.repoDir(repo), "snapshots", commit)
}

var commitHash = regexp.MustCompile(`^[0-9a-f]{40}$`)

// commit is what a revision stood for when it was loaded last.
func (c Cache) commit(repo, revision string) (string, error) {
	if commitHash.MatchString(revision) {
		return revision, nil
	}
	data, err := os.ReadFile(filepath.Join(c.repoDir(repo), "refs", filepath.FromSlash(revision)))
	if err != nil {
		return "", err
	}
	commit := strings.TrimSpace(string(data))
	if !commitHash.MatchString(commit) {
		return "", fmt.Errorf("models: %s: refs/%s holds no commit", c.repoDir(repo), revision)
	}
	return commit, nil
}

// setRef records the commit of a revision; whoever reads at the same time finds the old one or the new one, whole.
func (c Cache) setRef(repo, revision, commit string) error {
	if revision == commit {
		return nil
	}
	path := filepath.Join(c.repoDir(repo), "refs", filepath.FromSlash(revision))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".ref-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.WriteString(commit); err == nil {
		err = f.Chmod(0o644)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// ErrAbsent says that a model is not on this machine, or not all of it.
var ErrAbsent = errors.New("not on this machine")

// Path returns the directory of a model, or its file if the model is a single one. It uses no network. The error is ErrAbsent when
// a file that the model needs is missing.
func (c Cache) Path(m Model) (string, error) {
	commit, err := c.commit(m.Repo, m.revision())
	if err == nil {
		dir := c.snapshot(m.Repo, commit)
		if err = complete(dir, m); err == nil {
			return place(dir, m), nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("models: %s: %w in %s; 'parley models pull %s' loads it", m.Name, ErrAbsent, c.Dir, m.Name)
	}
	return "", err
}

// place is what a recogniser opens.
func place(dir string, m Model) string {
	if len(m.Files) == 1 {
		return filepath.Join(dir, m.Files[0])
	}
	return dir
}

// complete returns nil if dir holds what the model needs, else fs.ErrNotExist.
func complete(dir string, m Model) error {
	if len(m.Files) > 0 {
		return exist(dir, m.Files)
	}
	if err := exist(dir, []string{"config.json"}); err != nil {
		return err
	}
	if exist(dir, []string{wholeWeights}) == nil {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(dir, weightsIndex))
	if err != nil {
		return err
	}
	shards, err := shardNames(data)
	if err != nil {
		return fmt.Errorf("models: %s: %w", filepath.Join(dir, weightsIndex), err)
	}
	return exist(dir, shards)
}

func exist(dir string, names []string) error {
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

const (
	wholeWeights = "model.safetensors"
	weightsIndex = "model.safetensors.index.json"
)

// shardNames are the files that an index of sharded weights names.
func shardNames(index []byte) ([]string, error) {
	var file struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(index, &file); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var names []string
	for _, name := range file.Map {
		if seen[name] {
			continue
		}
		if !filepath.IsLocal(name) {
			return nil, fmt.Errorf("weight_map names %q, which is outside the directory", name)
		}
		seen[name] = true
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, errors.New("weight_map names no file")
	}
	return names, nil
}

package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A Hub loads models from a server into a cache. Its fields may be changed before use.
type Hub struct {
	Cache
	Endpoint string         // "https://huggingface.co" or a mirror of it
	Token    string         // sent to the endpoint, and to no host that it redirects to
	Offline  bool           // Plan and Pull fail at once
	Client   *http.Client   // nil: one that suits; its CheckRedirect is not used
	Progress func(Progress) // called often while Pull loads, and when Plan must wait; may be nil

	wait func(ctx context.Context, d time.Duration) error // between attempts; nil: the clock
}

// Progress tells how far Pull is.
type Progress struct {
	File        string // that is loaded now
	Done, Total int64  // bytes of the whole plan
	Note        string // why nothing moves, such as "waiting 4s: ..."; mostly ""
}

// note tells why nothing moves.
func (h *Hub) note(text string) {
	if h.Progress != nil {
		h.Progress(Progress{Note: text})
	}
}

const defaultEndpoint = "https://huggingface.co"

// FromEnv makes a hub as the environment says.
func FromEnv() (*Hub, error) {
	cache, err := CacheFromEnv()
	if err != nil {
		return nil, err
	}
	h := &Hub{Cache: cache, Endpoint: strings.TrimRight(os.Getenv("HF_ENDPOINT"), "/"), Offline: truth("HF_HUB_OFFLINE") || truth("TRANSFORMERS_OFFLINE")}
	if h.Endpoint == "" {
		h.Endpoint = defaultEndpoint
	}
	if u, err := url.Parse(h.Endpoint); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("models: HF_ENDPOINT is %q; want an address such as %s", h.Endpoint, defaultEndpoint)
	}
	h.Token = tokenFromEnv()
	return h, nil
}

// truth reads a switch as huggingface_hub does.
func truth(name string) bool {
	switch strings.ToUpper(os.Getenv(name)) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

// tokenFromEnv is HF_TOKEN, else what 'hf auth login' has kept, "" without either.
func tokenFromEnv() string {
	for _, name := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"} {
		if token := strings.TrimSpace(os.Getenv(name)); token != "" {
			return token
		}
	}
	if truth("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
		return ""
	}
	path := expand(os.Getenv("HF_TOKEN_PATH"))
	if path == "" {
		home, err := hubHome()
		if err != nil {
			return ""
		}
		path = filepath.Join(home, "token")
	}
	data, _ := os.ReadFile(path) // mostly there is none
	return strings.TrimSpace(string(data))
}

// A Plan is what Pull would load.
type Plan struct {
	Model
	Source  string // host of the server
	Commit  string
	Files   []File
	Total   int64 // bytes of all files
	Missing int64 // bytes of those that are not here yet, parts of files not counted
}

// A File is one of a repository, as the server describes it.
type File struct {
	Name string
	Size int64
	ETag string // SHA-256 of large files, git's SHA-1 of small ones, in hexadecimal digits
}

// Plan asks the server which files a model has and how large they are.
func (h *Hub) Plan(ctx context.Context, m Model) (*Plan, error) {
	if h.Offline {
		return nil, fmt.Errorf("models: %s: %w, and HF_HUB_OFFLINE forbids loading it", m.Name, ErrAbsent)
	}
	source, err := url.Parse(h.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	commit, all, err := h.listing(ctx, m)
	if err != nil {
		return nil, err
	}
	names, err := choose(m, all)
	if err != nil {
		return nil, err
	}
	p := &Plan{Model: m, Source: source.Host, Commit: commit}
	for _, name := range names {
		f, err := h.describe(ctx, m.Repo, commit, name)
		if err != nil {
			return nil, err
		}
		p.Files = append(p.Files, f)
		p.Total += f.Size
		if !h.have(p, f) {
			p.Missing += f.Size
		}
	}
	return p, nil
}

// have tells whether a file is in the snapshot, or its blob in the cache.
func (h *Hub) have(p *Plan, f File) bool {
	for _, path := range []string{filepath.Join(h.snapshot(p.Repo, p.Commit), f.Name), h.blob(p.Repo, f.ETag)} {
		if info, err := os.Stat(path); err == nil && info.Size() == f.Size {
			return true
		}
	}
	return false
}

// Pull loads what is missing and returns the directory, or the file of a model that is a single one. Cut off at any time, it leaves a
// state that the next Pull goes on from.
func (h *Hub) Pull(ctx context.Context, p *Plan) (string, error) {
	if h.Offline && p.Missing > 0 {
		return "", fmt.Errorf("models: %s: %w, and HF_HUB_OFFLINE forbids loading it", p.Name, ErrAbsent)
	}
	if err := os.MkdirAll(filepath.Join(h.repoDir(p.Repo), "blobs"), 0o755); err != nil {
		return "", fmt.Errorf("models: %w", err)
	}
	if err := h.room(p); err != nil {
		return "", err
	}
	done := p.Total - p.Missing
	for _, f := range p.Files {
		if !h.have(p, f) {
			if err := h.fetch(ctx, p, f, done); err != nil {
				return "", fmt.Errorf("models: %s: %s: %w", p.Name, f.Name, err)
			}
			done += f.Size
		}
		if err := h.link(p, f); err != nil {
			return "", fmt.Errorf("models: %w", err)
		}
	}
	if err := h.setRef(p.Repo, p.revision(), p.Commit); err != nil {
		return "", fmt.Errorf("models: %w", err)
	}
	return h.Path(p.Model)
}

// reserve is left free on the disk.
const reserve = 64 << 20

// room makes sure that the disk has space for what is missing.
func (h *Hub) room(p *Plan) error {
	free, ok := freeSpace(h.Dir)
	for _, f := range p.Files { // parts take space already
		if info, err := os.Stat(h.blob(p.Repo, f.ETag) + incomplete); err == nil {
			free += info.Size()
		}
	}
	if ok && p.Missing > 0 && free < p.Missing+reserve {
		return fmt.Errorf("models: %s needs %d MB on the disk of %s, which has %d MB free; make room, or set HF_HOME to a folder on another disk",
			p.Name, (p.Missing+reserve)/mb, h.Dir, free/mb)
	}
	return nil
}

// link puts a file's blob into the snapshot: as a relative link, or by moving it where the system makes no links.
func (h *Hub) link(p *Plan, f File) error {
	path, blob := filepath.Join(h.snapshot(p.Repo, p.Commit), f.Name), h.blob(p.Repo, f.ETag)
	if info, err := os.Stat(path); err == nil && info.Size() == f.Size {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := removeIfThere(path); err != nil { // a link to nothing
		return err
	}
	target, err := filepath.Rel(filepath.Dir(path), blob)
	if err != nil {
		return err
	}
	if err = os.Symlink(target, path); err == nil || errors.Is(err, os.ErrExist) {
		return nil
	}
	return os.Rename(blob, path)
}

package models

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var base = Model{Name: "whisper-base", Repo: "openai/whisper-base", Family: "whisper"}

func pull(t *testing.T, h *Hub, m Model) (string, error) {
	t.Helper()
	p, err := h.Plan(t.Context(), m)
	if err != nil {
		return "", err
	}
	return h.Pull(t.Context(), p)
}

// holds checks that a directory has these files of the server and no others.
func holds(t *testing.T, dir string, s *server, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil || !bytes.Equal(data, s.files[e.Name()]) {
			t.Errorf("%s: %d bytes, want %d: %v", e.Name(), len(data), len(s.files[e.Name()]), err)
		}
	}
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("files %q, want %q", got, names)
	}
}

func TestPull(t *testing.T) {
	s := newServer(t, testFiles())
	h, waits := s.client(t)
	if _, err := h.Path(base); !errors.Is(err, ErrAbsent) {
		t.Errorf("Path before: %v", err)
	}
	var last Progress
	h.Progress = func(p Progress) {
		if p.Done < last.Done || p.Done > p.Total {
			t.Errorf("progress %+v after %+v", p, last)
		}
		last = p
	}
	dir, err := pull(t, h, base)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, dir, s, "config.json", "tokenizer.json", "model.safetensors")
	if want := int64(24 + 2 + 320_000); last.Done != want || last.Total != want || len(*waits) != 0 {
		t.Errorf("ended at %+v, want %d bytes; waited %v", last, want, *waits)
	}
	if s.leaked {
		t.Error("the storage saw the token")
	}
	blob := h.blob(base.Repo, sha(s.files["model.safetensors"]))
	if target, err := filepath.EvalSymlinks(filepath.Join(dir, "model.safetensors")); err != nil || filepath.Base(target) != filepath.Base(blob) {
		t.Errorf("model.safetensors is %s, want %s: %v", target, blob, err)
	}
	ref, err := os.ReadFile(filepath.Join(h.repoDir(base.Repo), "refs", "main"))
	if err != nil || string(ref) != testCommit {
		t.Errorf("refs/main holds %q, %v", ref, err)
	}
	n := len(s.log)
	if again, err := h.Path(base); err != nil || again != dir || len(s.log) != n {
		t.Errorf("Path = %s, %v, %d requests; want %s without any", again, err, len(s.log)-n, dir)
	}
	p, err := h.Plan(t.Context(), base)
	if err != nil || p.Missing != 0 || p.Source != strings.TrimPrefix(s.URL, "http://") {
		t.Errorf("plan of what is here: %+v, %v", p, err)
	}
}

func TestPullFile(t *testing.T) {
	s := newServer(t, map[string][]byte{"ggml-tiny.bin": []byte("lmgg"), "ggml-base.bin": []byte("lmggg")})
	h, _ := s.client(t)
	tiny, base := ggml("ggml-tiny", 1), ggml("ggml-base", 1)
	path, err := pull(t, h, tiny)
	if err != nil || filepath.Base(path) != "ggml-tiny.bin" {
		t.Fatalf("%s, %v", path, err)
	}
	if _, err := h.Path(base); !errors.Is(err, ErrAbsent) {
		t.Errorf("another file of the repository: %v", err)
	}
	if _, err := pull(t, h, base); err != nil {
		t.Fatal(err)
	}
	if freed, err := h.Remove(tiny); freed != 4 || err != nil {
		t.Errorf("freed %d, %v", freed, err)
	}
	if _, err := h.Path(tiny); !errors.Is(err, ErrAbsent) {
		t.Errorf("after Remove: %v", err)
	}
	if _, err := h.Path(base); err != nil {
		t.Errorf("the other file is gone: %v", err)
	}
	if _, err := pull(t, h, ggml("ggml-small", 1)); err == nil || !strings.Contains(err.Error(), "has no file ggml-small.bin") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestShards(t *testing.T) {
	files := testFiles()
	delete(files, "model.safetensors")
	files["model.safetensors.index.json"] = []byte(`{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}`)
	files["model-00001-of-00002.safetensors"], files["model-00002-of-00002.safetensors"] = []byte("one"), []byte("two")
	files["model.fp32-00001-of-00002.safetensors"] = []byte("not wanted")
	s := newServer(t, files)
	h, _ := s.client(t)
	dir, err := pull(t, h, base)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, dir, s, "config.json", "tokenizer.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
	if err := os.Remove(filepath.Join(dir, "model-00002-of-00002.safetensors")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Path(base); !errors.Is(err, ErrAbsent) {
		t.Errorf("without a shard: %v", err)
	}
}

// A connection that is cut is taken up where it ended, until it gets nowhere six times.
func TestResume(t *testing.T) {
	s := newServer(t, testFiles())
	const name = "model.safetensors"
	h, waits := s.client(t)
	s.trouble = []http.HandlerFunc{nil, nil, s.cutAfter(name, 100_000), s.cutAfter(name, 1), status(503), s.cutAfter(name, 50_000)}
	dir, err := pull(t, h, base)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, dir, s, "config.json", "tokenizer.json", name)
	var ranges []string
	for _, line := range s.log {
		if strings.HasPrefix(line, "GET /blob/") {
			ranges = append(ranges, strings.TrimPrefix(line, "GET /blob/"+name))
		}
	}
	if want := []string{"", " bytes=100000-", " bytes=100001-", " bytes=100001-", " bytes=150001-"}; !slices.Equal(ranges, want) {
		t.Errorf("asked for %q, want %q", ranges, want)
	}
	if s.leaked || s.matched || len(*waits) != 4 {
		t.Errorf("the storage saw the token %v, the etag %v; waited %v", s.leaked, s.matched, *waits)
	}
}

// A part left by another process is taken up, one that is too long is not.
func TestResumeLater(t *testing.T) {
	for _, n := range []int{0, 1, 200_000, 320_000, 320_001} {
		s := newServer(t, testFiles())
		h, _ := s.client(t)
		data := s.files["model.safetensors"]
		part := h.blob(base.Repo, sha(data)) + incomplete
		os.MkdirAll(filepath.Dir(part), 0o755)
		if err := os.WriteFile(part, append(bytes.Clone(data), 'x')[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		dir, err := pull(t, h, base)
		if err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		holds(t, dir, s, "config.json", "tokenizer.json", "model.safetensors")
		want := "GET /blob/model.safetensors"
		if n > 0 && n < len(data) {
			want += fmt.Sprintf(" bytes=%d-", n)
		}
		if slices.Contains(s.log, want) != (n != len(data)) {
			t.Errorf("%d: requests %q, want %q", n, s.log, want)
		}
		if _, err := os.Stat(part); err == nil {
			t.Errorf("%d: the part is still there", n)
		}
	}
}

// A server that knows no ranges sends all again.
func TestNoRanges(t *testing.T) {
	s := newServer(t, testFiles())
	s.plain = true
	s.trouble = []http.HandlerFunc{nil, nil, s.cutAfter("model.safetensors", 1000), status(416), status(412)}
	h, _ := s.client(t)
	dir, err := pull(t, h, base)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, dir, s, "config.json", "tokenizer.json", "model.safetensors")
}

func TestChecksum(t *testing.T) {
	wrong := func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 320_000)) }
	s := newServer(t, testFiles())
	s.trouble = []http.HandlerFunc{nil, nil, wrong}
	h, _ := s.client(t)
	if dir, err := pull(t, h, base); err != nil {
		t.Errorf("damaged once: %v", err)
	} else {
		holds(t, dir, s, "config.json", "tokenizer.json", "model.safetensors")
	}
	s.trouble = []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"model_type":"WHISPER"}`)) }}
	s.trouble = append(s.trouble, s.trouble[0])
	h, _ = s.client(t)
	var sum errSum
	if _, err := pull(t, h, base); !errors.As(err, &sum) || !strings.Contains(err.Error(), "config.json: checksum") {
		t.Errorf("damaged twice: %v", err)
	}
	if _, err := h.Path(base); !errors.Is(err, ErrAbsent) {
		t.Errorf("a damaged model is found: %v", err)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		answer http.HandlerFunc
		token  string
		says   []string
	}{
		{status(401), "", []string{"HTTP 401", "does not exist or is private", "HF_TOKEN"}},
		{status(401), "hf_x", []string{"HTTP 401", "does not take the token", "/settings/tokens"}},
		{status(403, "X-Error-Code", "GatedRepo"), "hf_x", []string{"HTTP 403", "accept its terms at"}},
		{status(403, "X-Error-Message", "no way"), "hf_x", []string{"HTTP 403", "no way"}},
		{status(404), "", []string{"HTTP 404", "openai/whisper-base at main does not exist", "check the name"}},
		{status(418), "", []string{"418"}},
		{status(200), "", []string{"is HF_ENDPOINT a mirror"}},
		{status(429, "Retry-After", "86400"), "", []string{"429", "24h0m0s"}},
	} {
		s := newServer(t, testFiles())
		s.first = []http.HandlerFunc{c.answer}
		h, waits := s.client(t)
		h.Token = c.token
		_, err := h.Plan(t.Context(), base)
		for _, says := range c.says {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("got %v, want %q", err, says)
			}
		}
		if len(*waits) > 0 {
			t.Errorf("%v: waited %v", err, *waits)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	s := newServer(t, testFiles())
	s.first = []http.HandlerFunc{status(429, "Retry-After", "7"), status(502), status(500), status(408), status(503)}
	h, waits := s.client(t)
	var notes []string
	h.Progress = func(p Progress) { notes = append(notes, p.Note) }
	if _, err := h.Plan(t.Context(), base); err != nil {
		t.Fatal(err)
	}
	if len(*waits) != 5 || (*waits)[0] != 7*time.Second {
		t.Errorf("waited %v, want 7 s first", *waits)
	}
	for i, least := range []time.Duration{1, 2, 4, 8} {
		if w := (*waits)[1+i]; w < least*time.Second || w > least*time.Second*5/4 {
			t.Errorf("wait %d: %v, want %d s and at most a quarter more", i, w, least)
		}
	}
	if len(notes) == 0 || !strings.Contains(notes[0], "waiting 7s: the server answers 429") {
		t.Errorf("said %q", notes)
	}
	for range attempts {
		s.first = append(s.first, status(503))
	}
	if _, err := h.Plan(t.Context(), base); err == nil || !strings.Contains(err.Error(), "given up after 6 attempts") {
		t.Errorf("always busy: %v", err)
	}
}

func TestRedirects(t *testing.T) {
	s := newServer(t, testFiles())
	h, _ := s.client(t)
	s.first = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) { // a renamed repository
		http.Redirect(w, r, "/api/models/openai/whisper-base/revision/main", http.StatusTemporaryRedirect)
	}}
	if commit, names, err := h.listing(t.Context(), Model{Repo: "openai/old"}); err != nil || commit != testCommit || len(names) != len(s.files) {
		t.Errorf("a renamed repository: %s, %q, %v", commit, names, err)
	}
	loop := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }
	for range 20 {
		s.first = append(s.first, loop)
	}
	if _, err := h.Plan(t.Context(), base); !errors.Is(err, errRedirects) {
		t.Errorf("in a circle: %v", err)
	}
}

// Ctrl-C leaves a part, and the next call goes on from it.
func TestCancel(t *testing.T) {
	s := newServer(t, testFiles())
	h, _ := s.client(t)
	p, err := h.Plan(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.trouble = []http.HandlerFunc{nil, nil, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "320000")
		w.Write(s.files["model.safetensors"][:50_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}}
	h.Progress = func(p Progress) {
		if p.Done >= 50_000 {
			cancel()
		}
	}
	if _, err := h.Pull(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	h.Progress = nil
	if _, err := h.Pull(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if last := s.log[len(s.log)-1]; !strings.HasPrefix(last, "GET /blob/model.safetensors bytes=50") {
		t.Errorf("the next call asked for %q", last)
	}
}

// Two at once load every file once.
func TestTwoAtOnce(t *testing.T) {
	s := newServer(t, testFiles())
	h, _ := s.client(t)
	errs := make(chan error)
	for range 4 {
		go func() {
			p, err := h.Plan(t.Context(), base)
			if err == nil {
				_, err = h.Pull(t.Context(), p)
			}
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	loads := 0
	for _, line := range s.log {
		if strings.HasPrefix(line, "GET /blob/") {
			loads++
		}
	}
	if loads != 1 {
		t.Errorf("the weights were loaded %d times", loads)
	}
}

func TestOffline(t *testing.T) {
	s := newServer(t, testFiles())
	h, _ := s.client(t)
	h.Offline = true
	if _, err := h.Plan(t.Context(), base); !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "HF_HUB_OFFLINE") || len(s.log) > 0 {
		t.Errorf("%v, %d requests", err, len(s.log))
	}
}

func TestNoRoom(t *testing.T) {
	h := &Hub{Cache: Cache{t.TempDir()}}
	if _, ok := freeSpace(h.Dir); !ok {
		t.Skip("nobody knows the free space here")
	}
	p := &Plan{Model: base, Missing: 1 << 60}
	if _, err := h.Pull(t.Context(), p); err == nil || !strings.Contains(err.Error(), "make room, or set HF_HOME") {
		t.Errorf("got %v", err)
	}
}

func TestBadListing(t *testing.T) {
	for want, files := range map[string][]string{
		"no config.json":   {"README.md"},
		"no weights":       {"config.json", "pytorch_model.bin"},
		"it has no files":  {},
		"tf_model.h5, ...": {"config.json", "a", "b", "c", "d", "e", "f", "tf_model.h5", "z"},
	} {
		if _, err := choose(base, files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", files, err, want)
		}
	}
}

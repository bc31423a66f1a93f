package models

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const testCommit = "0123456789abcdef0123456789abcdef01234567"

// server stands for the hub: small files come from itself, large ones from a second server that it redirects to.
type server struct {
	*httptest.Server
	storage *httptest.Server
	files   map[string][]byte

	mu      sync.Mutex
	trouble []http.HandlerFunc // the next requests for bytes go here first, one each; nil: no trouble
	first   []http.HandlerFunc // the next requests of any kind
	log     []string           // method, path and Range of every request
	leaked  bool               // the storage saw the token
	matched bool               // the storage saw If-Match
	plain   bool               // ranges are not understood
}

// large files are served as LFS files are.
func large(name string) bool { return path.Ext(name) == ".safetensors" || path.Ext(name) == ".bin" }

func newServer(t *testing.T, files map[string][]byte) *server {
	s := &server{files: files}
	s.Server = httptest.NewServer(http.HandlerFunc(s.hub))
	s.storage = httptest.NewServer(http.HandlerFunc(s.store))
	t.Cleanup(s.Close)
	t.Cleanup(s.storage.Close)
	return s
}

func testFiles() map[string][]byte {
	weights := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	return map[string][]byte{
		"config.json": []byte(`{"model_type":"whisper"}`), "tokenizer.json": []byte("{}"), "README.md": []byte("hello"),
		"model.safetensors": weights, "pytorch_model.bin": []byte("pickle"), "onnx/model.onnx": []byte("x"),
	}
}

// hub makes a client of s whose waits between attempts are recorded and take no time.
func (s *server) client(t *testing.T) (*Hub, *[]time.Duration) {
	var waits []time.Duration
	return &Hub{Cache: Cache{t.TempDir()}, Endpoint: s.URL, Token: "hf_secret", wait: func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		return ctx.Err()
	}}, &waits
}

func (s *server) next(list *[]http.HandlerFunc) http.HandlerFunc {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(*list) == 0 {
		return nil
	}
	h := (*list)[0]
	*list = (*list)[1:]
	return h
}

func (s *server) note(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("Range")))
	if r.Host == strings.TrimPrefix(s.storage.URL, "http://") {
		s.leaked = s.leaked || r.Header.Get("Authorization") != ""
		s.matched = s.matched || r.Header.Get("If-Match") != ""
	}
}

func (s *server) hub(w http.ResponseWriter, r *http.Request) {
	s.note(r)
	if h := s.next(&s.first); h != nil {
		h(w, r)
		return
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/api/models/"); ok {
		s.api(w, rest)
		return
	}
	repo, file, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/resolve/"+testCommit+"/")
	data := s.files[file]
	if !ok || data == nil || repo != "openai/whisper-base" && repo != "ggerganov/whisper.cpp" {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("X-Repo-Commit", testCommit)
	if large(file) {
		w.Header().Set("X-Linked-Etag", `"`+sha(data)+`"`)
		w.Header().Set("X-Linked-Size", strconv.Itoa(len(data)))
		http.Redirect(w, r, s.storage.URL+"/blob/"+file, http.StatusFound)
		return
	}
	w.Header().Set("Etag", `"`+gitSHA(data)+`"`)
	s.serve(w, r, file)
}

func (s *server) api(w http.ResponseWriter, rest string) {
	if rest != "openai/whisper-base/revision/main" && rest != "ggerganov/whisper.cpp/revision/main" {
		w.Header().Set("X-Error-Code", "RepoNotFound")
		http.Error(w, "no", http.StatusNotFound)
		return
	}
	type sibling struct {
		Name string `json:"rfilename"`
	}
	var list []sibling
	for name := range s.files {
		list = append(list, sibling{name})
	}
	json.NewEncoder(w).Encode(map[string]any{"sha": testCommit, "siblings": list})
}

func (s *server) store(w http.ResponseWriter, r *http.Request) {
	s.note(r)
	w.Header().Set("Etag", `"of-the-storage"`)
	s.serve(w, r, strings.TrimPrefix(r.URL.Path, "/blob/"))
}

// serve sends the bytes of a file, or trouble.
func (s *server) serve(w http.ResponseWriter, r *http.Request, name string) {
	if r.Method == http.MethodGet {
		if h := s.next(&s.trouble); h != nil {
			h(w, r)
			return
		}
	}
	if s.plain {
		r.Header.Del("Range")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.files[name]))
}

// cutAfter sends n bytes of what it should and drops the connection.
func (s *server) cutAfter(name string, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		data, at := s.files[name], 0
		if rng := r.Header.Get("Range"); rng != "" {
			fmt.Sscanf(rng, "bytes=%d-", &at)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, len(data)-1, len(data)))
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(data)-at))
		if at > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		w.Write(data[at : at+n])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// status answers with an error.
func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func gitSHA(data []byte) string {
	sum := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(data)), data...))
	return hex.EncodeToString(sum[:])
}

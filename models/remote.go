package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// client makes the HTTP client: redirects only as follow allows, at most ten.
func (h *Hub) client(follow func(req *http.Request, first *url.URL) error) *http.Client {
	c := &http.Client{Transport: transport}
	if h.Client != nil {
		*c = *h.Client
	}
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) >= 10 {
			return errRedirects
		}
		return follow(req, via[0].URL)
	}
	return c
}

var errRedirects = errors.New("stopped after 10 redirects")

// transport is http.DefaultTransport that does not wait for ever for an answer.
var transport = func() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.ResponseHeaderTimeout = 30 * time.Second
	return t
}()

// toStorage follows redirects to other hosts, where the bytes of large files lie, without showing them the token.
func toStorage(req *http.Request, first *url.URL) error {
	if !sameOrigin(req.URL, first) {
		req.Header.Del("Authorization")
		req.Header.Del("If-Match") // the storage has etags of its own
	}
	return nil
}

// withinHost follows redirects that stay on the host, as those of renamed repositories do.
func withinHost(req *http.Request, first *url.URL) error {
	if !sameOrigin(req.URL, first) {
		return http.ErrUseLastResponse
	}
	return nil
}

func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

// request makes a request to the endpoint.
func (h *Hub) request(ctx context.Context, method, path string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, h.Endpoint+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "parley (+https://github.com/parley-go/parley)")
	req.Header.Set("Accept-Encoding", "identity") // lengths and ranges are of the file itself
	if h.Token != "" {
		req.Header.Set("Authorization", "Bearer "+h.Token)
	}
	return req, nil
}

const maxListing = 16 << 20 // bytes of JSON about a repository

// listing returns the commit that the model's revision stands for, and the names of its files.
func (h *Hub) listing(ctx context.Context, m Model) (commit string, names []string, err error) {
	path := "/api/models/" + m.Repo + "/revision/" + url.PathEscape(m.revision())
	err = h.retry(ctx, h.note, func(ctx context.Context) error {
		req, err := h.request(ctx, http.MethodGet, path)
		if err != nil {
			return err
		}
		resp, err := h.client(withinHost).Do(req)
		if err != nil {
			return passing(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return h.refused(resp, m.Repo, m.revision(), "")
		}
		var answer struct {
			SHA      string `json:"sha"`
			Siblings []struct {
				Name string `json:"rfilename"`
			} `json:"siblings"`
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxListing))
		if err != nil {
			return passing(err)
		}
		if err := json.Unmarshal(body, &answer); err != nil || !commitHash.MatchString(answer.SHA) {
			return fmt.Errorf("%s gave no list of the files of %s: is HF_ENDPOINT a mirror of the hub?", h.Endpoint, m.Repo)
		}
		commit, names = answer.SHA, nil
		for _, s := range answer.Siblings {
			names = append(names, s.Name)
		}
		return nil
	})
	if err != nil {
		return "", nil, fmt.Errorf("models: %w", err)
	}
	return commit, names, nil
}

// resolve is the path of a file's bytes.
func resolve(repo, commit, name string) string {
	return "/" + repo + "/resolve/" + commit + "/" + url.PathEscape(name)
}

// cleanTag is an etag that can be the name of a file.
var cleanTag = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

// describe asks for the size and the hash of a file: X-Linked-Size and X-Linked-ETag of large ones, which another host serves.
func (h *Hub) describe(ctx context.Context, repo, commit, name string) (f File, err error) {
	err = h.retry(ctx, h.note, func(ctx context.Context) error {
		req, err := h.request(ctx, http.MethodHead, resolve(repo, commit, name))
		if err != nil {
			return err
		}
		resp, err := h.client(withinHost).Do(req)
		if err != nil {
			return passing(err)
		}
		resp.Body.Close()
		if resp.StatusCode >= 400 {
			return h.refused(resp, repo, commit, name)
		}
		f, err = described(name, resp)
		return err
	})
	if err != nil {
		return File{}, fmt.Errorf("models: %s: %s: %w", repo, name, err)
	}
	return f, nil
}

// described reads the headers that describe a file.
func described(name string, resp *http.Response) (File, error) {
	f := File{Name: name, Size: resp.ContentLength, ETag: resp.Header.Get("X-Linked-Etag")}
	if f.ETag == "" {
		f.ETag = resp.Header.Get("Etag")
	}
	f.ETag = strings.Trim(strings.TrimPrefix(f.ETag, "W/"), `"`)
	if linked := resp.Header.Get("X-Linked-Size"); linked != "" {
		if _, err := fmt.Sscan(linked, &f.Size); err != nil {
			f.Size = -1
		}
	} else if resp.StatusCode >= 300 {
		f.Size = -1 // the length of the redirect's own text
	}
	if f.Size < 0 || !cleanTag.MatchString(f.ETag) {
		return f, fmt.Errorf("the server tells no size and etag (%q, %q): is HF_ENDPOINT a mirror of the hub?", resp.Header.Get("X-Linked-Size"), f.ETag)
	}
	return f, nil
}

// refused explains an answer that is no success. It is passing if asking again later may help.
func (h *Hub) refused(resp *http.Response, repo, revision, name string) error {
	what := repo + " at " + revision
	if name != "" {
		what += ", " + name
	}
	page := h.Endpoint + "/" + repo
	kind, said := resp.Header.Get("X-Error-Code"), resp.Header.Get("X-Error-Message")
	switch status := resp.StatusCode; {
	case kind == "GatedRepo":
		return fmt.Errorf("%s asks who uses it (HTTP %d): accept its terms at %s and set HF_TOKEN to a token of that account", repo, status, page)
	case status == http.StatusUnauthorized && h.Token == "":
		return fmt.Errorf("%s does not exist or is private (HTTP 401): check the name; for a private one set HF_TOKEN to a token from %s/settings/tokens", repo, h.Endpoint)
	case status == http.StatusUnauthorized:
		return fmt.Errorf("the server does not take the token for %s (HTTP 401): make a new one at %s/settings/tokens and set HF_TOKEN", repo, h.Endpoint)
	case status == http.StatusForbidden:
		return fmt.Errorf("access to %s is forbidden (HTTP 403%s): accept its terms at %s, or use a token with the right to read it", repo, because(said), page)
	case status == http.StatusNotFound:
		return fmt.Errorf("%s does not exist on %s (HTTP 404%s): check the name", what, h.Endpoint, because(said))
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500:
		return temporary{fmt.Errorf("the server answers %s", resp.Status), retryAfter(resp.Header)}
	}
	return fmt.Errorf("%s: the server answers %s", what, resp.Status)
}

func because(said string) string {
	if said == "" {
		return ""
	}
	return ": " + said[:min(len(said), 200)]
}

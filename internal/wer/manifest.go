package wer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An Utterance is a recording and what is said in it.
type Utterance struct{ Path, Text string }

// ReadManifest reads a table of utterances: tab-separated, with a header line that names at least the columns path and text. Paths are
// relative to the table.
func ReadManifest(path string) ([]Utterance, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := readManifest(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i, u := range list {
		if !filepath.IsAbs(u.Path) {
			list[i].Path = filepath.Join(filepath.Dir(path), filepath.FromSlash(u.Path))
		}
	}
	return list, nil
}

func readManifest(r io.Reader) ([]Utterance, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	if !lines.Scan() {
		return nil, errors.Join(errors.New("the table is empty"), lines.Err())
	}
	names := strings.Split(strings.TrimPrefix(lines.Text(), "\ufeff"), "\t")
	p, t := slices.Index(names, "path"), slices.Index(names, "text")
	if p < 0 || t < 0 {
		return nil, fmt.Errorf("the first line names the columns %q; want tab-separated ones, path and text among them", names)
	}
	var list []Utterance
	for n := 2; lines.Scan(); n++ {
		if lines.Text() == "" {
			continue
		}
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != len(names) {
			return nil, fmt.Errorf("line %d has %d columns, the first line %d", n, len(fields), len(names))
		}
		list = append(list, Utterance{fields[p], fields[t]})
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("the table has no utterances")
	}
	return list, nil
}

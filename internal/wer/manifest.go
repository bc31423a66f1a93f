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
	rows, err := ReadTable(path, "path", "text")
	if err != nil {
		return nil, err
	}
	list := make([]Utterance, len(rows))
	for i, r := range rows {
		list[i] = Utterance{r["path"], r["text"]}
	}
	return list, nil
}

// ReadTable reads the named columns of a tab-separated table with a header line, at least one row. What stands in the column path is
// relative to the table.
func ReadTable(path string, columns ...string) ([]map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := readTable(f, columns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, r := range rows {
		if p, ok := r["path"]; ok && !filepath.IsAbs(p) {
			r["path"] = filepath.Join(filepath.Dir(path), filepath.FromSlash(p))
		}
	}
	return rows, nil
}

func readTable(r io.Reader, columns []string) ([]map[string]string, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	if !lines.Scan() {
		return nil, errors.Join(errors.New("the table is empty"), lines.Err())
	}
	names := strings.Split(strings.TrimPrefix(lines.Text(), "\ufeff"), "\t")
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i] = slices.Index(names, c); at[i] < 0 {
			return nil, fmt.Errorf("the first line names the columns %q; want tab-separated ones, %s among them", names, strings.Join(columns, " and "))
		}
	}
	var rows []map[string]string
	for n := 2; lines.Scan(); n++ {
		if lines.Text() == "" {
			continue
		}
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != len(names) {
			return nil, fmt.Errorf("line %d has %d columns, the first line %d", n, len(fields), len(names))
		}
		row := map[string]string{}
		for i, c := range columns {
			row[c] = fields[at[i]]
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("the table has no utterances")
	}
	return rows, nil
}

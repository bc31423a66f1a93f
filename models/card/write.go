package card

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTo prints the card for people, a key and a value on each line.
func (c Card) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(table, "%s\t%s\n", key, value)
		}
	}
	line("name", c.Name)
	line("what", c.What)
	line("source", c.Source)
	line("languages", c.Languages)
	if c.Parameters > 0 {
		line("parameters", millions(c.Parameters))
	}
	if len(c.Files) > 0 {
		line("size", MB(c.Bytes()))
	}
	line("licence", c.License)
	for i, s := range c.Data {
		line(first("data", i), s.String())
	}
	for i, s := range c.Teachers {
		line(first("teacher", i), s.String())
	}
	line("recipe", c.Recipe)
	for i, f := range c.Figures {
		line(first("measured", i), f.String())
	}
	for i, f := range c.Files {
		line(first("files", i), f.Name+", "+MB(f.Bytes))
	}
	table.Flush() // to a Builder, which takes everything
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// first is the key of a list's first line; the others have a blank.
func first(key string, i int) string {
	if i > 0 {
		return " "
	}
	return key
}

// String is a line about the source.
func (s Source) String() string {
	if s.Use == "" {
		return fmt.Sprintf("%s (%s)", s.Name, s.License)
	}
	return fmt.Sprintf("%s (%s): %s", s.Name, s.License, s.Use)
}

// String is a line about the figure.
func (f Figure) String() string {
	return fmt.Sprintf("%s: %s; %s; %s; %s", f.Measure, f.Value, f.Set, f.Method, f.Date)
}

// MB writes bytes in millions, with one digit behind the point below ten and as much as shows something.
func MB(bytes int64) string {
	mb := float64(bytes) / 1e6
	switch {
	case mb >= 0.1:
		return fmt.Sprintf("%.1f MB", mb)
	case bytes >= 1000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%d bytes", bytes)
}

func millions(n int64) string {
	if n < 1e5 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%.2f M", float64(n)/1e6)
}

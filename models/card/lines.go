package card

import (
	"fmt"
	"math"
	"strconv"
)

// A Line is a key and a value for people; further values of a key have an empty one.
type Line struct{ Key, Value string }

// Lines tells all that the card says.
func (c Card) Lines() []Line {
	lines := c.head()
	list := func(key string, n int, value func(i int) string) {
		for i := range n {
			lines = append(lines, Line{key, value(i)})
			key = ""
		}
	}
	list("data", len(c.Data), func(i int) string { return c.Data[i].String() })
	list("teacher", len(c.Teachers), func(i int) string { return c.Teachers[i].String() })
	if c.Recipe != "" {
		lines = append(lines, Line{"recipe", c.Recipe})
	}
	list("measured", len(c.Figures), func(i int) string { return c.Figures[i].String() })
	list("files", len(c.Files), func(i int) string { return c.Files[i].Name + ", " + MB(c.Files[i].Bytes) })
	return lines
}

// head are the lines of one value.
func (c Card) head() []Line {
	var lines []Line
	line := func(key, value string) {
		if value != "" {
			lines = append(lines, Line{key, value})
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
	return lines
}

// String is a line about the source.
func (s Source) String() string {
	if s.Use == "" {
		return s.Name + ", " + s.License
	}
	return s.Name + ", " + s.License + ": " + s.Use
}

// String is a line about the figure.
func (f Figure) String() string {
	return fmt.Sprintf("%s: %s; %s; %s; %s", f.Measure, f.Value, f.Set, f.Method, f.Date)
}

// MB writes bytes in millions, with one digit behind the point, and small numbers in thousands.
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
	return strconv.FormatFloat(math.Round(float64(n)/1e4)/100, 'f', -1, 64) + " M"
}

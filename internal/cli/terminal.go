package cli

import (
	"io"
	"os"
	"unicode"

	"golang.org/x/term"
	"golang.org/x/text/width"
)

// Streams are a command's standard streams and which of them are terminals.
type Streams struct {
	In                    io.Reader
	Out, Err              io.Writer
	InTTY, OutTTY, ErrTTY bool
	Columns               func() int // of the terminal, at least 1
}

// Std are those of the process.
func Std() Streams {
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTTY: isTTY(os.Stdin), OutTTY: isTTY(os.Stdout), ErrTTY: isTTY(os.Stderr),
		Columns: columns,
	}
}

func isTTY(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

func columns() int {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	return 80
}

// Width is the number of terminal columns of s.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is 0 for what combines with the rune before it or does not show, 2 for wide runes, else 1 (UAX #11).
func runeWidth(r rune) int {
	switch {
	case r < ' ' || r == 0x7f || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r < 0x1100:
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Tail is the longest end of s, from a word if there is one, that fits in columns, with "…" for what was cut.
func Tail(s string, columns int) string {
	if Width(s) <= columns {
		return s
	}
	runes := []rune(s)
	at, room := len(runes), columns-1
	for at > 0 && runeWidth(runes[at-1]) <= room {
		at--
		room -= runeWidth(runes[at])
	}
	for at < len(runes) && runeWidth(runes[at]) == 0 {
		at++ // its base was cut
	}
	if columns < 1 {
		return ""
	}
	return "…" + string(runes[at:])
}

// clean keeps control characters, which would move the cursor, out of a redrawn line.
func clean(s string) string {
	out := []rune(s)
	for i, r := range out {
		if unicode.IsControl(r) {
			out[i] = ' '
		}
	}
	return string(out)
}

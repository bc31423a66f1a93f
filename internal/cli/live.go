package cli

import (
	"io"
	"strings"
	"sync"
)

// Live is the last line of a terminal, redrawn in place: a partial result or a progress bar, below lines that stay.
// It may be used by several goroutines.
type Live struct {
	mu      sync.Mutex
	out     io.Writer
	columns func() int
	shown   string // on the screen now
}

// NewLive draws on out, a terminal with the given width.
func NewLive(out io.Writer, columns func() int) *Live {
	return &Live{out: out, columns: columns}
}

// Draw replaces the line by the end of text, as much as fits. Unchanged text writes nothing.
func (l *Live) Draw(text string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	text = Tail(clean(text), l.columns()-1) // the last column would wrap
	s := redraw(l.shown, text)
	l.shown = text
	if s == "" {
		return nil
	}
	_, err := io.WriteString(l.out, s)
	return err
}

// Print writes a line that stays, above the redrawn one, which it erases.
func (l *Live) Print(line string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := redraw(l.shown, "") + line + "\n"
	l.shown = ""
	_, err := io.WriteString(l.out, s)
	return err
}

// Clear erases the redrawn line.
func (l *Live) Clear() error { return l.Draw("") }

// eraseRight is ECMA-48's EL: erase from the cursor to the end of the line.
const eraseRight = "\x1b[K"

// redraw is what turns a line that shows from into one that shows to: only the new end where to goes on from there,
// as partial results mostly do, else the whole line.
func redraw(from, to string) string {
	if from == to {
		return ""
	}
	if rest, ok := strings.CutPrefix(to, from); ok && from != "" {
		return rest // the cursor stands at the end of from
	}
	return "\r" + to + eraseRight
}

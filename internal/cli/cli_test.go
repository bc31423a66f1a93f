package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/spf13/cobra"
)

func TestExitCodes(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cases := []struct {
		name string
		ctx  context.Context
		args []string
		err  error
		code int
		says string
	}{
		{"ok", t.Context(), nil, nil, ExitOK, ""},
		{"failed", t.Context(), nil, errors.New("disk full"), ExitError, "do: disk full\n"},
		{"usage", t.Context(), nil, fmt.Errorf("a: %w", Usagef("no %s", "text")), ExitUsage, "do: a: no text\nTry 'do --help'.\n"},
		{"flag", t.Context(), []string{"--nope"}, nil, ExitUsage, "do: unknown flag: --nope\nTry 'do --help'.\n"},
		{"interrupted", cancelled, nil, fmt.Errorf("read: %w", context.Canceled), ExitInterrupted, ""},
		{"deadline of its own", t.Context(), nil, context.Canceled, ExitError, "do: context canceled\n"},
		{"broken pipe", t.Context(), nil, fmt.Errorf("write: %w", syscall.EPIPE), ExitError, ""},
		{"any word is an argument", t.Context(), []string{"completion", "help"}, nil, ExitOK, ""},
	}
	for _, c := range cases {
		var stderr bytes.Buffer
		cmd := &cobra.Command{Use: "do", Args: cobra.ArbitraryArgs, RunE: func(*cobra.Command, []string) error { return c.err }}
		if code := Run(c.ctx, cmd, c.args, &stderr); code != c.code || stderr.String() != c.says {
			t.Errorf("%s: exit %d, %q; want %d, %q", c.name, code, &stderr, c.code, c.says)
		}
	}
}

func TestCompletion(t *testing.T) {
	for shell, want := range map[string]string{"bash": "__start_do", "zsh": "#compdef do", "fish": "complete -c do", "powershell": "Register-ArgumentCompleter"} {
		var out bytes.Buffer
		cmd := &cobra.Command{Use: "do", Run: func(*cobra.Command, []string) {}}
		AddCompletion(cmd)
		if err := cmd.Flags().Set("completion", shell); err != nil {
			t.Fatal(err)
		}
		if done, err := PrintCompletion(cmd, &out); !done || err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v, %v, %.200s", shell, done, err, &out)
		}
	}
	cmd := &cobra.Command{Use: "do"}
	AddCompletion(cmd)
	if done, err := PrintCompletion(cmd, nil); done || err != nil {
		t.Errorf("without the flag: %v, %v", done, err)
	}
	cmd.Flags().Set("completion", "tcsh")
	var usage usageError
	if _, err := PrintCompletion(cmd, nil); !errors.As(err, &usage) {
		t.Errorf("unknown shell: %v", err)
	}
}

func TestVersion(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	for want, info := range map[string]*debug.BuildInfo{
		"v1.2.3":                     {Main: debug.Module{Version: "v1.2.3"}, Settings: commit},
		"devel-0123456789ab+changes": {Main: debug.Module{Version: "(devel)"}, Settings: commit},
		"devel":                      {},
	} {
		if got := version(info); got != want {
			t.Errorf("version %q, want %q", got, want)
		}
	}
}

func TestInterrupts(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in := &interrupts{cancel: cancel}
	ctx = context.WithValue(ctx, interruptsKey{}, in)
	var gentle int
	OnInterrupt(ctx, func() { gentle++ })
	if !in.interrupt() || gentle != 1 || ctx.Err() != nil {
		t.Errorf("first interrupt: gentle %d times, context %v", gentle, ctx.Err())
	}
	if in.interrupt() || gentle != 1 || ctx.Err() == nil {
		t.Errorf("second interrupt: gentle %d times, context %v", gentle, ctx.Err())
	}
	OnInterrupt(t.Context(), func() {}) // a context that is not Main's is left alone
}

func TestWidth(t *testing.T) {
	for s, want := range map[string]int{"": 0, "hello": 5, "café": 4, "cafe\u0301": 4, "你好": 4, "ｈ": 2, "a\u200bb": 2, "🎤": 2, "ö": 1, "한국": 4} {
		if got := Width(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestTail(t *testing.T) {
	cases := []struct {
		s       string
		columns int
		want    string
	}{
		{"hello", 5, "hello"}, {"hello", 4, "…llo"}, {"hello", 1, "…"}, {"hello", 0, ""}, {"", 0, ""},
		{"你好吗", 6, "你好吗"}, {"你好吗", 5, "…好吗"}, {"你好吗", 4, "…吗"}, {"你好吗", 2, "…"},
		{"xe\u0301y", 2, "…y"}, {"xxe\u0301y", 3, "…e\u0301y"},
	}
	for _, c := range cases {
		got := Tail(c.s, c.columns)
		if got != c.want || Width(got) > c.columns {
			t.Errorf("Tail(%q, %d) = %q, want %q", c.s, c.columns, got, c.want)
		}
	}
}

func TestRedraw(t *testing.T) {
	cases := []struct{ from, to, want string }{
		{"", "", ""},
		{"hello", "hello", ""},
		{"", "hello", "\rhello\x1b[K"},
		{"hello", "hello world", " world"},
		{"hello word", "hello world", "\rhello world\x1b[K"},
		{"hello", "", "\r\x1b[K"},
	}
	for _, c := range cases {
		if got := redraw(c.from, c.to); got != c.want {
			t.Errorf("redraw(%q, %q) = %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// screen is a terminal of one endless column of rows, that knows CR, LF, EL and wide runes.
type screen struct {
	rows []string
	col  int
	tall bool // something reached the last column, where a real terminal would wrap
	cols int
}

func (s *screen) Write(p []byte) (int, error) {
	text := string(p)
	for text != "" {
		if rest, ok := strings.CutPrefix(text, eraseRight); ok {
			row := &s.rows[len(s.rows)-1]
			*row = cut(*row, s.col)
			text = rest
			continue
		}
		r := []rune(text)[0]
		text = text[len(string(r)):]
		row := &s.rows[len(s.rows)-1]
		switch r {
		case '\r':
			s.col = 0
		case '\n':
			s.rows, s.col = append(s.rows, ""), 0
		default:
			*row = cut(*row, s.col) + string(r) + after(*row, s.col+runeWidth(r))
			s.col += runeWidth(r)
			s.tall = s.tall || s.col >= s.cols
		}
	}
	return len(p), nil
}

// cut is the first columns of row; after is what stands behind them.
func cut(row string, columns int) string {
	for i := range row {
		if Width(row[:i]) >= columns {
			return row[:i]
		}
	}
	return row
}

func after(row string, columns int) string { return row[len(cut(row, columns)):] }

func TestLive(t *testing.T) {
	s := &screen{rows: []string{""}, cols: 20}
	l := NewLive(s, func() int { return 20 })
	for _, text := range []string{"he", "hello", "hello wor", "hello world", "yellow word", "a\tb\nc", "a very long line indeed that is cut", "你好你好你好你好你好你好"} {
		if err := l.Draw(text); err != nil {
			t.Fatal(err)
		}
		want := Tail(clean(text), 19)
		if got := s.rows[len(s.rows)-1]; got != want || len(s.rows) != 1 {
			t.Errorf("after %q the screen shows %q", text, s.rows)
		}
	}
	if s.tall {
		t.Error("a redrawn line reached the last column, where it would wrap")
	}
	l.Print("Hello, world, this line stays and may be long.")
	l.Draw("and")
	l.Draw("and on")
	l.Print("And on.")
	l.Draw("gone")
	l.Clear()
	want := []string{"Hello, world, this line stays and may be long.", "And on.", ""}
	if strings.Join(s.rows, "|") != strings.Join(want, "|") {
		t.Errorf("screen %q, want %q", s.rows, want)
	}
}

func TestProgress(t *testing.T) {
	now := time.Unix(0, 0)
	s := &screen{rows: []string{""}, cols: 80}
	p := newProgress(NewLive(s, func() int { return 80 }), func() time.Time { return now })
	p.Update(0.1, "short")
	if s.rows[0] != "" {
		t.Errorf("shown at once: %q", s.rows)
	}
	now = now.Add(1500 * time.Millisecond)
	p.Update(0.5, "6 s of sound")
	if want := "[############............]  50%  6 s of sound, 2s"; s.rows[0] != want {
		t.Errorf("shows %q, want %q", s.rows[0], want)
	}
	p.Update(0.9, "too soon after")
	if !strings.Contains(s.rows[0], "50%") {
		t.Errorf("redrawn too often: %q", s.rows[0])
	}
	p.Clear()
	if s.rows[0] != "" {
		t.Errorf("left on the screen: %q", s.rows[0])
	}
	if got := bar(-1, time.Minute, "12 s of sound"); got != "12 s of sound, 1m0s" {
		t.Errorf("bar of unknown length: %q", got)
	}
	if got := bar(7, 0, ""); !strings.Contains(got, "100%") {
		t.Errorf("bar beyond the end: %q", got)
	}
	var none *Progress
	none.Update(1, "")
	none.Clear()
	if NewProgress(Streams{}) != nil {
		t.Error("a bar where there is no terminal")
	}
}

func TestOverwrites(t *testing.T) {
	dir := t.TempDir()
	a, b, link := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "link")
	for _, name := range []string{a, b} {
		if err := os.WriteFile(name, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(a, link); err != nil {
		t.Fatal(err)
	}
	open := func(name string) *os.File {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	null := open(os.DevNull)
	for _, c := range []struct {
		std    Streams
		out    string
		inputs []string
		want   bool
	}{
		{Streams{}, a, []string{b, a}, true},
		{Streams{}, link, []string{a}, true},
		{Streams{}, a, []string{b, filepath.Join(dir, "none")}, false},
		{Streams{}, filepath.Join(dir, "none"), []string{a}, false},
		{Streams{}, a, nil, false},
		{Streams{In: open(a)}, a, []string{"-"}, true},
		{Streams{In: open(a)}, b, []string{"-"}, false},
		{Streams{In: open(a), Out: open(link)}, "-", []string{"-"}, true},
		{Streams{In: null, Out: null}, "-", []string{"-"}, false},
		{Streams{In: strings.NewReader("")}, a, []string{"-"}, false},
	} {
		if got := c.std.Overwrites(c.out, c.inputs...); got != c.want {
			t.Errorf("writing %s over %v: %v, want %v", c.out, c.inputs, got, c.want)
		}
	}
}

func TestInterruptibleWriter(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var got bytes.Buffer
	w := InterruptibleWriter(ctx, &got)
	for range 1000 {
		if n, err := w.Write([]byte("sound ")); n != 6 || err != nil {
			t.Fatalf("wrote %d: %v", n, err)
		}
	}
	if got.String() != strings.Repeat("sound ", 1000) {
		t.Errorf("wrote %d bytes, %.20q", got.Len(), got.String())
	}
	unread, stalled := io.Pipe()
	defer unread.Close()
	w = InterruptibleWriter(ctx, stalled)
	time.AfterFunc(10*time.Millisecond, cancel)
	start := time.Now()
	for range 3 {
		if n, err := w.Write([]byte("sound")); n != 0 || !errors.Is(err, context.Canceled) {
			t.Errorf("a write that never ends returned %d, %v", n, err)
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("writes that never end took %v", d)
	}
	if n, err := InterruptibleWriter(ctx, &got).Write([]byte("the end")); n != 7 || err != nil {
		t.Errorf("a quick write after the interrupt: %d, %v", n, err)
	}
	broken := errors.New("broken")
	if _, err := InterruptibleWriter(t.Context(), failing{broken}).Write([]byte("x")); err != broken {
		t.Errorf("error %v", err)
	}
}

// failing is a writer that fails.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestInterruptible(t *testing.T) {
	var text strings.Builder
	for i := range 50000 {
		fmt.Fprintln(&text, i)
	}
	got, err := io.ReadAll(Interruptible(t.Context(), iotest.HalfReader(strings.NewReader(text.String()))))
	if err != nil || string(got) != text.String() {
		t.Errorf("read %d bytes of %d: %v", len(got), text.Len(), err)
	}
	broken := errors.New("broken")
	if _, err := io.ReadAll(Interruptible(t.Context(), iotest.ErrReader(broken))); err != broken {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	silent, w := io.Pipe()
	defer w.Close()
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := io.ReadAll(Interruptible(ctx, silent)); !errors.Is(err, context.Canceled) {
		t.Errorf("a read that never ends returned %v", err)
	}
}

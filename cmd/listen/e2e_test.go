package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/cli"
)

// The tests of this file run the two commands as programs, with the built-in models.

var bin string // where they are

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "parley")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	if out, err := exec.Command("go", "build", "-o", dir+string(filepath.Separator), ".", "../speak").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// command prepares speak or listen.
func command(t *testing.T, name string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, filepath.Join(bin, name), args...)
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatal(err)
	return -1
}

const sentence = "Good morning. How are you today?"

// common counts the words of text that are in sentence too, whatever their case and the punctuation around them.
func common(text string) int {
	n := 0
	words := strings.Fields(strings.ToLower(sentence))
	for _, w := range strings.Fields(strings.ToLower(text)) {
		if slices.ContainsFunc(words, func(s string) bool { return strings.Trim(s, ".,!?") == strings.Trim(w, ".,!?") }) {
			n++
		}
	}
	return n
}

func TestSpeakIntoListen(t *testing.T) {
	speak, _, speakErr := command(t, "speak", sentence)
	listen, text, listenErr := command(t, "listen")
	speak.Stdout = nil
	pipe, err := speak.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	listen.Stdin = pipe
	if err := speak.Start(); err != nil {
		t.Fatal(err)
	}
	err = listen.Run()
	pipe.Close() // ours: speak must see when listen has gone
	if code := exitCode(t, err); code != 0 || listenErr.Len() > 0 {
		t.Errorf("listen: exit %d, %s", code, listenErr)
	}
	if code := exitCode(t, speak.Wait()); code != 0 || speakErr.Len() > 0 {
		t.Errorf("speak: exit %d, %s", code, speakErr)
	}
	if common(text.String()) < 2 {
		t.Errorf("%q was heard as %q", sentence, text)
	}
}

// TestMicrophone speaks into the microphone: it needs the sound server of audio/device/testdata/nullsink.sh, whose
// default input hears its default output.
func TestMicrophone(t *testing.T) {
	if os.Getenv("PARLEY_AUDIO_TEST") != "1" {
		t.Skip("SKIPPED: no sound hardware is touched without PARLEY_AUDIO_TEST=1; run audio/device/testdata/nullsink.sh")
	}
	listen, text, listenErr := command(t, "listen", "--device", "null.monitor")
	if err := listen.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second) // it loads its model
	speak, _, speakErr := command(t, "speak", "--play", sentence)
	if code := exitCode(t, speak.Run()); code != 0 {
		t.Errorf("speak: exit %d, %s", code, speakErr)
	}
	if err := listen.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := exitCode(t, listen.Wait()); code != 0 || listenErr.Len() > 0 {
		t.Errorf("listen: exit %d, %s; Ctrl-C is how a recording ends", code, listenErr)
	}
	if common(text.String()) < 2 {
		t.Errorf("%q was heard as %q", sentence, text)
	}
}

func TestFileRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	speak, _, stderr := command(t, "speak", "-o", path)
	speak.Stdin = strings.NewReader("Good morning.\n")
	if code := exitCode(t, speak.Run()); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	listen, text, stderr := command(t, "listen", "-f", "json", path)
	if code := exitCode(t, listen.Run()); code != 0 || !strings.Contains(text.String(), `"words":[{"start":`) {
		t.Errorf("exit %d: %s %s", code, text, stderr)
	}
}

// When nobody reads, speak dies of SIGPIPE without a word.
func TestBrokenPipe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGPIPE")
	}
	speak, _, stderr := command(t, "speak", strings.Repeat("This goes on and on. ", 500))
	speak.Stdout = nil
	pipe, err := speak.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := speak.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(pipe, make([]byte, 1000)); err != nil {
		t.Errorf("no sound: %v, %s", err, stderr)
	}
	pipe.Close()
	err = speak.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || stderr.Len() > 0 {
		t.Fatalf("%v, said %q", err, stderr)
	}
	if status := exit.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGPIPE {
		t.Errorf("ended with %v", err)
	}
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	speak, _, stderr := command(t, "speak", "Good morning.")
	speak.Stdout = full
	if code := exitCode(t, speak.Run()); code != cli.ExitError || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// Ctrl-C leaves a file that plays as far as it got.
func TestInterruptedSpeak(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGINT for other processes")
	}
	path := filepath.Join(t.TempDir(), "a.wav")
	speak, _, stderr := command(t, "speak", "-o", path, strings.Repeat("This goes on and on. ", 5000))
	if err := speak.Start(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if info, err := os.Stat(path); err == nil && info.Size() > 100000 {
			break
		}
		if time.Since(start) > 20*time.Second {
			t.Fatalf("no sound yet: %s", stderr)
		}
	}
	interrupt(t, speak, stderr)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	src, err := audio.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	clip, err := audio.ReadAll(src, 0)
	if want := int(info.Size()-44) / 2; err != nil || len(clip.Samples) != want {
		t.Errorf("%d samples, want the %d that the file holds: %v", len(clip.Samples), want, err)
	}
}

// Ctrl-C ends listen though its input says nothing and does not end.
func TestInterruptedListen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGINT for other processes")
	}
	listen, _, stderr := command(t, "listen")
	in, err := listen.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := listen.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	interrupt(t, listen, stderr)
}

// interrupt sends Ctrl-C and wants a quiet end with the exit code for it, soon.
func interrupt(t *testing.T, cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	start := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := exitCode(t, cmd.Wait()); code != cli.ExitInterrupted || stderr.Len() > 0 {
		t.Errorf("exit %d, said %q", code, stderr)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("ended after %v", d)
	}
}

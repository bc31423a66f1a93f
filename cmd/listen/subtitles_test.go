package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/internal/cli"
)

const (
	srtHeard = "1\n00:00:00,100 --> 00:00:01,000\nHello, world.\n\n" + "2\n00:00:01,500 --> 00:00:02,000\nBye <you>.\n\n"
	vttHeard = "WEBVTT\n\n" + "00:00:00.100 --> 00:00:01.000\nHello, world.\n\n" + "00:00:01.500 --> 00:00:02.000\nBye &lt;you&gt;.\n\n"
)

func TestSubtitles(t *testing.T) {
	for format, want := range map[string]string{"srt": srtHeard, "vtt": vttHeard} {
		for samples, code := range map[int]int{800: cli.ExitOK, 1: cli.ExitError, 2: cli.ExitInterrupted} {
			a, path := file(t, "a.wav", samples), filepath.Join(t.TempDir(), "b.txt")
			if r := run(t, cli.Streams{}, "-f", format, a); r.code != code || r.out != want {
				t.Errorf("exit %d, want %d: %q, want %q", r.code, code, r.out, want)
			}
			run(t, cli.Streams{}, "-f", format, "-o", path, a)
			if got, err := os.ReadFile(path); err != nil || string(got) != want {
				t.Errorf("-o: %q, %v", got, err)
			}
		}
	}
	var out bytes.Buffer
	if err := (&subtitlePrinter{out: &out, vtt: true}).end(0, true); err != nil || out.String() != "WEBVTT\n\n" {
		t.Errorf("silence: %q, %v", out.String(), err)
	}
}

// Those of several files are beside them.
func TestSubtitlesOfSeveralFiles(t *testing.T) {
	a, b, bad := file(t, "a.wav", 800), file(t, "b.tar.wav", 800), file(t, "bad.wav", 1)
	r := run(t, cli.Streams{}, "-f", "srt", a, "nowhere.wav", b, bad)
	if r.code != cli.ExitError || r.out != "" {
		t.Errorf("exit %d, %q", r.code, r.out)
	}
	for _, name := range []string{a, b, bad} {
		if got, err := os.ReadFile(strings.TrimSuffix(name, ".wav") + ".srt"); err != nil || string(got) != srtHeard {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := os.Stat("nowhere.srt"); err == nil {
		t.Error("subtitles of a file that is not there")
	}
	sound := strings.TrimSuffix(a, ".wav") + ".vtt"
	if err := os.WriteFile(sound, wav(t, 800), 0o600); err != nil {
		t.Fatal(err)
	}
	for says, args := range map[string][]string{"-o both.srt": {"-o", "both.srt", a, b}, "standard input": {a, "-"}, "would both": {a, a},
		"would be overwritten": {"-f", "vtt", a, sound}} {
		if r := run(t, cli.Streams{}, append([]string{"-f", "srt"}, args...)...); r.code != cli.ExitUsage || !strings.Contains(r.err, says) {
			t.Errorf("%q: exit %d, %s", args, r.code, r.err)
		}
	}
}

func TestStamp(t *testing.T) {
	for want, d := range map[string]time.Duration{"00:00:01,240": 1240 * ms, "00:01:00,000": time.Minute, "01:59:59,999": 2*time.Hour - ms,
		"123:00:00,001": 123*time.Hour + ms} {
		if got := stamp(d, ','); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// spoken are words of a text, half a second each from the start of the segment.
func spoken(text string, start time.Duration) asr.Segment {
	s := asr.Segment{Text: text, Start: start, Final: true}
	for i, w := range strings.Fields(text) {
		s.Words = append(s.Words, asr.Word{Text: w, Start: start + time.Duration(i)*500*ms, End: start + time.Duration(i)*500*ms + 400*ms})
	}
	s.End = start + time.Duration(len(s.Words))*500*ms
	return s
}

// cues are the texts of the cues of segments, with their times checked.
func cues(t *testing.T, segments ...asr.Segment) []string {
	t.Helper()
	var out bytes.Buffer
	p := &subtitlePrinter{out: &out}
	for _, s := range segments {
		if err := p.segment(s); err != nil {
			t.Fatal(err)
		}
	}
	var texts []string
	last := "00:00:00,000"
	for i, c := range strings.Split(strings.TrimSuffix(out.String(), "\n\n"), "\n\n") {
		lines := strings.SplitN(c, "\n", 3)
		start, end, ok := strings.Cut(lines[1], " --> ")
		if len(lines) != 3 || lines[0] != fmt.Sprint(i+1) || !ok || start < last || end <= start {
			t.Errorf("cue %q after %s", c, last)
		}
		last = end
		texts = append(texts, lines[2])
	}
	return texts
}

func TestCues(t *testing.T) {
	long := "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background, for it's easy to tell the depth of a well. " +
		"These days a chicken leg is a rare dish and rice is often served in round bowls"
	chinese := strings.Repeat("今天天气很好，我们去公园散步。", 6)
	bare := func(text string, d time.Duration) asr.Segment { return asr.Segment{Text: text, End: d, Final: true} }
	joined := bare(chinese, 20*time.Second)
	for i, r := range []rune(chinese) {
		at := time.Duration(i) * 200 * ms
		joined.Words = append(joined.Words, asr.Word{Text: string(r), Joined: i > 0, Start: at, End: at + 200*ms})
	}
	lossy := spoken(long, 0)
	lossy.Words = lossy.Words[1:]
	for name, s := range map[string]asr.Segment{"words": spoken(long, 0), "text only": bare(long, 20*time.Second), "some words": lossy, "Chinese": bare(chinese, 20*time.Second),
		"Chinese, words": joined, "no time": bare(long, 0), "a long word": bare(strings.Repeat("x", 100)+" and more", time.Second)} {
		var all []string
		for _, text := range cues(t, s) {
			lines := strings.Split(text, "\n")
			for _, line := range lines {
				if w := cli.Width(line); w > lineColumns && name != "a long word" {
					t.Errorf("%s: a line of %d columns, %q", name, w, line)
				}
			}
			if len(lines) > 2 {
				t.Errorf("%s: %q", name, text)
			}
			all = append(all, lines...)
		}
		if got := spaceless(strings.Join(all, "")); got != spaceless(s.Text) {
			t.Errorf("%s: %q, want %q", name, got, s.Text)
		}
	}
	got := cues(t, spoken(long, 0))
	want := []string{"The birch canoe slid on the smooth planks.", "Glue the sheet to the\ndark blue background,"}
	if len(got) < 3 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%q, want %q", got, want)
	}
	if got := cues(t, spoken("One two.", time.Second), spoken("Three.", 1200*ms), spoken("Four --> five.", 0)); strings.Join(got, "|") != "One two.|Three.|Four -> five." {
		t.Errorf("%q", got)
	}
	for _, s := range []asr.Segment{{Text: "maybe"}, {Final: true}} {
		var out bytes.Buffer
		if err := (&subtitlePrinter{out: &out}).segment(s); err != nil || out.Len() > 0 {
			t.Errorf("%+v: %q, %v", s, out.String(), err)
		}
	}
}

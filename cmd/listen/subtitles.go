package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/internal/cli"
)

// What people can read while it is shown (EBU, BBC): two lines of 42 columns, wide characters taking two, for about 7 seconds.
const (
	lineColumns = 42
	longestCue  = 7 * time.Second
)

// subtitlePrinter prints final segments as numbered cues of SubRip, or as cues of WebVTT (W3C, section 4).
type subtitlePrinter struct {
	out   io.Writer
	vtt   bool
	begun bool          // the header is written
	n     int           // cues so far
	last  time.Duration // the end of the last one
}

func (p *subtitlePrinter) segment(s asr.Segment) error {
	if !s.Final {
		return nil
	}
	text := p.header()
	for words := wordsOf(s); len(words) > 0; {
		n := cueLen(words)
		text += p.cue(words[:n])
		words = words[n:]
	}
	_, err := io.WriteString(p.out, text)
	return err
}

func (p *subtitlePrinter) end(time.Duration, bool) error {
	_, err := io.WriteString(p.out, p.header())
	return err
}

// header is what comes before everything.
func (p *subtitlePrinter) header() string {
	if p.begun || !p.vtt {
		return ""
	}
	p.begun = true
	return "WEBVTT\n\n"
}

// markup keeps text from being taken for tags or for the arrow between times.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// cue is one cue of all the words. It does not begin before the last one has ended, and lasts.
func (p *subtitlePrinter) cue(words []asr.Word) string {
	start := max(words[0].Start.Round(time.Millisecond), p.last)
	p.last = max(words[len(words)-1].End.Round(time.Millisecond), start+time.Millisecond)
	p.n++
	text := layOut(words)
	if p.vtt {
		return fmt.Sprintf("%s --> %s\n%s\n\n", stamp(start, '.'), stamp(p.last, '.'), markup.Replace(text))
	}
	return fmt.Sprintf("%d\n%s --> %s\n%s\n\n", p.n, stamp(start, ','), stamp(p.last, ','), strings.ReplaceAll(text, "-->", "->"))
}

// stamp writes a time as hours, minutes, seconds and, after the point, milliseconds.
func stamp(t time.Duration, point rune) string {
	ms := t.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d%c%03d", ms/3600000, ms/60000%60, ms/1000%60, point, ms%1000)
}

// wordsOf are the words of a segment; if the model gives none, or not all, those of its text with times in proportion.
func wordsOf(s asr.Segment) []asr.Word {
	if spaceless(joinWords(s.Words)) == spaceless(s.Text) {
		return s.Words
	}
	words := split(s.Text)
	total, at := 0, 0
	for _, w := range words {
		total += cli.Width(w.Text)
	}
	after := func(columns int) time.Duration {
		return s.Start + time.Duration(float64(s.End-s.Start)*float64(columns)/float64(max(total, 1)))
	}
	for i := range words {
		words[i].Start = after(at)
		at += cli.Width(words[i].Text)
		words[i].End = after(at)
	}
	return words
}

// split returns the words of a text, of writing in wide characters, which has no spaces, each character with the marks after it.
func split(text string) []asr.Word {
	var out []asr.Word
	for _, field := range strings.Fields(text) {
		joined, wide := false, false
		for _, r := range field {
			before := wide
			if wide = cli.Width(string(r)) > 1; joined && (!wide && !before || unicode.IsPunct(r)) {
				out[len(out)-1].Text += string(r)
				continue
			}
			out = append(out, asr.Word{Text: string(r), Joined: joined})
			joined = true
		}
	}
	return out
}

func spaceless(text string) string { return strings.Join(strings.Fields(text), "") }

func joinWords(words []asr.Word) string {
	var text strings.Builder
	for i, w := range words {
		if i > 0 && !w.Joined {
			text.WriteByte(' ')
		}
		text.WriteString(w.Text)
	}
	return text.String()
}

// cueLen is how many of the words the next cue has: all if they fit; else, of those that fit, up to where a sentence ends in their second
// half, or a part of one; else as many as fit.
func cueLen(words []asr.Word) int {
	n := 1
	for n < len(words) && fits(words[:n+1]) {
		n++
	}
	if n == len(words) {
		return n
	}
	for _, marks := range []string{".?!…。？！", ",;:、，；："} {
		for i := n; i > n/2; i-- {
			if last := []rune(words[i-1].Text); len(last) > 0 && strings.ContainsRune(marks, last[len(last)-1]) {
				return i
			}
		}
	}
	return n
}

// fits says whether words can be one cue.
func fits(words []asr.Word) bool {
	return words[len(words)-1].End-words[0].Start <= longestCue && (cli.Width(joinWords(words)) <= lineColumns || secondLine(words) > 0)
}

// secondLine is the word that begins the second of two lines, as long as each other as can be; 0 if they do not fit.
func secondLine(words []asr.Word) int {
	best, longest := 0, lineColumns+1
	for i := 1; i < len(words); i++ {
		if n := max(cli.Width(joinWords(words[:i])), cli.Width(joinWords(words[i:]))); n < longest {
			best, longest = i, n
		}
	}
	return best
}

// layOut writes words in a line, or in two. Of a single word that is too long nothing is lost.
func layOut(words []asr.Word) string {
	text := joinWords(words)
	if i := secondLine(words); i > 0 && cli.Width(text) > lineColumns {
		return joinWords(words[:i]) + "\n" + joinWords(words[i:])
	}
	return text
}

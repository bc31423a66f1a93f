package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/internal/cli"
)

// printer prints the segments of one sound as they come. end is called once, with complete false if the sound could
// not be heard to its end.
type printer interface {
	segment(s asr.Segment) error
	end(heard time.Duration, complete bool) error
}

// live says whether the sound called name is shown on the terminal while it is heard.
func (j *job) live(name string) bool {
	return (name == "" || name == "-") && j.OutTTY && j.out == "" && j.format == "text" && !j.words
}

// newPrinter chooses how to print the sound called name; several says that there are others.
func (j *job) newPrinter(out io.Writer, name string, several bool) printer {
	prefix := ""
	if several {
		prefix = name + ": "
	}
	switch {
	case j.format == "json" && j.how.Partials:
		return &jsonLines{newEncoder(out), name}
	case j.format == "json":
		return &jsonPrinter{out: newEncoder(out), file: jsonFile{File: name, Segments: []jsonSegment{}}}
	case j.subtitles():
		return &subtitlePrinter{out: out, vtt: j.format == "vtt"}
	case j.live(name):
		return &livePrinter{live: cli.NewLive(out, j.Columns), prefix: prefix}
	}
	return &textPrinter{out: out, prefix: prefix, words: j.words, partials: j.how.Partials}
}

// textPrinter prints final segments, or their words, on lines of their own. With partials, what may still change as well.
type textPrinter struct {
	out             io.Writer
	prefix          string
	words, partials bool
}

func (t *textPrinter) segment(s asr.Segment) error {
	var err error
	switch {
	case !s.Final && t.partials:
		_, err = fmt.Fprintf(t.out, "%s~ %s\n", t.prefix, s.Text)
	case !s.Final || s.Text == "":
	case t.words:
		for _, w := range s.Words {
			if _, err = fmt.Fprintf(t.out, "%s%.2f\t%.2f\t%s\n", t.prefix, w.Start.Seconds(), w.End.Seconds(), w.Text); err != nil {
				break
			}
		}
	default:
		_, err = fmt.Fprintf(t.out, "%s%s\n", t.prefix, s.Text)
	}
	return err
}

func (t *textPrinter) end(time.Duration, bool) error { return nil }

// livePrinter shows partial text in the last line of a terminal and leaves final text above it.
type livePrinter struct {
	live   *cli.Live
	prefix string
}

func (l *livePrinter) segment(s asr.Segment) error {
	switch {
	case !s.Final:
		return l.live.Draw(l.prefix + s.Text)
	case s.Text == "":
		return l.live.Clear()
	}
	return l.live.Print(l.prefix + s.Text)
}

func (l *livePrinter) end(time.Duration, bool) error { return l.live.Clear() }

// The JSON of a file. Times are seconds from its start, to the millisecond.
type (
	jsonFile struct {
		File     string        `json:"file,omitempty"` // "-" is standard input; none is the microphone
		Duration float64       `json:"duration"`
		Complete bool          `json:"complete"`           // heard to its end: not interrupted, and nothing failed
		Language string        `json:"language,omitempty"` // spoken, if the model says so
		Text     string        `json:"text"`
		Segments []jsonSegment `json:"segments"`
	}
	jsonSegment struct {
		File  string     `json:"file,omitempty"` // in lines of --partials
		Start float64    `json:"start"`
		End   float64    `json:"end"`
		Text  string     `json:"text"`
		Final *bool      `json:"final,omitempty"` // in lines of --partials
		Words []jsonWord `json:"words"`
	}
	jsonWord struct {
		Start      float64 `json:"start"`
		End        float64 `json:"end"`
		Text       string  `json:"text"`
		Joined     bool    `json:"joined,omitempty"` // no space is between it and the word before
		Confidence float64 `json:"confidence"`
	}
)

func newJSONSegment(s asr.Segment) jsonSegment {
	j := jsonSegment{Start: seconds(s.Start), End: seconds(s.End), Text: s.Text, Words: make([]jsonWord, len(s.Words))}
	for i, w := range s.Words {
		sure := math.Round(float64(w.Confidence)*1000) / 1000
		j.Words[i] = jsonWord{Start: seconds(w.Start), End: seconds(w.End), Text: w.Text, Joined: w.Joined && i > 0, Confidence: sure}
	}
	return j
}

func newEncoder(out io.Writer) *json.Encoder {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e
}

func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }

// jsonPrinter prints one object when the sound has ended, or cannot be heard any further.
type jsonPrinter struct {
	out   *json.Encoder
	file  jsonFile
	heard []asr.Segment
}

func (p *jsonPrinter) segment(s asr.Segment) error {
	if s.Final {
		p.heard = append(p.heard, s)
	}
	return nil
}

func (p *jsonPrinter) end(heard time.Duration, complete bool) error {
	p.file.Duration, p.file.Complete, p.file.Text = seconds(heard), complete, asr.JoinText(p.heard)
	for _, s := range p.heard {
		p.file.Segments = append(p.file.Segments, newJSONSegment(s))
		p.file.Language = cmp.Or(p.file.Language, s.Language)
	}
	return p.out.Encode(p.file)
}

// jsonLines prints every segment, partial ones too, as a line when it comes.
type jsonLines struct {
	out  *json.Encoder
	name string
}

func (p *jsonLines) segment(s asr.Segment) error {
	line := newJSONSegment(s)
	line.File, line.Final = p.name, &s.Final
	return p.out.Encode(line)
}

func (p *jsonLines) end(time.Duration, bool) error { return nil }

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parley-go/parley/internal/cli"
)

var (
	errNoText   = errors.New("nothing to speak in the text")
	errNotLatin = errors.New("nothing to speak in the text: only text in the Latin script can be spoken")
)

// fromStdin says that no argument is text.
func (j *job) fromStdin() bool { return len(j.text) == 0 || len(j.text) == 1 && j.text[0] == "-" }

// input is the text of the arguments, else standard input.
func (j *job) input(ctx context.Context) (*textReader, error) {
	switch {
	case !j.fromStdin():
		text := strings.Join(j.text, " ")
		if strings.TrimSpace(text) == "" {
			return nil, errNoText
		}
		return &textReader{r: strings.NewReader(text)}, nil
	case j.InTTY && len(j.text) == 0:
		return nil, cli.Usagef("no text: give it as arguments, on standard input, or type it after 'speak -'")
	}
	return &textReader{r: cli.Interruptible(ctx, j.In)}, nil
}

// textReader passes text on, refuses what is none and counts the letters that cannot be spoken.
type textReader struct {
	r       io.Reader
	begun   bool
	cut     []byte // the beginning of a character that the last block did not end
	word    script // of the word that is being read
	leftOut int    // letters of the words that are over
}

// script is what is known of a word: how many letters it has, and in which scripts.
type script struct {
	letters      int
	latin, greek bool
}

func (t *textReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n > 0 {
		if bad := t.check(p[:n]); bad != nil {
			return 0, bad
		}
		t.count(p[:n])
	}
	if err != nil {
		t.endWord()
	}
	return n, err
}

// check refuses a block that is no text.
func (t *textReader) check(block []byte) error {
	kind := ""
	if !t.begun {
		kind = sniff(block)
	}
	t.begun = true
	switch {
	case kind == "UTF-16":
		return errors.New("the text is in UTF-16; speak wants UTF-8")
	case kind != "":
		return fmt.Errorf("the input is a file of %s; speak wants text, listen turns sound into text", kind)
	case bytes.IndexByte(block, 0) >= 0:
		return errors.New("the input holds NUL bytes; speak wants text")
	}
	return nil
}

// sniff names the kind of sound, or the encoding, that a first block is of; "" if it may be text that can be read.
func sniff(b []byte) string {
	has := func(at int, magic string) bool {
		return len(b) >= at+len(magic) && string(b[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "RIFF") && has(8, "WAVE"):
		return "WAV"
	case has(0, "OggS\x00"):
		return "Ogg"
	case has(0, "fLaC\x00"), has(0, "fLaC\x80"):
		return "FLAC"
	case has(0, "ID3") && len(b) > 3 && b[3] < ' ':
		return "MP3"
	case has(0, "\xff\xfe"), has(0, "\xfe\xff"):
		return "UTF-16"
	}
	return ""
}

// count takes note of the words of a block.
func (t *textReader) count(block []byte) {
	if len(t.cut) > 0 {
		block = append(t.cut, block...)
		t.cut = nil
	}
	for len(block) > 0 {
		if !utf8.FullRune(block) {
			t.cut = bytes.Clone(block)
			return
		}
		r, n := utf8.DecodeRune(block)
		block = block[n:]
		switch {
		case unicode.IsLetter(r):
			t.word.letters++
			t.word.latin = t.word.latin || unicode.In(r, unicode.Latin, unicode.Common)
			t.word.greek = unicode.Is(unicode.Greek, r)
		case !unicode.IsMark(r):
			t.endWord()
		}
	}
}

// endWord counts a word that package text leaves out: one without Latin letters that is not the name of a Greek one.
func (t *textReader) endWord() {
	if w := t.word; !w.latin && !(w.greek && w.letters == 1) {
		t.leftOut += w.letters
	}
	t.word = script{}
}

package text

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"
)

// An Entry is a word of a lexicon.
type Entry struct {
	Word     string
	Phonemes string    // the usual reading
	Variants []Variant // other readings, by part of speech
	Silver   bool      // from the lexicon of lower quality
}

// A Variant is a reading of a word as one part of speech: VERB, NOUN, ADJ, ADV, VBD, VBN, VBP.
type Variant struct{ Tag, Phonemes string }

// Lexicon is a read-only pronunciation lexicon, safe for concurrent use. Words are kept sorted and front-coded, so
// 180,000 of them take two megabytes.
//
// The file is lexiconMagic and a flate stream of: the phoneme alphabet and the tags, each as a length and UTF-8; then the
// entries in byte order of their words. An entry is: how many bytes of the previous word it starts with; the rest of the
// word; a byte below 32, 1 + silver + 2 * number of variants; how many phonemes it shares with the previous entry; the other
// phonemes, each as 1 + its index in the alphabet; 0; then for each variant its tag's index, its phonemes, and 0.
// Every 32nd entry shares nothing, so that a search can start there.
type Lexicon struct {
	phonemes []string // one character each
	tags     []string
	data     []byte
	blocks   []int32 // where every 32nd entry starts in data
	n        int
}

const (
	lexiconMagic = "PLX1"
	blockSize    = 32
	maxWord      = 64
	maxPhonemes  = 128
	maxLexicon   = 64 << 20 // decompressed
)

var errLexicon = errors.New("text: not a lexicon, or a damaged one")

// ParseLexicon reads what PackLexicon wrote. It checks every entry; data is not kept.
func ParseLexicon(data []byte) (*Lexicon, error) {
	if !bytes.HasPrefix(data, []byte(lexiconMagic)) || len(data) < len(lexiconMagic)+4 {
		return nil, errLexicon
	}
	head := data[len(lexiconMagic):]
	size := int(binary.LittleEndian.Uint32(head))
	if size > maxLexicon || size > 1100*len(data) { // flate's greatest ratio is 1032
		return nil, fmt.Errorf("%w: says %d bytes", errLexicon, size)
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(flate.NewReader(bytes.NewReader(head[4:])), raw); err != nil {
		return nil, fmt.Errorf("%w: %w", errLexicon, err)
	}
	l := &Lexicon{}
	alphabet, raw, ok1 := cutString(raw)
	tags, raw, ok2 := cutString(raw)
	if !ok1 || !ok2 {
		return nil, errLexicon
	}
	for _, r := range alphabet {
		l.phonemes = append(l.phonemes, string(r))
	}
	for t := range bytes.FieldsSeq([]byte(tags)) {
		l.tags = append(l.tags, string(t))
	}
	l.data = raw
	return l, l.index()
}

// cutString cuts a length and a string off.
func cutString(b []byte) (s string, rest []byte, ok bool) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return "", nil, false
	}
	s, rest = string(b[k:k+int(n)]), b[k+int(n):]
	return s, rest, utf8.ValidString(s)
}

// index walks over all entries once, checks them and notes where blocks start.
func (l *Lexicon) index() error {
	var c cursor
	var last []byte
	for c.at = 0; c.at < len(l.data); l.n++ {
		if l.n%blockSize == 0 {
			l.blocks = append(l.blocks, int32(c.at))
			c.word, c.codes = c.word[:0], c.codes[:0]
		}
		if !c.next(l) || l.n > 0 && bytes.Compare(last, c.word) >= 0 {
			return fmt.Errorf("%w: entry %d", errLexicon, l.n)
		}
		last = append(last[:0], c.word...)
	}
	return nil
}

// Len returns the number of words.
func (l *Lexicon) Len() int { return l.n }

// Lookup finds the entry of exactly this word.
func (l *Lexicon) Lookup(word string) (Entry, bool) {
	lo, hi := 0, len(l.blocks) // the last block whose first word is <= word
	for lo < hi {
		if mid := (lo + hi) / 2; string(l.first(mid)) <= word {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 || len(word) > maxWord {
		return Entry{}, false
	}
	c := cursor{at: int(l.blocks[lo-1])}
	for range blockSize {
		if c.at >= len(l.data) || !c.next(l) || string(c.word) > word {
			break
		}
		if string(c.word) == word {
			return c.entry(l), true
		}
	}
	return Entry{}, false
}

// first returns the first word of a block, which is written in full.
func (l *Lexicon) first(block int) []byte {
	b := l.data[l.blocks[block]+1:]
	for i, c := range b {
		if c < 32 {
			return b[:i]
		}
	}
	return b
}

// All yields every entry, in byte order of the words.
func (l *Lexicon) All() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		var c cursor
		for c.at < len(l.data) && c.next(l) && yield(c.entry(l)) {
		}
	}
}

// cursor decodes one entry after the other.
type cursor struct {
	at       int
	word     []byte
	codes    []byte // of the usual reading
	flags    byte
	variants []byte // tag, codes, 0 for each
}

// next decodes the entry at c.at; it reports whether the entry is sound.
func (c *cursor) next(l *Lexicon) bool {
	b := l.data[c.at:]
	if len(b) == 0 || int(b[0]) > len(c.word) {
		return false
	}
	c.word = c.word[:b[0]]
	i := 1
	for i < len(b) && b[i] >= 32 {
		i++
	}
	c.word = append(c.word, b[1:i]...)
	if i+1 >= len(b) || b[i] == 0 || len(c.word) == 0 || len(c.word) > maxWord {
		return false
	}
	c.flags = b[i] - 1
	shared := int(b[i+1])
	n, ok := l.codes(b[i+2:])
	if !ok || shared > len(c.codes) {
		return false
	}
	c.codes = append(c.codes[:shared], b[i+2:i+2+n]...)
	i += 3 + n
	start := i
	for range c.flags >> 1 {
		if i >= len(b) || int(b[i]) >= len(l.tags) {
			return false
		}
		n, ok := l.codes(b[i+1:])
		if !ok {
			return false
		}
		i += 2 + n
	}
	c.variants = b[start:i]
	c.at += i
	return len(c.codes) <= maxPhonemes
}

// codes returns how many phonemes stand before the 0 that ends them.
func (l *Lexicon) codes(b []byte) (int, bool) {
	for i, c := range b {
		if c == 0 {
			return i, true
		}
		if int(c) > len(l.phonemes) || i >= maxPhonemes {
			return 0, false
		}
	}
	return 0, false
}

func (c *cursor) entry(l *Lexicon) Entry {
	e := Entry{Word: string(c.word), Phonemes: l.spell(c.codes), Silver: c.flags&1 != 0}
	for v := c.variants; len(v) > 0; {
		n := bytes.IndexByte(v[1:], 0)
		e.Variants = append(e.Variants, Variant{l.tags[v[0]], l.spell(v[1 : 1+n])})
		v = v[n+2:]
	}
	return e
}

func (l *Lexicon) spell(codes []byte) string {
	b := make([]byte, 0, 2*len(codes))
	for _, c := range codes {
		b = append(b, l.phonemes[c-1]...)
	}
	return string(b)
}

package text

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// PackLexicon writes entries as ParseLexicon reads them. It sorts them; two entries of one word, and words or phonemes that
// are empty or too long, are errors.
func PackLexicon(entries []Entry) ([]byte, error) {
	entries = slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return cmp.Compare(a.Word, b.Word) })
	p := newPacker(entries)
	for i, e := range entries {
		if i > 0 && e.Word == entries[i-1].Word {
			return nil, fmt.Errorf("text: PackLexicon: %q twice", e.Word)
		}
		if i%blockSize == 0 {
			p.word, p.codes = "", nil
		}
		if err := p.add(e); err != nil {
			return nil, err
		}
	}
	if len(p.raw) > maxLexicon {
		return nil, fmt.Errorf("text: PackLexicon: %d bytes", len(p.raw))
	}
	var out bytes.Buffer
	out.WriteString(lexiconMagic)
	out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(p.raw))))
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("text: PackLexicon: %w", err)
	}
	w.Write(p.raw) // a bytes.Buffer does not fail
	w.Close()
	return out.Bytes(), nil
}

type packer struct {
	raw   []byte
	code  map[rune]byte
	tag   map[string]byte
	word  string // of the last entry
	codes []byte
}

// newPacker starts with the alphabet and the tags that occur.
func newPacker(entries []Entry) *packer {
	p := &packer{code: map[rune]byte{}, tag: map[string]byte{}}
	var alphabet, tags []string
	letters := func(s string) {
		for _, r := range s {
			if _, ok := p.code[r]; !ok {
				alphabet = append(alphabet, string(r))
				p.code[r] = byte(len(alphabet))
			}
		}
	}
	for _, e := range entries {
		letters(e.Phonemes)
		for _, v := range e.Variants {
			letters(v.Phonemes)
			if _, ok := p.tag[v.Tag]; !ok {
				p.tag[v.Tag] = byte(len(tags))
				tags = append(tags, v.Tag)
			}
		}
	}
	for _, s := range []string{strings.Join(alphabet, ""), strings.Join(tags, " ")} {
		p.raw = append(binary.AppendUvarint(p.raw, uint64(len(s))), s...)
	}
	return p
}

func (p *packer) add(e Entry) error {
	codes := p.encode(e.Phonemes)
	if len(e.Word) == 0 || len(e.Word) > maxWord || len(codes) == 0 || len(codes) > maxPhonemes || len(e.Variants) > 14 || len(p.code) > 255 {
		return fmt.Errorf("text: PackLexicon: %q: empty or too long", e.Word)
	}
	for i := range len(e.Word) {
		if e.Word[i] < 32 {
			return fmt.Errorf("text: PackLexicon: %q: control character", e.Word)
		}
	}
	shared := commonPrefix(p.word, e.Word)
	p.raw = append(append(p.raw, byte(shared)), e.Word[shared:]...)
	flags := byte(1 + 2*len(e.Variants))
	if e.Silver {
		flags++
	}
	shared = commonPrefix(string(p.codes), string(codes))
	p.raw = append(append(p.raw, flags, byte(shared)), codes[shared:]...)
	p.raw = append(p.raw, 0)
	for _, v := range e.Variants {
		p.raw = append(append(append(p.raw, p.tag[v.Tag]), p.encode(v.Phonemes)...), 0)
	}
	p.word, p.codes = e.Word, codes
	return nil
}

func (p *packer) encode(phonemes string) []byte {
	var codes []byte
	for _, r := range phonemes {
		codes = append(codes, p.code[r])
	}
	return codes
}

func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

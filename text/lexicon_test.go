package text

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func sample() []Entry {
	entries := []Entry{
		{Word: "A", Phonemes: "ˈA"},
		{Word: "read", Phonemes: "ɹˈid", Variants: []Variant{{"ADJ", "ɹˈɛd"}, {"VBD", "ɹˈɛd"}}},
		{Word: "reader", Phonemes: "ɹˈidəɹ", Silver: true},
		{Word: "wind", Phonemes: "wˈɪnd", Variants: []Variant{{"VERB", "wˈInd"}}},
		{Word: "it's", Phonemes: "ɪts"},
	}
	for i := range 100 { // several blocks
		entries = append(entries, Entry{Word: fmt.Sprintf("word%03d", i), Phonemes: "wˈɜɹd"})
	}
	return entries
}

func TestLexiconRoundTrip(t *testing.T) {
	data, err := PackLexicon(sample())
	if err != nil {
		t.Fatal(err)
	}
	l, err := ParseLexicon(data)
	if err != nil {
		t.Fatal(err)
	}
	if l.Len() != len(sample()) {
		t.Errorf("%d words", l.Len())
	}
	for _, want := range sample() {
		if got, ok := l.Lookup(want.Word); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, %v", want.Word, got, ok)
		}
	}
	for _, absent := range []string{"", "0", "B", "rea", "reade", "readers", "word", "word0505", "zz", "\xff"} {
		if e, ok := l.Lookup(absent); ok {
			t.Errorf("%q: found %+v", absent, e)
		}
	}
	n := 0
	for e := range l.All() {
		if got, ok := l.Lookup(e.Word); !ok || !reflect.DeepEqual(got, e) {
			t.Errorf("All and Lookup differ at %q", e.Word)
		}
		n++
	}
	if n != l.Len() {
		t.Errorf("All yields %d of %d", n, l.Len())
	}
}

func TestPackLexiconRefuses(t *testing.T) {
	for name, entries := range map[string][]Entry{
		"twice":    {{Word: "a", Phonemes: "b"}, {Word: "a", Phonemes: "c"}},
		"no word":  {{Phonemes: "b"}},
		"no sound": {{Word: "a"}},
		"control":  {{Word: "a\x01", Phonemes: "b"}},
	} {
		if _, err := PackLexicon(entries); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestDamagedLexicon(t *testing.T) {
	data, err := PackLexicon(sample())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, []byte("PLX1"), data[:len(data)/2], append([]byte("XXXX"), data[4:]...)} {
		if _, err := ParseLexicon(bad); !errors.Is(err, errLexicon) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	huge := bytes.Clone(data)
	huge[6] = 0xff
	if _, err := ParseLexicon(huge); !errors.Is(err, errLexicon) {
		t.Errorf("a size beyond the file: %v", err)
	}
}

func TestDefaultLexicon(t *testing.T) {
	data, err := os.ReadFile("../models/en/voice/lexicon.bin")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	l, err := ParseLexicon(data)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d words, %d bytes, %d in memory, read in %v", l.Len(), len(data), len(l.data)+4*len(l.blocks), time.Since(start))
	if len(data) > 1300000 || l.Len() < 180000 {
		t.Errorf("%d words in %d bytes", l.Len(), len(data))
	}
	for e := range l.All() {
		if strings.Trim(e.Phonemes, Alphabet) != "" {
			t.Fatalf("%q: %q is outside of the alphabet", e.Word, e.Phonemes)
		}
	}
}

func BenchmarkParseLexicon(b *testing.B) {
	data, err := os.ReadFile("../models/en/voice/lexicon.bin")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := ParseLexicon(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	f := heart(b)
	b.ReportAllocs()
	for b.Loop() {
		f.lexicon.Lookup("pronunciation")
	}
}

func FuzzParseLexicon(f *testing.F) {
	for n := range 3 {
		data, err := PackLexicon(sample()[:n*40+1])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ParseLexicon(data)
		if err != nil {
			return
		}
		n := 0
		for e := range l.All() {
			if _, ok := l.Lookup(e.Word); !ok {
				t.Fatalf("All yields %q, Lookup does not find it", e.Word)
			}
			n++
		}
		if n != l.Len() {
			t.Fatalf("%d of %d entries", n, l.Len())
		}
	})
}

package text

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parley-go/parley/internal/zst"
)

// Alphabet holds every phoneme that a Frontend writes, one character each: misaki's for US English. Capitals are
// diphthongs (A as in day, I as in my, O as in go, W as in now, Y as in boy); ˈ and ˌ stand before the vowel that they stress.
const Alphabet = "AIOQWYabdefhijklmnpstuvwzæðŋɐɑɔəɛɜɡɪɹɾʃʊʌʒʔʤʧˈˌθᵊᵻ"

// Marks are the punctuation that an Utterance may hold.
const Marks = ",.?!;:—…"

// Source says where a pronunciation comes from.
type Source int

// The sources, in the order in which they are asked.
const (
	FromUser    Source = iota + 1 // the user's lexicon
	FromLexicon                   // the built-in lexicon, or a word of it with an ending
	FromLetters                   // spelt: USB
	FromModel                     // the letter-to-sound model
)

// Utterance is a sentence in phonemes: words apart by a space, marks attached to the word before them.
type Utterance struct {
	Phonemes string
	Words    []Word
}

// Word is a spoken word of an Utterance.
type Word struct {
	Text       string // as it is spoken: "five"
	Start, End int    // bytes of the sentence that it stands for: "$5"
	From, To   int    // its phonemes, counted in characters (runes) of Utterance.Phonemes
	Source     Source
}

// Options for Open; nil means defaults.
type Options struct {
	// Lexicon has pronunciations that go before all others, see ReadLexicon. A key matches in any case unless it holds capitals.
	Lexicon map[string]string
	// Threads is the most threads that a call uses. Default: GOMAXPROCS.
	Threads int
}

// Frontend turns text into phonemes. It is immutable and safe for concurrent use.
type Frontend struct {
	lexicon *Lexicon
	user    map[string]string
	model   *G2P // nil: unknown words are spelt
}

// Open reads lexicon.bin and, when they are there, g2p.json and g2p.safetensors. Without the model, words that are in
// no lexicon are spelt.
func Open(fsys fs.FS, options *Options) (*Frontend, error) {
	fsys = zst.FS(fsys)
	data, err := fs.ReadFile(fsys, "lexicon.bin")
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	if options == nil {
		options = &Options{}
	}
	f := &Frontend{}
	if f.lexicon, err = ParseLexicon(data); err != nil {
		return nil, fmt.Errorf("lexicon.bin: %w", err)
	}
	if f.model, err = loadG2P(fsys, options.Threads); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if f.user, err = checkLexicon(options.Lexicon); err != nil {
		return nil, err
	}
	return f, nil
}

// Lexicon returns the built-in lexicon.
func (f *Frontend) Lexicon() *Lexicon { return f.lexicon }

// Phonemes reads a sentence.
func (f *Frontend) Phonemes(sentence string) Utterance {
	tokens := Tokens(sentence)
	parts := f.split(tokens)
	loud := allCapitals(sentence)
	next := pause
	for i := len(parts) - 1; i >= 0; i-- { // a weak form depends on what follows
		p := &parts[i]
		if p.Mark {
			next = pause
			continue
		}
		p.phonemes, p.source = f.read(parts, i, next, loud)
		next = startOf(p.phonemes)
	}
	return assemble(parts)
}

// Pronounce gives the phonemes of a single word, in its full form, and where they come from.
func (f *Frontend) Pronounce(word string) (phonemes string, source Source) {
	return f.pronounce(unaccent(fold(word).text), "", "", false)
}

// part is a token on its way to phonemes.
type part struct {
	Token
	letters  string // the word in plain letters
	inside   bool   // a piece of a compound
	phonemes string
	source   Source
}

// split takes compounds apart that the lexicon does not have.
func (f *Frontend) split(tokens []Token) []part {
	parts := make([]part, 0, len(tokens))
	for _, t := range tokens {
		w := part{Token: t, letters: t.Text}
		if !t.Mark {
			w.letters = unaccent(t.Text)
		}
		pieces := compound(w.letters)
		if t.Mark || len(pieces) < 2 || f.has(w.letters) {
			parts = append(parts, w)
			continue
		}
		for _, piece := range pieces {
			w.Text, w.letters, w.inside = piece, piece, true
			parts = append(parts, w)
		}
	}
	return parts
}

// compound splits at hyphens and where a capital follows a small letter: well-known, YouTube.
func compound(w string) []string {
	var pieces []string
	start := 0
	for i := range len(w) {
		camel := i > 0 && 'A' <= w[i] && w[i] <= 'Z' && 'a' <= w[i-1] && w[i-1] <= 'z'
		if w[i] != '-' && !camel {
			continue
		}
		if i > start {
			pieces = append(pieces, w[start:i])
		}
		if start = i; !camel {
			start++
		}
	}
	if start < len(w) {
		pieces = append(pieces, w[start:])
	}
	return pieces
}

func (f *Frontend) has(word string) bool {
	if _, ok := f.userEntry(word); ok {
		return true
	}
	_, ok := f.entry(word)
	return ok
}

// read gives the phonemes of part i before next; loud says that the sentence has no small letters.
func (f *Frontend) read(parts []part, i int, next following, loud bool) (string, Source) {
	w := parts[i].letters
	if p, ok := f.userEntry(w); ok {
		return p, FromUser
	}
	shouted := f.shouted(parts, i, loud)
	prev, after := neighbour(parts, i-1), neighbour(parts, i+1)
	if glued := i > 0 && !parts[i-1].Mark && parts[i-1].End == parts[i].Start; strings.EqualFold(w, "a") &&
		(parts[i].inside || glued || w == "A" && prev != "" && after == "") { // A-list, section 3a, vitamin A
		return f.spell("A"), FromLetters
	}
	if p, ok := weakForm(w, next); ok && (len(w) < 2 || w != strings.ToUpper(w) || shouted) {
		return p, FromLexicon
	}
	return f.pronounce(w, prev, after, shouted)
}

// neighbour returns a word in lower case, empty at marks and ends.
func neighbour(parts []part, i int) string {
	if i < 0 || i >= len(parts) || parts[i].Mark {
		return ""
	}
	return strings.ToLower(parts[i].letters)
}

// pronounce reads a word between its neighbours.
func (f *Frontend) pronounce(w, prev, next string, shouted bool) (string, Source) {
	if p, ok := f.userEntry(w); ok {
		return p, FromUser
	}
	acronym := len(w) > 1 && allCapitals(w) && !shouted
	if acronym && spelt[w] {
		return f.spell(w), FromLetters
	}
	if p, ok := f.acronymPlural(w); ok {
		return p, FromLetters
	}
	if e, ok := f.entry(w); ok && !(acronym && e.Silver && len(w) < 5) {
		return reading(e, prev, strings.ToLower(w), next), FromLexicon
	}
	if acronym && len(w) < 5 || !pronounceable(w) {
		return f.spell(w), FromLetters
	}
	lower := strings.ToLower(w)
	for _, s := range []string{w, lower} {
		if p, ok := inflected(s, f.known); ok {
			return p, FromLexicon
		}
	}
	if p, ok := derived(lower, f.gold); ok {
		return p, FromLexicon
	}
	if p := f.model.Phonemes(lower); p != "" {
		return p, FromModel
	}
	return f.spell(w), FromLetters
}

// entry looks a word up as it is written, in lower case, and as a name.
func (f *Frontend) entry(w string) (Entry, bool) {
	if e, ok := f.lexicon.Lookup(w); ok && !e.Silver {
		return e, true
	}
	lower := strings.ToLower(w)
	if e, ok := f.lexicon.Lookup(lower); ok {
		return e, true
	}
	if e, ok := f.lexicon.Lookup(w); ok {
		return e, true
	}
	if r, n := utf8.DecodeRuneInString(lower); n > 0 {
		return f.lexicon.Lookup(string(unicode.ToUpper(r)) + lower[n:])
	}
	return Entry{}, false
}

func (f *Frontend) userEntry(w string) (string, bool) {
	if p, ok := f.user[w]; ok {
		return p, true
	}
	p, ok := f.user[strings.ToLower(w)]
	return p, ok
}

// known gives the usual reading of a word.
func (f *Frontend) known(w string) (string, bool) {
	if p, ok := f.userEntry(w); ok {
		return p, true
	}
	e, ok := f.entry(w)
	return e.Phonemes, ok
}

// gold gives the usual reading of a word of the better lexicon, in lower case only.
func (f *Frontend) gold(w string) (string, bool) {
	e, ok := f.lexicon.Lookup(w)
	return e.Phonemes, ok && !e.Silver
}

// assemble joins the parts and notes where words lie.
func assemble(parts []part) Utterance {
	var b strings.Builder
	u := Utterance{Words: make([]Word, 0, len(parts))}
	at := 0
	for _, p := range parts {
		if p.Mark {
			if at > 0 {
				b.WriteString(p.Text)
				at++
			}
			continue
		}
		if p.phonemes == "" {
			continue
		}
		if at > 0 {
			b.WriteByte(' ')
			at++
		}
		n := utf8.RuneCountInString(p.phonemes)
		u.Words = append(u.Words, Word{p.Text, p.Start, p.End, at, at + n, p.source})
		b.WriteString(p.phonemes)
		at += n
	}
	u.Phonemes = b.String()
	return u
}

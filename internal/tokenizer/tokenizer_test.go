package tokenizer

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

var vocabularies = []string{"bpe_byte", "bpe_byte_prefix", "bpe_metaspace", "bpe_fallback", "unigram", "unigram_bytes"}

// golden is what training/goldens/tokenizer.py wrote.
type golden struct {
	Vocab          int
	Encode, Decode []struct {
		Text    string
		IDs     []int
		Decoded string
	}
}

func load(t testing.TB, name string) *Tokenizer {
	t.Helper()
	tok, err := LoadHF(os.DirFS("testdata"), name+".json")
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func loadGolden(t testing.TB, name string) (g golden) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".golden.json")
	if err == nil {
		err = json.Unmarshal(data, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestGolden: ids and texts are those of the Python library, exactly.
func TestGolden(t *testing.T) {
	for _, name := range vocabularies {
		tok, g := load(t, name), loadGolden(t, name)
		if tok.Vocab() != g.Vocab {
			t.Errorf("%s: vocabulary of %d, want %d", name, tok.Vocab(), g.Vocab)
		}
		for _, c := range g.Encode {
			if got := tok.Encode(c.Text); !slices.Equal(got, c.IDs) {
				t.Errorf("%s: Encode(%q) = %v, want %v", name, c.Text, got, c.IDs)
			}
			if got := tok.Decode(c.IDs); got != c.Decoded {
				t.Errorf("%s: Decode(%v) = %q, want %q", name, c.IDs, got, c.Decoded)
			}
		}
		for _, c := range g.Decode {
			if got := tok.Decode(c.IDs); got != c.Decoded {
				t.Errorf("%s: Decode(%v) = %q, want %q", name, c.IDs, got, c.Decoded)
			}
		}
	}
}

func TestLoadGPT2(t *testing.T) {
	tok, err := LoadGPT2(os.DirFS("testdata"), "gpt2-vocab.json", "gpt2-merges.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range loadGolden(t, "bpe_byte").Encode {
		if got := tok.Encode(c.Text); !slices.Equal(got, c.IDs) {
			t.Errorf("Encode(%q) = %v, want %v", c.Text, got, c.IDs)
		}
	}
}

func TestPieces(t *testing.T) {
	tok := load(t, "bpe_byte_prefix")
	id, ok := tok.ID("<mask>")
	if !ok || tok.Piece(id) != "<mask>" || !tok.Special(id) {
		t.Errorf("<mask>: id %d, %v, piece %q, special %v", id, ok, tok.Piece(id), tok.Special(id))
	}
	if _, ok := tok.ID("no such piece"); ok {
		t.Error("an id for a piece that is not there")
	}
	if tok.Piece(-1) != "" || tok.Piece(tok.Vocab()) != "" || tok.Special(-1) {
		t.Error("ids outside the vocabulary have pieces")
	}
	if got := tok.Decode([]int{-1, id, 1 << 30}); got != "" {
		t.Errorf("Decode of nothing = %q", got)
	}
}

func TestErrors(t *testing.T) {
	for want, file := range map[string]string{
		`type "WordPiece"`:  `{"model":{"type":"WordPiece","vocab":{"a":0},"merges":[]}}`,
		"not in the vocab":  `{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}`,
		"two pieces":        `{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["ab"]}}`,
		"share id 0":        `{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}`,
		"has id 2000000000": `{"model":{"type":"BPE","vocab":{"a":2000000000},"merges":[]}}`,
		"has id -1":         `{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}`,
		"does not end":      `{"model":{"type":"BPE","vocab":{"a`,
		"JSON: want":        `{"model":[]}`,
		"want two pieces":   `{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}`,
		"text after":        `{"model":{"type":"Unigram","vocab":[["a",0]]}} {}`,
		"invalid syntax":    `{"model":{"type":"BPE","vocab":{"a":true},"merges":[]}}`,
		"twice":             `{"model":{"type":"Unigram","vocab":[["a",0],["a",0]]}}`,
		"unk_id 7":          `{"model":{"type":"Unigram","unk_id":7,"vocab":[["a",0]]}}`,
		"empty vocabulary":  `{"model":{"type":"Unigram","vocab":[]}}`,
		`"BertNormalizer"`:  `{"normalizer":{"type":"BertNormalizer"},"model":{"type":"Unigram","vocab":[["a",0]]}}`,
		`"Split"`:           `{"pre_tokenizer":{"type":"Split"},"model":{"type":"Unigram","vocab":[["a",0]]}}`,
		`"CTC"`:             `{"decoder":{"type":"CTC"},"model":{"type":"Unigram","vocab":[["a",0]]}}`,
		"null in":           `{"decoder":{"type":"Sequence","decoders":[null]},"model":{"type":"Unigram","vocab":[["a",0]]}}`,
		"continuing":        `{"model":{"type":"BPE","continuing_subword_prefix":"##","vocab":{"a":0},"merges":[]}}`,
	} {
		if _, err := ParseHF([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %s", file, err, want)
		}
	}
}

// TestLongWord: a word without end must not take quadratic time.
func TestLongWord(t *testing.T) {
	long := strings.Repeat("sees", 50_000)
	for _, name := range vocabularies {
		tok := load(t, name)
		if got := strings.TrimSpace(tok.Decode(tok.Encode(long))); got != long {
			t.Errorf("%s: a text of %d bytes came back as %d", name, len(long), len(got))
		}
	}
}

func FuzzParseHF(f *testing.F) {
	for _, file := range []string{
		`{"added_tokens":[{"id":4,"content":"<s>","special":true,"lstrip":true}],"normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Prepend","prepend":"▁"}]},
		"decoder":{"type":"ByteLevel"},"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","unk_token":"a","fuse_unk":true,"vocab":{"a":0,"b":1,"ab":2,"abb":3},"merges":["a b","ab b"]}}`,
		`{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"},"decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Strip","content":"▁","start":1,"stop":0}]},
		"normalizer":{"type":"Replace","pattern":{"Regex":" +"},"content":"▁"},"model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["▁",-1.5],["b",-2],["▁b",-3],["<0x41>",-9]]}}`,
	} {
		f.Add([]byte(file), "ab b  Aé")
	}
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		tok, err := ParseHF(data)
		if err != nil {
			return
		}
		ids := tok.Encode(text)
		for _, id := range ids {
			if id < 0 || id >= tok.Vocab() {
				t.Fatalf("id %d of a vocabulary of %d", id, tok.Vocab())
			}
		}
		tok.Decode(ids)
	})
}

// FuzzEncode: byte-level BPE gives every text back.
func FuzzEncode(f *testing.F) {
	tok, err := LoadHF(os.DirFS("testdata"), "bpe_byte.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("don't  stop \xff")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "<|end|>") {
			return
		}
		if got := tok.Decode(tok.Encode(text)); got != lossy(text) {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
}

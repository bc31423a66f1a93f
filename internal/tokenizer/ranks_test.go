package tokenizer

import (
	"slices"
	"strings"
	"testing"
)

// TestFromRanks: the bytes of a byte-level vocabulary alone give the ids that its merges give.
func TestFromRanks(t *testing.T) {
	ref := load(t, "bpe_byte")
	var tokens []string
	for id := range ref.Vocab() {
		bytes, ok := Bytes(ref.Piece(id))
		if !ok || ref.Special(id) {
			bytes = ""
		}
		tokens = append(tokens, bytes)
	}
	tok, err := FromRanks(tokens)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range loadGolden(t, "bpe_byte").Encode {
		if strings.Contains(c.Text, "<|end|>") {
			continue
		}
		got := tok.Encode(c.Text)
		if !slices.Equal(got, c.IDs) || tok.Decode(got) != c.Decoded {
			t.Errorf("Encode(%q) = %v, want %v; decoded %q", c.Text, got, c.IDs, tok.Decode(got))
		}
	}
	for name, tokens := range map[string][]string{"no token for byte": {"a", "b"}, `are both "a"`: {"a", "a"}, "byte 0x00": nil} {
		if _, err := FromRanks(tokens); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: %v, want %s", tokens, err, name)
		}
	}
}

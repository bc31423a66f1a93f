package asr

import (
	"slices"
	"strings"
	"testing"
)

func TestPlainWords(t *testing.T) {
	for _, x := range []struct{ text, words, written string }{
		{"Moreover, he said no.", "moreover he said no", "Moreover, he said no."},
		{"", "", ""},
		{". Yes", "yes", "Yes"},
		{"So.Then, U.S.", "so then u s", "So. Then, U. S."},
		{"Mr. and Mrs. Hall", "mister and missus hall", "Mr. and Mrs. Hall"},
		{"well , then . .", "well then", "well, then.."},
		{"NASA's O'Neil I'm", "nasa's o'neil i'm", "NASA's O'Neil I'm"},
	} {
		words, written := plainWords(strings.Split(x.text, " "))
		if strings.Join(words, " ") != x.words || strings.Join(written, " ") != x.written || len(words) != len(written) {
			t.Errorf("%q: %q, %q", x.text, words, written)
		}
	}
}

func TestWriteLike(t *testing.T) {
	for _, x := range []struct{ like, words, want string }{
		{"The birch can you slid, on planks.", "the birch canoe slid on planks", "The birch canoe slid, on planks."},
		{"The birch canoe slid, on planks.", "the birch can you slid on planks", "The birch can you slid, on planks."},
		{"He met Mister Canue.", "he met mister canoe", "He met Mister Canoe."},
		{"So it was. Then he left.", "so it was then she left", "So it was. Then she left."},
		{"So it was. Then he left.", "so it was he left", "So it was. He left."},
		{"So it was.", "so it", "So it."},
		{"So it was, he said.", "so it he said", "So it, he said."},
		{"Is it so?", "is it so sue", "Is it so? Sue"},
		{"He said no.", "and he said no", "And he said no."},
		{"I said no.", "and i said no", "And I said no."},
		{"He said, I'm in.", "he says i'm inn", "He says, I'm inn."},
		{"Mr. and Mrs. Hall.", "mister and missus hull", "Mr. and Mrs. Hull."},
		{"Then Mr. Hall left.", "then mystery hall left", "Then Mystery Hall left."},
		{"", "he said i was in", "He said I was in."},
		{"", "", ""},
		{"Gone.", "", ""},
	} {
		words, written := plainWords(strings.Fields(x.like))
		got := writeLike(strings.Fields(x.words), &candidate{words: words, written: written, units: make([][]int, len(words))})
		if strings.Join(got, " ") != x.want {
			t.Errorf("%q like %q: %q, want %q", x.words, x.like, strings.Join(got, " "), x.want)
		}
		if back, _ := plainWords(got); !slices.Equal(back, strings.Fields(x.words)) {
			t.Errorf("%q became the words %q", x.words, back)
		}
	}
}

func TestCases(t *testing.T) {
	for w, want := range map[string]letterCase{"": lower, "a": lower, "A": capital, "I,": capital, "Mary's": capital, "NASA": upper, "NASA's.": upper, "iPad": lower, "Élan": capital, "'tis": lower} {
		if got := caseOf(w); got != want {
			t.Errorf("%q: %d, want %d", w, got, want)
		}
	}
	if endsSentence("") || endsSentence("no,") || !endsSentence("no.") || !endsSentence("no?") || !endsSentence("no!") {
		t.Error("what ends a sentence is . ? !")
	}
	if got := withCase("nasa's", upper) + withCase("élan", capital) + withCase("so", lower); got != "NASA'sÉlanso" {
		t.Error(got)
	}
}

// A segment goes on with the sentence of the one before, and has no end where the sound was cut.
func TestSentenceOverSegments(t *testing.T) {
	s := tinyHybrid(t).newSession()
	s.sentence = true
	for i, x := range []struct {
		written string
		end     bool
		want    string
	}{
		{"See the treat.", false, "See the treat"},
		{"And I see,", true, "and I see,"},
		{"I see it.", true, "I see it."},
		{"See.", true, "See."},
		{"The", true, "The"},
		{"NASA saw it.", true, "NASA saw it."},
	} {
		words, written := plainWords(strings.Fields(x.written))
		seg := Segment{Text: strings.Join(words, " "), Words: make([]Word, len(words)), Alternatives: []Alternative{{}}}
		c := candidate{words: words, written: written}
		s.write(&seg, []candidate{c, c}, x.end)
		if seg.Text != x.want || seg.Words[0].Text != strings.Fields(x.want)[0] || seg.Alternatives[0].Text != x.want {
			t.Errorf("segment %d is %q, %+v, want %q", i, seg.Text, seg, x.want)
		}
	}
}

// Final results are as the decoder writes them, their words and alternatives too; partial and plain ones are not, and say the same.
func TestWrittenResults(t *testing.T) {
	m := tinyModel(t)
	plainOf := func(text string) string {
		words, _ := plainWords(strings.Fields(text))
		return strings.Join(words, " ")
	}
	for _, search := range []Search{Rescored, Attention, Greedy} {
		o := short
		o.Search, o.Partials, o.Alternatives = search, true, 2
		written := collect(t, m, loop(t, 12, 1000), &o)
		o.Plain = true
		plain := collect(t, m, loop(t, 12, 1000), &o)
		if len(plain) != len(written) {
			t.Fatalf("%v: %d segments, plain %d", search, len(written), len(plain))
		}
		capitals := 0
		for i, s := range written {
			want := plain[i]
			if want.Text != strings.ToLower(want.Text) || strings.ContainsAny(want.Text, marks) {
				t.Errorf("%v: plain text %q", search, want.Text)
			}
			if s.Start != want.Start || s.End != want.End || len(s.Words) != len(want.Words) || len(s.Alternatives) != len(want.Alternatives) {
				t.Fatalf("%v: %+v, plain %+v", search, s, want)
			}
			if plainOf(s.Text) != want.Text || !s.Final && s.Text != want.Text {
				t.Errorf("%v: %q, plain %q", search, s.Text, want.Text)
			}
			for k, w := range s.Words {
				if plainOf(w.Text) != want.Words[k].Text {
					t.Errorf("%v: word %q, plain %q", search, w.Text, want.Words[k].Text)
				}
			}
			for k, a := range s.Alternatives {
				if plainOf(a.Text) != want.Alternatives[k].Text {
					t.Errorf("%v: alternative %q, plain %q", search, a.Text, want.Alternatives[k].Text)
				}
			}
			if s.Text != want.Text {
				capitals++
			}
		}
		if (capitals > 0) != (search != Greedy) {
			t.Errorf("%v: %d results are written", search, capitals)
		}
	}
}

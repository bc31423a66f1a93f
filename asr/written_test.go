package asr

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The head sees of each word the states that model.py shows it.
func TestStyleLogits(t *testing.T) {
	m := tinyAs(t, "f32")
	s := m.newSession()
	s.remember(golden(t, "encoded", m.config.D))
	words := strings.Fields("see the heat a treat") // as in training/goldens/asr.py
	if n := len(m.tokens.Encode(strings.Join(words, " "))); n == len(words) {
		t.Fatalf("%d subwords: each word is one, so that nothing tells its last one from others", n)
	}
	want := golden(t, "written", m.writing.head.Out)
	for range 2 { // whatever the decoder read before
		got, err := s.styleLogits(t.Context(), words)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "marks and cases", got, want)
	}
	styles, err := s.styles(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range styles {
		row := want.Row(i)
		mark, letters := slices.Index(row, slices.Max(row[:3])), slices.Index(row[3:], slices.Max(row[3:]))
		if st.mark != m.config.Marks[mark] || caseNames[m.config.Cases[letters]] != st.letters {
			t.Errorf("%q is %+v, the golden scores are %v", words[i], st, row)
		}
	}
}

// Words that the decoder has no room for stay as they are.
func TestStylesOfLongText(t *testing.T) {
	m := alwaysWritten(t)
	s := m.newSession()
	s.remember(golden(t, "encoded", m.config.D))
	words := slices.Repeat([]string{"treat"}, m.config.MaxTokens)
	styles, err := s.styles(t.Context(), words)
	if err != nil || len(styles) != len(words) {
		t.Fatalf("%d styles, %v", len(styles), err)
	}
	if first, last := styles[0], styles[len(styles)-1]; first != (style{".", capital}) || last != (style{}) {
		t.Errorf("the first word is %+v, the last %+v", first, last)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.styles(ctx, words[:2]); !errors.Is(err, context.Canceled) {
		t.Errorf("once the context has ended: %v", err)
	}
}

// alwaysWritten is the tiny model with a head that knows but one style.
func alwaysWritten(t *testing.T) *hybrid {
	m := tinyHybrid(t)
	m.writing.marks, m.writing.cases = []string{".", ".", "."}, []letterCase{capital, capital, capital}
	return m
}

func TestWriteWords(t *testing.T) {
	l, c, u := lower, capital, upper
	for _, x := range []struct {
		words   string
		marks   string // a character for each word, _ for none
		letters []letterCase
		starts  bool
		want    string
	}{
		{"moreover he said no", ",___", []letterCase{l, l, l, l}, true, "Moreover, he said no"},
		{"moreover he said no", ",__.", []letterCase{l, l, l, l}, false, "moreover, he said no."},
		{"is it so yes go on", "__?!__", []letterCase{l, l, l, l, l, l}, true, "Is it so? Yes! Go on"},
		{"then i said i'm in i'll inn i've", "________", []letterCase{l, l, l, l, l, l, l, l}, false, "then I said I'm in I'll inn I've"},
		{"mary went to nasa's bbc", "__,_.", []letterCase{c, l, l, u, u}, true, "Mary went to, NASA's BBC."},
		{"usa first", "__", []letterCase{u, c}, true, "USA First"},
		{"élan a", "._", []letterCase{l, l}, true, "Élan. A"},
	} {
		words := strings.Fields(x.words)
		styles := make([]style, len(words))
		for i := range words {
			styles[i] = style{strings.Trim(x.marks[i:i+1], "_"), x.letters[i]}
		}
		if got := strings.Join(writeWords(words, styles, x.starts), " "); got != x.want {
			t.Errorf("%q, want %q", got, x.want)
		}
	}
	if endsSentence("") || endsSentence("no,") || !endsSentence("no.") || !endsSentence("no?") || !endsSentence("no!") {
		t.Error("what ends a sentence is . ? !")
	}
}

// A segment goes on with the sentence of the one before.
func TestSentenceOverSegments(t *testing.T) {
	m := tinyHybrid(t)
	s := m.newSession()
	s.remember(golden(t, "encoded", m.config.D))
	c := candidate{words: []string{"see", "the", "treat"}}
	m.writing.cases = []letterCase{lower, lower, lower}
	s.sentence = true
	for i, x := range []struct{ mark, want string }{{"", "See the treat"}, {"", "see the treat"}, {",", "see, the, treat,"}, {".", "see. The. Treat."}, {"", "See the treat"}} {
		m.writing.marks = []string{x.mark, x.mark, x.mark}
		seg := Segment{Text: c.text(), Words: make([]Word, 3)}
		s.set.Search = Rescored
		if err := s.write(t.Context(), &seg, []candidate{c}); err != nil || seg.Text != x.want {
			t.Errorf("segment %d is %q, %v, want %q", i, seg.Text, err, x.want)
		}
	}
}

// Final results have marks and capitals, their words and alternatives too; partial and plain ones do not, and say the same.
func TestWrittenResults(t *testing.T) {
	m := &Model{engine: alwaysWritten(t)}
	for _, search := range []Search{Rescored, Attention} {
		o := short
		o.Search, o.Partials, o.Alternatives = search, true, 2
		written := collect(t, m, loop(t, 12, 1000), &o)
		o.Plain = true
		plain := collect(t, m, loop(t, 12, 1000), &o)
		if len(plain) != len(written) {
			t.Fatalf("%v: %d segments, plain %d", search, len(written), len(plain))
		}
		words, others := 0, 0
		for i, s := range written {
			want := plain[i]
			if want.Text != strings.ToLower(want.Text) || strings.Contains(want.Text, ".") {
				t.Errorf("%v: plain text %q", search, want.Text)
			}
			if s.Start != want.Start || s.End != want.End || len(s.Words) != len(want.Words) || len(s.Alternatives) != len(want.Alternatives) {
				t.Fatalf("%v: %+v, plain %+v", search, s, want)
			}
			if !s.Final {
				if s.Text != want.Text {
					t.Errorf("%v: partial result %q, plain %q", search, s.Text, want.Text)
				}
				continue
			}
			if s.Text != sentences(want.Text) {
				t.Errorf("%v: %q, plain %q", search, s.Text, want.Text)
			}
			for k, w := range s.Words {
				if w.Text != sentences(want.Words[k].Text) {
					t.Errorf("%v: word %q, plain %q", search, w.Text, want.Words[k].Text)
				}
			}
			for k, a := range s.Alternatives {
				if a.Text != sentences(want.Alternatives[k].Text) {
					t.Errorf("%v: alternative %q, plain %q", search, a.Text, want.Alternatives[k].Text)
				}
			}
			words, others = words+len(s.Words), others+len(s.Alternatives)
		}
		if words == 0 || others == 0 {
			t.Errorf("%v: %d words and %d alternatives: nothing was tested", search, words, others)
		}
	}
	o := short
	o.Search = Greedy // has no second pass, whose decoder could say
	for _, s := range collect(t, m, loop(t, 12, 1000), &o) {
		if s.Text != strings.ToLower(s.Text) || strings.Contains(s.Text, ".") {
			t.Errorf("%v: %q", o.Search, s.Text)
		}
	}
}

// sentences makes each word of a plain text a sentence.
func sentences(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:] + "."
	}
	return strings.Join(words, " ")
}

// tinyWith is the folder of the tiny model with other fields in config.json; nil takes one away.
func tinyWith(t *testing.T, fields map[string]any) fstest.MapFS {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, name := range []string{"config.json", "model.safetensors", "pieces.json", "tokenizer.json", "lexicon.tsv.gz"} {
		data, err := os.ReadFile(filepath.Join(tinyDir, name))
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: data}
	}
	var c map[string]any
	if err := json.Unmarshal(fsys["config.json"].Data, &c); err != nil {
		t.Fatal(err)
	}
	for k, v := range fields {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	fsys["config.json"].Data = data
	return fsys
}

// A model without the head gives plain text, also where its file has one.
func TestModelWithoutWriting(t *testing.T) {
	m, err := OpenFS(tinyWith(t, map[string]any{"marks": nil, "cases": nil}))
	if err != nil {
		t.Fatal(err)
	}
	o := short
	got := collect(t, m, loop(t, 12, 1000), &o)
	o.Plain = true
	want := collect(t, tinyModel(t), loop(t, 12, 1000), &o)
	if len(want) == 0 || JoinText(got) != JoinText(want) || JoinText(got) == "" {
		t.Errorf("%q, want %q", JoinText(got), JoinText(want))
	}
}

func TestWritingConfig(t *testing.T) {
	for says, fields := range map[string]map[string]any{
		"0 marks and 3 cases":  {"marks": nil},
		"3 marks and 0 cases":  {"cases": []string{}},
		`unknown case "title"`: {"cases": []string{"lower", "title", "upper"}},
		"written.weight":       {"marks": []string{"", ",", ".", "?"}},
	} {
		if _, err := OpenFS(tinyWith(t, fields)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v, want %s", fields, err, says)
		}
	}
}

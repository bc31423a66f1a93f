package text

import (
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

func TestPhonemes(t *testing.T) {
	f := heart(t)
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"...!?", ""},
		{"😀 你好", ""},
		{"Hello, world!", "həlˈO, wˈɜɹld!"},
		// weak forms
		{"The end of the day.", "ði ˈɛnd ʌv ðə dˈA."},
		{"I go to a bar to eat, to be in.", "ˌI ɡˌO tə ɐ bˈɑɹ tʊ ˈit, tə bi ˈɪn."},
		{"An apple a day.", "ɐn ˈæpᵊl ɐ dˈA."},
		// two readings
		{"I live here. Live music.", "ˌI lˈɪv hˈɪɹ. lˈIv mjˈuzɪk."},
		{"They read. She has read it.", "ðA ɹˈid. ʃi hæz ɹˈɛd ɪt."},
		{"No use to use it; I used to.", "nˈO jˈus tə jˈuz ɪt; ˌI jˈust tu."},
		{"A present to present.", "ɐ pɹˈɛzᵊnt tə pɹizˈɛnt."},
		// endings, acronyms, compounds
		{"Kokoro's USBs.", ""},
		{"NASA, FBI and CDs", "nˈæsə, ˌɛfbˌiˈI ænd sˌidˈiz"},
		{"The US is in the U.K.", "ðə jˌuˈɛs ɪz ɪn ðə jˌukˈA."},
		{"DO NOT SHOUT", "dˈu nˌɑt ʃˈWt"},
		{"vitamin A", "vˈIɾəmən ˈA"},
		{"section 3a is here", "sˈɛkʃən θɹˈi ˈA ɪz hˈɪɹ"},
		{"YouTube and state-of-the-art", "jˈutˌub ænd stˈAt ʌv ði ˈɑɹt"},
		{"$5", "fˈIv dˈɑləɹz"},
		{"café", "kæfˈA"},
		{"wait -- no", "wˈAt— nˈO"},
	} {
		got := f.Phonemes(c.in).Phonemes
		if c.want != "" && got != c.want || c.want == "" && c.in == "" && got != "" {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
		for _, r := range got {
			if !strings.ContainsRune(Alphabet+Marks+" ", r) {
				t.Errorf("%q: %q is outside of the alphabet", c.in, r)
			}
		}
	}
}

func TestWordsLieInPhonemes(t *testing.T) {
	f := heart(t)
	in := "“It cost $5” — said Dr. Müller’s well-known, xqzt YouTuber."
	u := f.Phonemes(in)
	runes := []rune(u.Phonemes)
	end := 0
	for i, w := range u.Words {
		if w.From < end || w.To <= w.From || w.To > len(runes) {
			t.Fatalf("word %+v of %q", w, u.Phonemes)
		}
		if gap := string(runes[end:w.From]); strings.Trim(gap, Marks+" ") != "" || i > 0 && !strings.HasSuffix(gap, " ") {
			t.Errorf("%q between words %d and %d", gap, i-1, i)
		}
		if strings.ContainsAny(string(runes[w.From:w.To]), Marks+" ") {
			t.Errorf("word %q holds %q", w.Text, string(runes[w.From:w.To]))
		}
		if !utf8.ValidString(in[w.Start:w.End]) || w.Source == 0 {
			t.Errorf("%+v", w)
		}
		end = w.To
	}
	if in[u.Words[2].Start:u.Words[2].End] != "$5" || u.Words[3].Text != "dollars" {
		t.Errorf("%+v", u.Words[:4])
	}
}

func TestUserLexicon(t *testing.T) {
	words, err := ReadLexicon("test", strings.NewReader("# mine\n\nkokoro\tkəkˈɔɹO\nPolish\tpˈOlɪʃ\ngif\tdʒɪf\n"))
	if err != nil {
		t.Fatal(err)
	}
	f := heart(t)
	f.user = words
	for in, want := range map[string]string{"Kokoro": "kəkˈɔɹO", "Kokoro's": "kəkˈɔɹOz", "Polish": "pˈOlɪʃ", "gif": "ʤɪf"} {
		if got, _ := f.Pronounce(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	if got, source := f.Pronounce("polish"); got == "pˈOlɪʃ" || source != FromLexicon {
		t.Errorf("polish: %s from %d", got, source)
	}
	for _, bad := range []string{"word phonemes", "word\tx1", "word\t"} {
		if _, err := ReadLexicon("bad", strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), "bad:1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestInflected(t *testing.T) {
	known := func(w string) (string, bool) {
		p, ok := map[string]string{"blog": "blˈɑɡ", "vape": "vˈAp", "bus": "bˈʌs", "chat": "ʧˈæt"}[w]
		return p, ok
	}
	for in, want := range map[string]string{"blogs": "blˈɑɡz", "blog's": "blˈɑɡz", "vaped": "vˈApt", "vaping": "vˈApɪŋ", "chats": "ʧˈæts",
		"chated": "ʧˈætᵻd", "bus's": "bˈʌsᵻz", "blogs'": "", "chat'll": "ʧˈætəl", "s": "", "xyz": ""} {
		if got, ok := inflected(in, known); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"unblog": "ʌnblˈɑɡ", "blogness": "blˈɑɡnəs", "blogchat": "blˈɑɡʧˌæt", "xblog": ""} {
		if got, _ := derived(in, known); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := Open(fstest.MapFS{}, nil); err == nil {
		t.Error("an empty folder: no error")
	}
	if _, err := Open(fstest.MapFS{"lexicon.bin": {Data: []byte("PLX1 nonsense")}}, nil); err == nil || !strings.Contains(err.Error(), "lexicon.bin") {
		t.Errorf("nonsense: %v", err)
	}
	data, err := PackLexicon(sample())
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"lexicon.bin": {Data: data}}
	f, err := Open(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p, source := f.Pronounce("aaa"); p != "ˌAˌAˈA" || source != FromLetters {
		t.Errorf("without a model: %s from %d", p, source)
	}
	if _, err := Open(files, &Options{Lexicon: map[string]string{"x": "?"}}); err == nil {
		t.Error("a bad pronunciation: no error")
	}
	files["g2p.json"] = &fstest.MapFile{Data: []byte("{}")}
	if _, err := Open(files, nil); err == nil || !strings.Contains(err.Error(), "g2p.json") {
		t.Errorf("a bad g2p.json: %v", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	f := heart(t)
	want := f.Phonemes("The frabjous snorkelwump paid $5.").Phonemes
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if got := f.Phonemes("The frabjous snorkelwump paid $5.").Phonemes; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	group.Wait()
}

func BenchmarkPhonemes(b *testing.B) {
	f := heart(b)
	in := "The quick brown fox paid $3.50 on Jan 5, 2024 for five miles of rope, didn't he?"
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		f.Phonemes(in)
	}
}

func FuzzPhonemes(f *testing.F) {
	for _, s := range []string{"Dr. Smith paid $5-10 on 1/2/2024 at 3:45 p.m.", "A-b c's 'tis U.S. 1980s-90s +1 (212) 555", "e\u0301 ½ km² http://a.b/c?d=e", "\xff\x00😀"} {
		f.Add(s)
	}
	data, err := PackLexicon(sample())
	if err != nil {
		f.Fatal(err)
	}
	front, err := Open(fstest.MapFS{"lexicon.bin": {Data: data}}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, tok := range Tokens(in) {
			if tok.Start < 0 || tok.Start > tok.End || tok.End > len(in) || tok.Text == "" {
				t.Fatalf("%+v of %q", tok, in)
			}
		}
		u := front.Phonemes(in)
		for _, r := range u.Phonemes {
			if !strings.ContainsRune(Alphabet+Marks+" ", r) {
				t.Fatalf("%q: %q", in, u.Phonemes)
			}
		}
		for _, w := range u.Words {
			if w.From >= w.To || w.To > utf8.RuneCountInString(u.Phonemes) {
				t.Fatalf("%+v of %q", w, u.Phonemes)
			}
		}
	})
}

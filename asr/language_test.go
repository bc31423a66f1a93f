package asr

import (
	"errors"
	"strings"
	"testing"

	"github.com/parley-go/parley/audio"
)

// A model that hears one language takes its code and its name, and says it; another language is an error. One that does not know which
// it hears believes what it is told. Auto is as if nothing was said.
func TestLanguage(t *testing.T) {
	said := audio.Clip{Rate: 16000, Samples: golden(t, "samples", 1).Data}
	for _, c := range []struct {
		dir   string
		sound audio.Clip
		set   string
		want  string // or what the error says
		fails bool
	}{
		{tinyDir, said, "", "en", false},
		{tinyDir, said, "en", "en", false},
		{tinyDir, said, "English", "en", false},
		{tinyDir, said, "auto", "en", false},
		{tinyDir, said, "german", `is "german", but this model hears "en" only`, true},
		{tinyDir, said, "klingon", `unknown language "klingon"`, true},
		{tinyWhisper + "english", bells(5), "auto", "en", false},
		{tinyWhisper + "english", bells(5), "English", "en", false},
		{tinyWhisper + "english", bells(5), "de", `is "de", but this model hears "en" only`, true},
		{tinyWhisper + "multilingual", bells(5), "german", "de", false},
		{tinyWhisper + "multilingual", bells(5), "klingon", `unknown language "klingon"`, true},
		{tinyMoonshine, bells(5), "auto", "", false},
		{tinyMoonshine, bells(5), "english", "en", false},
		{tinySpeech2Text, bells(5), "en", "en", false},
		{tinyWav2vec2 + "group", bells(5), "de", "de", false},
		{tinyWav2vec2 + "group", bells(5), "klingon", `unknown language "klingon"`, true},
	} {
		o := everything()
		if !strings.HasPrefix(c.dir, tinyWhisper) {
			o = &Options{Doubtful: true}
		}
		o.Language = c.set
		tr, err := openModel(t, c.dir).Transcribe(t.Context(), c.sound.Source(), o)
		var wrong *OptionError
		switch {
		case c.fails && (!errors.As(err, &wrong) || wrong.Field != "Language" || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s, %q: %v, want %q", c.dir, c.set, err, c.want)
		case !c.fails && (err != nil || tr.Text == "" || tr.Language != c.want):
			t.Errorf("%s, %q: %+v, %v; want %q", c.dir, c.set, tr, err, c.want)
		}
	}
	o := everything()
	o.Language = "Auto"
	if tr, err := openTiny(t, "multilingual").Transcribe(t.Context(), bells(5).Source(), o); err != nil || tr.Language == "" {
		t.Errorf("auto: %+v, %v", tr, err)
	}
}

package models

import (
	"strings"
	"testing"
)

// TestCards: every model of the catalogue says what it is, how large, whose, and what it learned from.
func TestCards(t *testing.T) {
	for _, m := range Catalogue() {
		c := m.Card()
		if c.What == "" || c.Parameters == 0 || c.License == "" || len(c.Data) == 0 || !strings.HasPrefix(c.Source, "https://huggingface.co/") {
			t.Errorf("%s: %+v", m.Name, c)
		}
		for _, f := range c.Figures {
			if f.Measure == "" || f.Value == "" || f.Set == "" || f.Method == "" || f.Date == "" {
				t.Errorf("%s: %+v", m.Name, f)
			}
		}
	}
	for name, what := range map[string]string{"ggml-base.en-q5_1": "Whisper base.en: encoder-decoder Transformer, stored in q5_1", "ggml-large-v3-turbo": "stored in f16", "me/mine": ""} {
		m, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if c := m.Card(); !strings.HasSuffix(c.What, what) || len(c.Figures) > 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

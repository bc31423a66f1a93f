package text

import "maps"

// With returns a Frontend that shares f's lexicon and model, with pronunciations of your own before f's. f does not change.
func (f *Frontend) With(words map[string]string) (*Frontend, error) {
	if len(words) == 0 {
		return f, nil
	}
	checked, err := checkLexicon(words)
	if err != nil {
		return nil, err
	}
	g := *f
	g.user = maps.Clone(f.user)
	if g.user == nil {
		g.user = map[string]string{}
	}
	maps.Copy(g.user, checked)
	return &g, nil
}

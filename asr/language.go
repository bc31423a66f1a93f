package asr

import (
	"strings"

	"github.com/parley-go/parley/internal/whisper"
)

// ownLanguage is what Parley's own models hear.
const ownLanguage = "en"

// language returns the code of the language spoken, "" if that is to be found out.
func (o *Options) language() (string, error) {
	if o == nil || o.Language == "" || strings.EqualFold(o.Language, "auto") {
		return "", nil
	}
	code, err := whisper.LanguageCode(o.Language)
	if err != nil {
		return "", optionf("Language", "is an %w", err)
	}
	return code, nil
}

// onlyLanguage returns the code of the language spoken, for a model that hears no other than its own. own is "" if its files do not say
// which that is: then the caller knows.
func (o *Options) onlyLanguage(own string) (string, error) {
	code, err := o.language()
	switch {
	case err != nil:
		return "", err
	case code == "":
		return own, nil
	case own != "" && code != own:
		return "", optionf("Language", "is %q, but this model hears %q only", o.Language, own)
	}
	return code, nil
}

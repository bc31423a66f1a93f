package text

import (
	"strings"
	"testing"
)

func TestCapitals(t *testing.T) {
	f := heart(t)
	for _, c := range []struct{ in, want string }{
		// acronyms side by side
		{"The US GDP grew.", "ðə jˌuˈɛs ʤˌidˌipˈi ɡɹˈu."},
		{"US GDP", "jˌuˈɛs ʤˌidˌipˈi"},
		{"The AMD GPU is fast.", "ði ˌAˌɛmdˈi ʤˌipˌijˈu ɪz fˈæst."},
		{"NVIDIA GPU", "ɛnvˈɪdiə ʤˌipˌijˈu"},
		{"The GPU.", "ðə ʤˌipˌijˈu."},
		{"The JSON API of the FBI CIA team", "ðə ʤˌAˌɛsˌOˈɛn ˌApˌiˈI ʌv ði ˌɛfbˌiˈI sˌiˌIˈA tˈim"},
		{"An ARM CPU or an AMD ARM chip", "ɐn ˈɑɹm sˌipˌijˈu ɔɹ ɐn ˌAˌɛmdˈi ˈɑɹm ʧˈɪp"},
		{"NASA and the UK NATO team", "nˈæsə ænd ðə jˌukˈA nˈAɾO tˈim"},
		{"Two CPUs and the USA TODAY paper", "tˈu sˌipˌijˈuz ænd ðə jˌuˌɛsˈA tədˈA pˈApəɹ"},
		// words in capitals
		{"DO NOT SHOUT", "dˈu nˌɑt ʃˈWt"},
		{"TELL US WHAT IT IS", "tˈɛl ˌʌs wˌʌt ɪt ɪz"},
		{"Give it to US NOW!", "ɡˈɪv ɪt tʊ ˌʌs nˈW!"},
		{"THE GPU IS HOT", "ðə ʤˌipˌijˈu ɪz hˈɑt"},
		{"THE ZORK SHOUTED", "ðə zˈɔɹk ʃˈWtᵻd"},
		{"I said NO WAY", "ˌI sˈɛd nˈO wˈA"},
	} {
		if got := f.Phonemes(c.in).Phonemes; got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
	}
}

// No ordinary word of a sentence in capitals may be spelt.
func TestShoutedSentence(t *testing.T) {
	f := heart(t)
	in := "THE QUICK BROWN FOX JUMPED OVER A LAZY DOG AND WENT TO GET SOME FOOD FOR US ALL"
	if got, want := f.Phonemes(in).Phonemes, f.Phonemes(strings.ToLower(in)).Phonemes; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

package models

import (
	"strings"

	"github.com/parley-go/parley/models/card"
)

// about is what a card says of a model and the catalogue does not.
type about struct {
	what       string
	parameters int64 // as its authors count them
	data       []card.Source
	teachers   []card.Source
	figures    []card.Figure
}

const million = 1000 * 1000

// What the families learned from, as their authors say.
var (
	whisperData  = []card.Source{{Name: "680,000 h of speech with transcripts from the web", License: "not published"}}
	whisper3Data = []card.Source{{Name: "1,000,000 h of speech with transcripts from the web", License: "not published"},
		{Name: "4,000,000 h of speech from the web", License: "not published", Use: "with the teacher's transcripts"}}
	distilData    = []card.Source{{Name: "22,000 h of nine open corpora", License: "various, permissive", Use: "with the teacher's transcripts"}}
	moonshineData = []card.Source{{Name: "90,000 h of open corpora", License: "various"}, {Name: "100,000 h of the authors' own", License: "not published"}}
	libriSpeech   = card.Source{Name: "LibriSpeech, 960 h", License: "CC-BY-4.0", Use: "fine-tuning"}
	libriLight    = card.Source{Name: "Libri-Light, 60,000 h", License: "public-domain recordings", Use: "pre-training without transcripts"}

	whisperLarge2 = []card.Source{{Name: "Whisper large-v2", License: apa}}
	whisperLarge3 = []card.Source{{Name: "Whisper large-v3", License: mit}}
)

// What was measured with package asr.
var (
	tinyFigures = []card.Figure{{Measure: "word error rate", Value: "5.2 %", Set: "LibriSpeech dev-clean, half of it as 24 kbit/s copies (1,249 utterances)",
		Method: "lower case without punctuation", Date: "2026-11-21"}}
	baseFigures = []card.Figure{{Measure: "word error rate", Value: "7.13 % (transformers: 7.07 %)", Set: "120 utterances of LibriSpeech dev-clean and Common Voice dev",
		Method: "greedy, no timestamps, f32; OpenAI's English normaliser", Date: "2026-11-21"},
		{Measure: "word error rate", Value: "7.53 % in f32, 7.64 % in int8", Set: "the same", Method: "default options; the same normaliser", Date: "2026-11-21"}}
)

// known is by the names of the catalogue; files of whisper.cpp have the entry of what they were made of.
var known = map[string]about{
	"whisper-tiny":           whisper("tiny", 39, whisperData, nil),
	"whisper-tiny.en":        whisper("tiny.en", 39, whisperData, tinyFigures),
	"whisper-base":           whisper("base", 74, whisperData, baseFigures),
	"whisper-base.en":        whisper("base.en", 74, whisperData, nil),
	"whisper-small":          whisper("small", 244, whisperData, nil),
	"whisper-small.en":       whisper("small.en", 244, whisperData, nil),
	"whisper-medium":         whisper("medium", 769, whisperData, nil),
	"whisper-medium.en":      whisper("medium.en", 769, whisperData, nil),
	"whisper-large-v3":       {"Whisper large-v3: encoder-decoder Transformer", 1550 * million, whisper3Data, whisperLarge2, nil},
	"whisper-large-v3-turbo": {"Whisper large-v3 with four of 32 decoder layers, trained further", 809 * million, whisper3Data, whisperLarge2, nil},
	"distil-small.en":        {"Distil-Whisper: encoder-decoder Transformer with four decoder layers", 166 * million, distilData, whisperLarge2, nil},
	"distil-medium.en":       {"Distil-Whisper: encoder-decoder Transformer with two decoder layers", 394 * million, distilData, whisperLarge2, nil},
	"distil-large-v3":        {"Distil-Whisper: encoder-decoder Transformer with two decoder layers", 756 * million, distilData, whisperLarge3, nil},
	"moonshine-tiny":         {"Moonshine: encoder-decoder Transformer over raw samples", 27 * million, moonshineData, nil, nil},
	"moonshine-base":         {"Moonshine: encoder-decoder Transformer over raw samples", 61 * million, moonshineData, nil, nil},
	"wav2vec2-base":          {"wav2vec 2.0: Transformer over raw samples, CTC of letters", 95 * million, []card.Source{libriSpeech}, nil, nil},
	"wav2vec2-large":         {"wav2vec 2.0: Transformer over raw samples, CTC of letters, self-training", 317 * million, []card.Source{libriLight, libriSpeech}, nil, nil},
	"hubert-large":           {"HuBERT: Transformer over raw samples, CTC of letters", 317 * million, []card.Source{libriLight, libriSpeech}, nil, nil},
	"s2t-small":              {"Speech2Text: encoder-decoder Transformer", 30 * million, []card.Source{libriSpeech}, nil, nil},
	"s2t-medium":             {"Speech2Text: encoder-decoder Transformer", 71 * million, []card.Source{libriSpeech}, nil, nil},
	"s2t-large":              {"Speech2Text: encoder-decoder Transformer", 268 * million, []card.Source{libriSpeech}, nil, nil},
}

func whisper(name string, millions int64, data []card.Source, figures []card.Figure) about {
	return about{"Whisper " + name + ": encoder-decoder Transformer", millions * million, data, nil, figures}
}

// Card tells what is known of a model beside its entry: what it is and learned from, as its authors say, and what was measured here. Of a
// repository that is not in the catalogue it tells the address.
func (m Model) Card() card.Card {
	base, bits := m.shape()
	a := known[base]
	c := card.Card{Name: m.Name, What: a.what, Parameters: a.parameters, License: m.License, Data: a.data, Teachers: a.teachers,
		Source: "https://huggingface.co/" + m.Repo, Languages: map[string]string{"en": "English", "many": "many"}[m.Speaks]}
	if base == m.Name {
		c.Figures = a.figures // not those of other bits
	}
	if bits != "" {
		c.What += ", stored in " + bits
	}
	return c
}

// shape is the name of the model that a file of whisper.cpp was made of, and the type of its matrices.
func (m Model) shape() (base, bits string) {
	name, ok := strings.CutPrefix(m.Name, "ggml-")
	if !ok {
		return m.Name, ""
	}
	bits = "f16"
	if i := strings.LastIndex(name, "-q"); i >= 0 {
		name, bits = name[:i], name[i+1:]
	}
	return "whisper-" + name, bits
}

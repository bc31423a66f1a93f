package tokenizer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// stage is any normalizer, pre-tokenizer or decoder of a tokenizer.json.
type stage struct {
	Type string `json:"type"`

	Normalizers   []json.RawMessage `json:"normalizers"`
	PreTokenizers []json.RawMessage `json:"pretokenizers"`
	Decoders      []json.RawMessage `json:"decoders"`

	AddPrefixSpace *bool   `json:"add_prefix_space"`
	UseRegex       *bool   `json:"use_regex"`
	Replacement    string  `json:"replacement"`
	PrependScheme  *string `json:"prepend_scheme"`
	Split          *bool   `json:"split"`

	Prepend string          `json:"prepend"`
	Content json.RawMessage `json:"content"`
	Pattern struct {
		String *string
		Regex  *string
	} `json:"pattern"`
	Start      int   `json:"start"`
	Stop       int   `json:"stop"`
	StripLeft  *bool `json:"strip_left"`
	StripRight *bool `json:"strip_right"`
}

// parseStage returns nil for null or nothing.
func parseStage(data json.RawMessage) (*stage, error) {
	if len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	s := new(stage)
	return s, json.Unmarshal(data, s)
}

// parseStages applies parse to each of list.
func parseStages[T any](list []json.RawMessage, parse func(json.RawMessage) (T, error)) ([]T, error) {
	stages := make([]T, len(list))
	for i, data := range list {
		if len(data) == 0 || string(data) == "null" {
			return nil, fmt.Errorf("null in a Sequence")
		}
		var err error
		if stages[i], err = parse(data); err != nil {
			return nil, err
		}
	}
	return stages, nil
}

func parseNormalizer(data json.RawMessage) (normalizer, error) {
	s, err := parseStage(data)
	if s == nil || err != nil {
		return nil, err
	}
	switch s.Type {
	case "Sequence":
		stages, err := parseStages(s.Normalizers, parseNormalizer)
		return normalizeAll(stages), err
	case "NFC":
		return norm.NFC.String, nil
	case "NFD":
		return norm.NFD.String, nil
	case "NFKC":
		return norm.NFKC.String, nil
	case "NFKD":
		return norm.NFKD.String, nil
	case "Lowercase":
		return strings.ToLower, nil
	case "Prepend":
		return prepend(s.Prepend), nil
	case "Replace":
		return s.replace()
	case "Strip":
		return s.strip(), nil
	}
	return nil, fmt.Errorf("type %q is not supported", s.Type)
}

// replace rewrites what a string or a regular expression matches.
func (s *stage) replace() (normalizer, error) {
	content, err := s.content()
	switch {
	case err != nil:
		return nil, err
	case s.Pattern.String != nil && *s.Pattern.String != "":
		return replaceString(*s.Pattern.String, content), nil
	case s.Pattern.Regex != nil:
		re, err := regexp.Compile(*s.Pattern.Regex)
		if err != nil {
			return nil, err
		}
		return func(text string) string { return re.ReplaceAllLiteralString(text, content) }, nil
	}
	return nil, fmt.Errorf("Replace without a pattern")
}

func (s *stage) content() (content string, err error) {
	return content, json.Unmarshal(s.Content, &content)
}

func (s *stage) strip() normalizer {
	return func(text string) string {
		if s.StripLeft == nil || *s.StripLeft {
			text = strings.TrimLeftFunc(text, unicode.IsSpace)
		}
		if s.StripRight == nil || *s.StripRight {
			text = strings.TrimRightFunc(text, unicode.IsSpace)
		}
		return text
	}
}

func parseSplitter(data json.RawMessage) (splitter, error) {
	s, err := parseStage(data)
	if s == nil || err != nil {
		return nil, err
	}
	switch s.Type {
	case "Sequence":
		stages, err := parseStages(s.PreTokenizers, parseSplitter)
		return splitAll(stages), err
	case "ByteLevel":
		return splitByteLevel(s.AddPrefixSpace == nil || *s.AddPrefixSpace, s.UseRegex == nil || *s.UseRegex), nil
	case "Metaspace":
		replacement, scheme, err := s.metaspace()
		return splitMetaspace(scheme, replacement, s.Split == nil || *s.Split), err
	case "WhitespaceSplit":
		return splitWhitespace, nil
	}
	return nil, fmt.Errorf("type %q is not supported", s.Type)
}

// metaspace returns the replacement of spaces and where one is put before the text: always, first or never.
func (s *stage) metaspace() (replacement, scheme string, err error) {
	replacement, scheme = s.Replacement, "always"
	if replacement == "" {
		replacement = metaspace
	}
	if s.PrependScheme != nil {
		scheme = *s.PrependScheme
	} else if s.AddPrefixSpace != nil && !*s.AddPrefixSpace { // files before prepend_scheme
		scheme = "never"
	}
	if scheme != "always" && scheme != "first" && scheme != "never" {
		err = fmt.Errorf("prepend_scheme %q is not supported", scheme)
	}
	return replacement, scheme, err
}

func parseDecoder(data json.RawMessage) (decoder, error) {
	s, err := parseStage(data)
	if s == nil || err != nil {
		return nil, err
	}
	switch s.Type {
	case "Sequence":
		stages, err := parseStages(s.Decoders, parseDecoder)
		return decodeAll(stages), err
	case "ByteLevel":
		return decodeByteLevel, nil
	case "Metaspace":
		replacement, scheme, err := s.metaspace()
		return decodeMetaspace(replacement, scheme != "never"), err
	case "ByteFallback":
		return decodeBytes, nil
	case "Fuse":
		return decodeFuse, nil
	case "Replace":
		content, err := s.content()
		if err != nil || s.Pattern.String == nil {
			return nil, fmt.Errorf("Replace wants a string pattern and content")
		}
		return decodeReplace(*s.Pattern.String, content), nil
	case "Strip":
		content, err := s.content()
		return decodeStrip(content, s.Start, s.Stop), err
	}
	return nil, fmt.Errorf("type %q is not supported", s.Type)
}

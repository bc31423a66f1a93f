package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// A scanner walks through JSON without decoding what nobody asks for: vocabularies are most of a tokenizer.json, and package json reads
// them several times over.
type scanner struct {
	data []byte
	at   int
}

// space skips white space and returns the byte behind it, 0 at the end.
func (s *scanner) space() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take wants c, and moves behind it.
func (s *scanner) take(c byte) error {
	if got := s.space(); got != c {
		return fmt.Errorf("JSON: want %q at byte %d, got %q", c, s.at, got)
	}
	s.at++
	return nil
}

// list calls item at each item between open and end, which must move behind it.
func (s *scanner) list(open, end byte, item func() error) error {
	if err := s.take(open); err != nil {
		return err
	}
	if s.space() == end {
		s.at++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if s.space() == end {
			s.at++
			return nil
		}
		if err := s.take(','); err != nil {
			return err
		}
	}
}

// object calls member for each key, at its value.
func (s *scanner) object(member func(key string) error) error {
	return s.list('{', '}', func() error {
		key, err := s.text()
		if err == nil {
			err = s.take(':')
		}
		if err == nil {
			err = member(key)
		}
		return err
	})
}

// quoted returns a string with its quotes.
func (s *scanner) quoted() ([]byte, error) {
	if err := s.take('"'); err != nil {
		return nil, err
	}
	start := s.at - 1
	for ; s.at < len(s.data); s.at++ {
		switch s.data[s.at] {
		case '"':
			s.at++
			return s.data[start:s.at], nil
		case '\\':
			s.at++
		}
	}
	s.at = len(s.data)
	return nil, fmt.Errorf("JSON: a string begins at byte %d and does not end", start)
}

// text returns a string.
func (s *scanner) text() (string, error) {
	raw, err := s.quoted()
	if err != nil {
		return "", err
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return lossy(string(inner)), nil
	}
	var text string
	err = json.Unmarshal(raw, &text)
	return text, err
}

// integer returns a whole number.
func (s *scanner) integer() (int, error) {
	s.space()
	start := s.at
	for s.at < len(s.data) && (s.data[s.at] == '-' || s.data[s.at] >= '0' && s.data[s.at] <= '9') {
		s.at++
	}
	return strconv.Atoi(string(s.data[start:s.at]))
}

// raw returns any value as it stands; only its brackets and strings are looked at.
func (s *scanner) raw() (json.RawMessage, error) {
	s.space()
	start, depth := s.at, 0
	for s.at < len(s.data) {
		switch c := s.data[s.at]; c {
		case '"':
			if _, err := s.quoted(); err != nil {
				return nil, err
			}
			continue
		case '{', '[':
			depth++
		case '}', ']', ',':
			if depth == 0 {
				return s.data[start:s.at], nil
			}
			if c != ',' {
				depth--
			}
		}
		s.at++
	}
	return nil, fmt.Errorf("JSON: a value begins at byte %d and does not end", start)
}

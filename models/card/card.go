package card

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// A Card describes one model.
type Card struct {
	Name       string   `json:"name"`       // as 'parley models info' knows it
	What       string   `json:"what"`       // in one line: task, kind of network, size
	Languages  string   `json:"languages"`  // "English", "99 languages"
	Parameters int64    `json:"parameters"` // numbers that were learned; 0 if it has none, or if that is unknown
	License    string   `json:"license"`    // SPDX identifier of the weights
	Files      []File   `json:"files,omitempty"`
	Data       []Source `json:"data"`     // what it was trained on or made from
	Teachers   []Source `json:"teachers"` // models whose output it learned from
	Figures    []Figure `json:"figures"`  // measured
	Recipe     string   `json:"recipe,omitempty"`
	Source     string   `json:"source,omitempty"` // address of one that is not part of Parley
}

// A File belongs to a model.
type File struct {
	Name  string `json:"name"` // beside the card
	Bytes int64  `json:"bytes"`
}

// A Source is what a model learned from.
type Source struct {
	Name    string `json:"name"`
	License string `json:"license"` // SPDX identifier, or in words
	Use     string `json:"use,omitempty"`
}

// A Figure is one measurement.
type Figure struct {
	Measure string `json:"measure"` // "word error rate"
	Value   string `json:"value"`   // "7.13 %"
	Set     string `json:"set"`     // of what data, how much
	Method  string `json:"method"`  // settings, reference, tool
	Date    string `json:"date"`    // 2026-11-21
}

// Parse reads a card in JSON. A key that it does not know, an empty field and a date that is none are errors.
func Parse(data []byte) (Card, error) {
	var c Card
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return c, fmt.Errorf("card: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return c, errors.New("card: text after the JSON object")
	}
	if err := c.check(); err != nil {
		return c, fmt.Errorf("card %q: %w", c.Name, err)
	}
	return c, nil
}

// Bytes is the size of all files.
func (c Card) Bytes() (n int64) {
	for _, f := range c.Files {
		n += f.Bytes
	}
	return n
}

func (c Card) check() error {
	if err := filled("card", c.Name, c.What, c.Languages, c.License, c.Recipe); err != nil {
		return err
	}
	if len(c.Files) == 0 || len(c.Data) == 0 || c.Teachers == nil || len(c.Figures) == 0 {
		return errors.New("want files, data, teachers ([] for none) and figures")
	}
	for _, f := range c.Files {
		if f.Name == "" || f.Bytes <= 0 {
			return fmt.Errorf("file %+v: want its name and bytes", f)
		}
	}
	for _, s := range append(c.Data[:len(c.Data):len(c.Data)], c.Teachers...) {
		if err := filled("source", s.Name, s.License); err != nil {
			return err
		}
	}
	for _, f := range c.Figures {
		if err := filled("figure", f.Measure, f.Value, f.Set, f.Method); err != nil {
			return err
		}
		if _, err := time.Parse(time.DateOnly, f.Date); err != nil {
			return fmt.Errorf("figure %s: %w", f.Measure, err)
		}
	}
	return nil
}

func filled(what string, fields ...string) error {
	for _, f := range fields {
		if f == "" {
			return fmt.Errorf("%s with an empty field: %q", what, fields)
		}
	}
	return nil
}

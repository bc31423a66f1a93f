package asr

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// An OptionError says that a field of Options is not what the model, or any model, can heed.
type OptionError struct {
	Field string // such as "Beam", or "Whisper.Patience"
	err   error
	has   []string // the fields that the family of models has, where it lacks this one
}

func (e *OptionError) Error() string {
	text := "asr: Options." + e.Field + " " + e.err.Error()
	if e.has != nil {
		text += "; it has " + strings.Join(e.has, ", ")
	}
	return text
}

// Reason is the error without the name of the field: "is -3, want 1 to 10000".
func (e *OptionError) Reason() string { return e.err.Error() }

func optionf(field, format string, args ...any) error {
	return &OptionError{Field: field, err: fmt.Errorf(format, args...)}
}

// only refuses fields that a family of models does not have.
func (o *Options) only(family string, fields ...string) error {
	if o == nil {
		return nil
	}
	v := reflect.ValueOf(*o)
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() && !slices.Contains(fields, f.Name) {
			return &OptionError{Field: f.Name, err: fmt.Errorf("is set, but %s has no such option", family), has: fields}
		}
	}
	return nil
}

// checkSegments checks the lengths of what the detector cuts.
func (o *Options) checkSegments() error {
	switch {
	case o.Silence < 80*time.Millisecond:
		return optionf("Silence", "is %v, want at least 80 ms", o.Silence)
	case o.MaxSegment < time.Second || o.MaxSegment > time.Minute:
		return optionf("MaxSegment", "is %v, want 1 s to 60 s", o.MaxSegment)
	}
	return nil
}

// Check returns the error that Stream and Transcribe would return for opt before they hear anything: an OptionError, or nil.
func (m *Model) Check(opt *Options) error { return m.engine.check(opt) }

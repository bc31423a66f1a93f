package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// number is a flag's value with an optional unit: 1.1x, +2st, -3dB.
type number struct {
	value    float64
	unit     string
	min, max float64
}

// Set parses s; the unit may be left out and written in any case.
func (n *number) Set(s string) error {
	digits := strings.TrimSpace(s)
	if k := len(digits) - len(n.unit); k > 0 && strings.EqualFold(digits[k:], n.unit) {
		digits = strings.TrimSpace(digits[:k])
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsNaN(v) || v < n.min || v > n.max {
		return fmt.Errorf("want %g%s to %g%s", n.min, n.unit, n.max, n.unit)
	}
	n.value = v
	return nil
}

func (n *number) String() string { return strconv.FormatFloat(n.value, 'g', -1, 64) + n.unit }

// Type is what the help calls the value.
func (n *number) Type() string { return "number" }

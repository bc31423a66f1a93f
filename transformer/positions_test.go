package transformer

import (
	"slices"
	"testing"
)

// TestPeriod: with a period, positions begin again, and before that they are those without one.
func TestPeriod(t *testing.T) {
	vectors := func(c Config, positions ...int) Mat {
		c.D = 8
		a, err := loadAbsolute(nil, c)
		if err != nil {
			t.Fatal(err)
		}
		x := NewMat(len(positions), c.D)
		a.add(x, positions)
		return x
	}
	for _, kind := range []Positions{Sinusoidal, SinusoidalHalves} {
		want := vectors(Config{Positions: kind}, 0, 5, 9, 0, 5)
		got := vectors(Config{Positions: kind, Period: 10}, 0, 5, 9, 10, 25)
		if !slices.Equal(got.Data, want.Data) {
			t.Errorf("%s: %v, want %v", kind, got.Data, want.Data)
		}
	}
}

package text

import (
	"slices"
	"strings"
	"testing"
)

func TestStreets(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"He lives on Main St. He is old.", "He lives on Main street. He is old."},
		{"Meet me on Main St.", "Meet me on Main street."},
		{"Main St. is closed, Wall St is not", "Main street is closed, Wall street is not"},
		{"from Elm St. to Oak St., then Park Ave.", "from Elm street to Oak street, then Park avenue."},
		{"Abbey Rd. and Sunset Blvd. We met on Penny Ln.", "Abbey road and Sunset boulevard. We met on Penny lane."},
		{"a shop on Rodeo Dr. It is open.", "a shop on Rodeo drive. It is open."},
		{"on West 42nd St. The end.", "on West forty second Street. The end."},
		{"12 Elm St. He left.", "twelve Elm Street. He left."},
		// saints and doctors
		{"St. John, St. Louis and Mount St. Helens", "saint John, saint Louis and Mount saint Helens"},
		{"Visit St. Paul. The St. Louis arch.", "Visit saint Paul. The saint Louis arch."},
		{"Dr. Smith met Dr. He and Dr. Who", "doctor Smith met doctor He and doctor Who"},
		{"Hello Dr. Smith", "Hello doctor Smith"},
		{"Mary St. Clair", "Mary saint Clair"},
	} {
		if got := Normalize(c.in); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
	}
}

func TestSentencesAfterStreets(t *testing.T) {
	for _, c := range []string{
		"He lives on Main St.|He is old.",
		"We met on Rodeo Dr.|“It was late.”",
		"It is on 42nd St.|The door is red.",
		"He was born in St. Louis.|We saw St. John on Main St. and Oak Ave.|They went.",
		"Ask Dr. Smith or Dr. He.|The St. Louis arch.",
		"Visit Mount St. Helens on Main St. John came.",
		"On Main St.",
	} {
		if got, want := split(strings.ReplaceAll(c, "|", " ")), strings.Split(c, "|"); !slices.Equal(got, want) {
			t.Errorf("%q:\n got %q", c, got)
		}
	}
}

package vad

import (
	_ "embed"

	"github.com/parley-go/parley/models/card"
)

//go:embed card.json
var cardFile []byte

// Card tells what the embedded detector is, its licence, what it learned from and how good it is.
func Card() card.Card {
	c, err := card.Parse(cardFile)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return c
}

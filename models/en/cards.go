package en

import (
	"embed"
	"io/fs"

	"github.com/parley-go/parley/models/card"
	"github.com/parley-go/parley/vad"
)

//go:embed recognizer/*card.json voice/*card.json
var cardFiles embed.FS

// Cards tells what the embedded models are, their licences, what they were made from and how good they are: recogniser, voice and what belongs
// to them, and the voice activity detector.
func Cards() []card.Card {
	var cards []card.Card
	for _, c := range parseCards() {
		cards = append(cards, c.Card)
	}
	return append(cards, vad.Card())
}

// place is a card and the folder that it is in.
type place struct {
	card.Card
	folder string
}

func parseCards() []place {
	var cards []place
	for _, folder := range []string{"recognizer", "voice"} {
		names, err := fs.Glob(cardFiles, folder+"/*card.json")
		if err != nil {
			panic(err) // the pattern is valid
		}
		for _, name := range names {
			data, err := cardFiles.ReadFile(name)
			if err != nil {
				panic(err) // the file is part of the program
			}
			c, err := card.Parse(data)
			if err != nil {
				panic(err)
			}
			cards = append(cards, place{c, folder})
		}
	}
	return cards
}

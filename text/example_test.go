package text_test

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/parley-go/parley/text"
)

func ExampleNormalize() {
	fmt.Println(text.Normalize("Dr. Ray paid $3.50 on Jan 5, 2024 at 3:45 pm — 10% off!"))
	// Output: doctor Ray paid three dollars and fifty cents on January fifth, twenty twenty four at three forty five PM— ten percent off!
}

func ExampleSentences() {
	for s := range text.Sentences("Mr. Jones left at 5 p.m. on Monday. Why? Nobody knows...") {
		fmt.Println(s.Offset, s.Text)
	}
	// Output:
	// 0 Mr. Jones left at 5 p.m. on Monday.
	// 36 Why?
	// 41 Nobody knows...
}

func ExampleFrontend_Phonemes() {
	front, err := text.Open(os.DirFS("../models/en/voice"), nil)
	if err != nil {
		log.Fatal(err)
	}
	u := front.Phonemes("The apple costs $5.")
	fmt.Println(u.Phonemes)
	for _, w := range u.Words[3:] {
		fmt.Println(w.Text, string([]rune(u.Phonemes)[w.From:w.To]))
	}
	// Output:
	// ði ˈæpᵊl kˈɔsts fˈIv dˈɑləɹz.
	// five fˈIv
	// dollars dˈɑləɹz
}

func ExampleReadLexicon() {
	words, err := text.ReadLexicon("names.tsv", strings.NewReader("Siobhan\tʃəˈvɔːn\n"))
	if err != nil {
		log.Fatal(err)
	}
	front, err := text.Open(os.DirFS("../models/en/voice"), &text.Options{Lexicon: words})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(front.Phonemes("Siobhan's here.").Phonemes)
	// Output: ʃəvˈɔnz hˈɪɹ.
}

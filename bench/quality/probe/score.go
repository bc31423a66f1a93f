package main

import (
	"context"
	"flag"

	"github.com/parley-go/parley/internal/wer"
)

// score counts the errors of hypotheses that another engine wrote.
func score(_ context.Context, args []string) error {
	f := flag.NewFlagSet("score", flag.ExitOnError)
	table := f.String("table", "", "table with the columns path, text and hypothesis")
	name := f.String("normalizer", "whisper", "what is done to both texts before they are compared")
	if err := f.Parse(args); err != nil {
		return err
	}
	rows, err := wer.ReadTable(*table, "path", "text", "hypothesis")
	if err != nil {
		return err
	}
	n, err := wer.NewNormalizer(*name)
	if err != nil {
		return err
	}
	var c wer.Counts
	for _, r := range rows {
		c.Add(n.Score(r["text"], r["hypothesis"]))
	}
	return printJSON(struct {
		Utterances int `json:"utterances"`
		wer.Counts
		WER float64 `json:"wer"`
	}{len(rows), c, c.Rate()})
}

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/cli/fetch"
	"github.com/parley-go/parley/models"
	"github.com/parley-go/parley/models/card"
	"github.com/parley-go/parley/models/en"
)

const infoHelp = `Info prints what a model is, its size and licence, what it learned from, and what was measured of it; nothing is loaded.

Without a name it tells about the models inside this program: recognizer, language-model, voice (or the name of one), pronunciation, vad.`

func infoCommand(std cli.Streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "info [MODEL...]", Short: "Print what a model is, its licence, data and figures", Long: infoHelp, ValidArgsFunction: completeAll,
		Example: "  parley models info\n  parley models info heart\n  parley models info whisper-base.en --json",
		RunE: func(_ *cobra.Command, names []string) error {
			list, err := infosOf(names)
			if err != nil {
				return err
			}
			for i, m := range list {
				if asJSON {
					err = writeJSON(std.Out, m)
				} else {
					err = m.write(std.Out, i > 0)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one object for each model")
	return cmd
}

// info is all that is known of a model.
type info struct {
	row
	Card card.Card `json:"card"`
}

// infosOf finds every model by its name; none means all that are embedded.
func infosOf(names []string) ([]info, error) {
	var list []info
	if len(names) == 0 {
		for _, c := range en.Cards() {
			list = append(list, embeddedInfo(c))
		}
		return list, nil
	}
	hub, err := models.FromEnv()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if c, ok := embedded(name); ok {
			list = append(list, embeddedInfo(c))
			continue
		}
		m, err := fetch.Find(name)
		if err != nil {
			return nil, err
		}
		path, err := hub.Path(m)
		if err != nil && !errors.Is(err, models.ErrAbsent) {
			return nil, err
		}
		i := info{newRow(m), m.Card()}
		i.Path = path
		list = append(list, i)
	}
	return list, nil
}

// embedded returns the card of a model inside the program. All voices have one card.
func embedded(name string) (card.Card, bool) {
	if slices.Contains(en.Voices(), name) {
		name = "voice"
	}
	cards := en.Cards()
	i := slices.IndexFunc(cards, func(c card.Card) bool { return c.Name == name })
	if i < 0 {
		return card.Card{}, false
	}
	return cards[i], true
}

func embeddedInfo(c card.Card) info {
	return info{row{Name: c.Name, License: c.License, Bytes: c.Bytes()}, c}
}

// write prints a table of keys and values, behind an empty line if another one came before.
func (m info) write(out io.Writer, further bool) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	if further {
		fmt.Fprintln(table)
	}
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(table, "%s\t%s\n", key, value)
		}
	}
	for _, l := range m.Card.Lines() {
		line(l.Key, l.Value)
	}
	line("file", m.File)
	line("family", m.Family)
	switch {
	case len(m.Card.Files) > 0:
		line("path", "inside the program")
	case m.Path == "":
		line("to load", "about "+cli.Bytes(m.Bytes))
	default:
		line("path", m.Path)
		writeFiles(table, m.Path)
	}
	return table.Flush()
}

// writeFiles lists a model on this machine, one file or a directory.
func writeFiles(table io.Writer, path string) {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		files, _ = filepath.Glob(filepath.Join(path, "*"))
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			fmt.Fprintf(table, "\t%s\t%s\n", filepath.Base(f), cli.Bytes(info.Size()))
		}
	}
}

// completeAll offers the embedded models and the catalogue to the shell.
func completeAll(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	names, directive := completeNames(cmd, args, start)
	for _, c := range en.Cards() {
		names = append(names, c.Name)
	}
	return append(names, en.Voices()...), directive
}

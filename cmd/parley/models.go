package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/cli/fetch"
	"github.com/parley-go/parley/models"
)

const modelsHelp = `Models finds, loads and removes published speech recognition models.

A MODEL is a name of the catalogue ('parley models list'), or any repository of the Hugging Face hub in the layout of
transformers: owner/name, or owner/name@revision. Models are kept where Python's huggingface_hub keeps them, and shared with it.

Environment: HF_HOME, HF_HUB_CACHE: where models are kept (default ~/.cache/huggingface). HF_ENDPOINT: a mirror to load from.
HF_TOKEN: a token for private models. HF_HUB_OFFLINE=1: never load. HTTPS_PROXY: a proxy.`

func modelsCommand(std cli.Streams) *cobra.Command {
	return cli.Group(&cobra.Command{
		Use: "models", DisableFlagsInUseLine: true,
		Short: "List, load and remove models",
		Long:  modelsHelp,
		Example: `  parley models list --here
  parley models pull whisper-base.en
  HF_ENDPOINT=https://hf-mirror.com parley models pull whisper-tiny
  parley models rm whisper-base.en`,
	}, listCommand(std), pullCommand(std), removeCommand(std), pathCommand(std), infoCommand(std))
}

func listCommand(std cli.Streams) *cobra.Command {
	var here, asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the models that have names, and those on this machine", Args: noArgs,
		Example: "  parley models list\n  parley models list --here --json",
		RunE: func(*cobra.Command, []string) error {
			hub, err := models.FromEnv()
			if err != nil {
				return err
			}
			rows, err := rowsOf(hub, here)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(std.Out, rows)
			}
			return writeRows(std.Out, rows)
		},
	}
	cmd.Flags().BoolVar(&here, "here", false, "only those on this machine")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// row is a line of the list.
type row struct {
	Name    string `json:"name"`
	Repo    string `json:"repository"`
	File    string `json:"file,omitempty"`
	Family  string `json:"family,omitempty"`
	Speaks  string `json:"languages,omitempty"`
	License string `json:"license,omitempty"`
	Bytes   int64  `json:"bytes"` // on disk, else about what there is to load
	Path    string `json:"path,omitempty"`
	Commit  string `json:"commit,omitempty"`
}

func newRow(m models.Model) row {
	r := row{Name: m.Name, Repo: m.Repo, Family: m.Family, Speaks: m.Speaks, License: m.License, Bytes: m.Size}
	if len(m.Files) == 1 {
		r.File = m.Files[0]
	}
	return r
}

// rowsOf lists the catalogue and, behind it, what else is on this machine.
func rowsOf(hub *models.Hub, here bool) ([]row, error) {
	installed, err := hub.List()
	if err != nil {
		return nil, err
	}
	at := map[string]models.Installed{}
	for _, i := range installed {
		at[i.Name] = i
	}
	var rows []row
	add := func(m models.Model) {
		r := newRow(m)
		if i, ok := at[m.Name]; ok {
			r.Path, r.Commit, r.Bytes = i.Path, i.Commit, i.Bytes
			delete(at, m.Name)
		} else if here {
			return
		}
		rows = append(rows, r)
	}
	for _, m := range models.Catalogue() {
		add(m)
	}
	for _, i := range installed {
		if _, left := at[i.Name]; left {
			add(i.Model)
		}
	}
	return rows, nil
}

func writeRows(out io.Writer, rows []row) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSIZE\tLANGUAGES\tLICENCE\tHERE")
	for _, r := range rows {
		here := ""
		if r.Path != "" {
			here = "yes"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Name, cli.Bytes(r.Bytes), r.Speaks, r.License, here)
	}
	return table.Flush()
}

func writeJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func pullCommand(std cli.Streams) *cobra.Command {
	var update bool
	cmd := &cobra.Command{
		Use: "pull MODEL...", Short: "Load models; print where they are", Args: someArgs, ValidArgsFunction: completeNames,
		Long: `Pull loads models that are not on this machine yet, and prints the directory or file of each.

Ctrl-C, a lost connection or a full disk leave what was loaded so far; the next pull goes on from there.`,
		Example: "  parley models pull whisper-base.en\n  parley models pull ggml-base-q5_1 moonshine-tiny\n  parley models pull someone/whisper-small-fine-tuned@refs/pr/1",
		RunE: func(cmd *cobra.Command, names []string) error {
			return each(names, func(hub *models.Hub, m models.Model) error {
				path, err := hub.Path(m)
				if err != nil || update {
					path, err = fetch.Pull(cmd.Context(), std, hub, m, nil)
				}
				if err == nil {
					_, err = fmt.Fprintln(std.Out, path)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&update, "update", false, "ask the server for a newer version of models that are here")
	return cmd
}

func removeCommand(std cli.Streams) *cobra.Command {
	return &cobra.Command{
		Use: "rm MODEL...", Short: "Remove models from this machine", Args: someArgs, ValidArgsFunction: completeNames,
		Example: "  parley models rm whisper-base.en",
		RunE: func(_ *cobra.Command, names []string) error {
			return each(names, func(hub *models.Hub, m models.Model) error {
				freed, err := hub.Remove(m)
				if err == nil {
					_, err = fmt.Fprintf(std.Out, "%s: %s freed\n", m.Name, cli.Bytes(freed))
				}
				return err
			})
		},
	}
}

func pathCommand(std cli.Streams) *cobra.Command {
	return &cobra.Command{
		Use: "path MODEL...", Short: "Print where models are", Args: someArgs, ValidArgsFunction: completeNames,
		Example: `  ls "$(parley models path whisper-base.en)"`,
		RunE: func(_ *cobra.Command, names []string) error {
			return each(names, func(hub *models.Hub, m models.Model) error {
				path, err := hub.Path(m)
				if err == nil {
					_, err = fmt.Fprintln(std.Out, path)
				}
				return err
			})
		},
	}
}

// each finds every model by its name before it does anything to the first.
func each(names []string, do func(*models.Hub, models.Model) error) error {
	hub, err := models.FromEnv()
	if err != nil {
		return err
	}
	list := make([]models.Model, len(names))
	for i, name := range names {
		if list[i], err = fetch.Find(name); err != nil {
			return err
		}
	}
	for _, m := range list {
		if err := do(hub, m); err != nil {
			return err
		}
	}
	return nil
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return cli.Usagef("'%s' takes no arguments, got %q", cmd.CommandPath(), args)
	}
	return nil
}

func someArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cli.Usagef("'%s' wants the name of a model; 'parley models list' shows them", cmd.CommandPath())
	}
	return nil
}

// completeNames offers the catalogue to the shell.
func completeNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, m := range models.Catalogue() {
		names = append(names, m.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

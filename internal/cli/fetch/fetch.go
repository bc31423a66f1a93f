// Package fetch finds, for the commands that run any model, what -m means, and loads published models with a progress bar. It is
// apart from package cli because it brings the network along.
package fetch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/models"
)

// Model returns the path of what -m says: a directory or file as it is, else the place of a model of that name. One that is not on this
// machine is loaded, once the person at the terminal agrees to size and source, or at once if yes is set; never unasked.
func Model(ctx context.Context, s cli.Streams, name string, yes bool) (string, error) {
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	if filepath.IsAbs(name) || strings.HasPrefix(name, ".") {
		return "", cli.Usagef("%s: no such directory or file", name)
	}
	m, err := Find(name)
	if err != nil {
		return "", err
	}
	hub, err := models.FromEnv()
	if err != nil {
		return "", err
	}
	path, err := hub.Path(m)
	if err == nil || !errors.Is(err, models.ErrAbsent) {
		return path, err
	}
	ask := func(what string) error { return agree(ctx, s, what) }
	if yes {
		ask = nil
	}
	return Pull(ctx, s, hub, m, ask)
}

// Find returns the model of a name; another name is a wrong argument.
func Find(name string) (models.Model, error) {
	m, err := models.Find(name)
	if err != nil {
		return m, cli.Usagef("%s", strings.TrimPrefix(err.Error(), "models: "))
	}
	return m, nil
}

// Pull loads a model with a progress bar. It says on standard error what it is going to load; ask, unless nil, may object.
func Pull(ctx context.Context, s cli.Streams, hub *models.Hub, m models.Model, ask func(what string) error) (string, error) {
	if ask != nil && !(s.InTTY && s.ErrTTY) {
		return "", fmt.Errorf("%s is not on this machine; 'parley models pull %s' loads it, and so does --yes", m.Name, m.Name)
	}
	progress := cli.NewProgress(s)
	defer progress.Clear()
	hub.Progress = func(p models.Progress) { progress.Update(share(p), told(p)) }
	plan, err := hub.Plan(ctx, m)
	if err != nil {
		return "", err
	}
	progress.Clear()
	if plan.Missing > 0 {
		what := fmt.Sprintf("%s, %s from %s (%s) into %s", m.Name, cli.Bytes(plan.Missing), plan.Source, source(m), hub.Dir)
		if ask != nil {
			if err := ask(what); err != nil {
				return "", err
			}
		} else {
			fmt.Fprintf(s.Err, "Loading %s\n", what)
		}
	}
	return hub.Pull(ctx, plan)
}

// source is the repository, and its licence where it is known.
func source(m models.Model) string {
	if m.License == "" {
		return m.Repo
	}
	return m.Repo + ", " + m.License
}

// agree asks the person at the terminal.
func agree(ctx context.Context, s cli.Streams, what string) error {
	fmt.Fprintf(s.Err, "Load %s? [Y/n] ", what)
	answer, err := bufio.NewReader(cli.Interruptible(ctx, s.In)).ReadString('\n')
	if ctx.Err() != nil {
		fmt.Fprintln(s.Err)
		return ctx.Err()
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	case "":
		if err == nil {
			return nil
		}
	}
	return errors.New("not loaded")
}

func share(p models.Progress) float64 {
	if p.Total == 0 {
		return -1
	}
	return float64(p.Done) / float64(p.Total)
}

func told(p models.Progress) string {
	if p.Note != "" {
		return p.Note
	}
	return fmt.Sprintf("%s, %s of %s", p.File, cli.Bytes(p.Done), cli.Bytes(p.Total))
}

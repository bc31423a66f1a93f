// Package cli is what Parley's commands share: how they end, what Ctrl-C does, what a terminal shows.
//
// The rules: standard output carries the result and nothing else, standard error everything said to a person;
// a progress bar appears only on a terminal and only when the work lasts.
//
// Reading order: run.go (from the arguments to the exit code), interrupt.go (Ctrl-C), terminal.go and input.go (the three streams),
// live.go (a line redrawn in place), progress.go, model.go (what -m means; loading a model), group.go (commands of commands).
package cli

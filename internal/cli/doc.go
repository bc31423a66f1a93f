// Package cli is what Parley's commands share: how they end, what Ctrl-C does, what a terminal shows.
//
// The rules: standard output carries the result and nothing else, standard error everything said to a person;
// a progress bar appears only on a terminal and only when the work lasts.
//
// Reading order: run.go (from the arguments to the exit code), interrupt.go (Ctrl-C), terminal.go, input.go and output.go (the three streams),
// live.go (a line redrawn in place), progress.go, bytes.go, group.go (commands of commands). What -m means is in
// package fetch below, so that a command without it links no network.
package cli

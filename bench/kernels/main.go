// Command kernels measures the kernels of the engine at the shapes of real models, and how far each is from the roof: the
// arithmetic and the reads that the processor can do at most, measured beside them.
//
//	go run ./bench/kernels                          every operation, tier and precision on 1 and 2 threads
//	go run ./bench/kernels -group gemm -tier avx2   a part of it
//	go run ./bench/kernels -json out.json           the same as data
//
// A tier is fixed when a process starts, so the command starts itself once per tier with -serve: such a child reads tasks
// as lines of JSON and answers each with a line. bench/run.py uses the same protocol to set the peers beside it.
//
// Read shapes.go (what is measured), ops.go (one operation), roof.go, serve.go (a child), then this file (the table).
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parley-go/parley/internal/cpu"
)

func main() {
	var c config
	serving := flag.Bool("serve", false, "answer tasks on standard input")
	list := flag.Bool("list", false, "print the operations as JSON and stop")
	roof := flag.Bool("roof", false, "print what the processor can do at most as JSON and stop")
	flag.StringVar(&c.group, "group", "", "only this group of operations; see -list")
	flag.StringVar(&c.tiers, "tier", "", "only these tiers, separated by commas: values of PARLEY_CPU; without it, all of this machine")
	flag.StringVar(&c.precisions, "precision", "f32,bf16,int8", "precisions")
	flag.StringVar(&c.json, "json", "", "also write the results to this file")
	flag.Parse()
	var err error
	switch {
	case *serving:
		err = serve(os.Stdin, os.Stdout)
	case *list:
		err = json.NewEncoder(os.Stdout).Encode(shapes)
	case *roof:
		err = json.NewEncoder(os.Stdout).Encode(measureRoof())
	default:
		err = c.run(os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "kernels:", err)
		os.Exit(1)
	}
}

type config struct{ group, tiers, precisions, json string }

// result is a line of the table.
type result struct {
	Tier string `json:"tier"`
	Task
	Answer
}

// run measures everything and prints a table.
func (c config) run(out io.Writer) error {
	tiers := strings.Split(c.tiers, ",")
	if c.tiers == "" {
		tiers = allTiers()
	}
	var results []result
	fmt.Fprintf(out, "%-10s %-28s %-34s %-9s %-5s %7s %10s %8s %8s %6s\n", "group", "of", "shape", "tier", "", "threads", "µs", "Gop/s", "of roof", "bound")
	for _, tier := range tiers {
		child, err := start(tier)
		if err != nil {
			return err
		}
		for _, s := range shapes {
			if c.group != "" && s.Group != c.group {
				continue
			}
			for _, precision := range strings.Split(c.precisions, ",") {
				if !s.has(precision) {
					continue
				}
				for threads := 1; threads <= 2; threads++ {
					task := Task{s, precision, threads}
					a, err := child.ask(task)
					if err != nil {
						return fmt.Errorf("%s: %v: %w", tier, task, err)
					}
					results = append(results, result{tier, task, a})
					fmt.Fprintf(out, "%-10s %-28s %-34s %-9s %-5s %7d %10.1f %8.1f %7.0f%% %6s\n",
						s.Group, s.Of, s.text(), tier, precision, threads, a.Median, s.Ops/a.Median/1e3, 100*a.Roof/a.Median, a.Bound)
				}
			}
		}
		if err := child.stop(); err != nil {
			return err
		}
	}
	if c.json == "" {
		return nil
	}
	data, err := json.MarshalIndent(results, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(c.json, data, 0o644)
}

// allTiers are the tiers of this machine, and AVX2 without its dot product where it has that.
func allTiers() []string {
	var names []string
	for _, t := range cpu.Tiers() {
		if t == cpu.Generic {
			continue // the specification, not meant to be fast
		}
		names = append(names, t.String())
		if t == cpu.AVX2 && cpu.Has(t).AVXVNNI {
			names = append(names, "avx2-novnni")
		}
	}
	return names
}

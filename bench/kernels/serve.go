package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"time"

	"github.com/parley-go/parley/internal/cpu"
)

// Answer is what a child says about a task.
type Answer struct {
	Runs   []float64 `json:"us,omitempty"`     // microseconds of each run
	Median float64   `json:"median,omitempty"` // of them
	Roof   float64   `json:"roof,omitempty"`   // microseconds at the roof, or 0 if it is not known
	Bound  string    `json:"bound,omitempty"`  // what sets the roof
	Error  string    `json:"error,omitempty"`
}

const (
	runs   = 7
	runFor = 10 * time.Millisecond // a run repeats the operation for at least so long
)

// serve answers tasks, one JSON value each, until in ends.
func serve(in io.Reader, out io.Writer) error {
	r := roofs{map[rateKey]float64{}, map[readKey]float64{}}
	for d := json.NewDecoder(in); ; {
		var t Task
		if err := d.Decode(&t); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := json.NewEncoder(out).Encode(r.answer(t)); err != nil {
			return err
		}
	}
}

func (r *roofs) answer(t Task) Answer {
	runtime.GOMAXPROCS(t.Threads)
	runtime.GC()
	op, err := prepare(t)
	if err != nil {
		return Answer{Error: err.Error()}
	}
	a := Answer{Runs: measure(op)}
	a.Median = median(a.Runs)
	a.Roof, a.Bound = r.roof(t)
	return a
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// measure returns the microseconds that op takes in each of several runs.
func measure(op func()) []float64 {
	begin := time.Now()
	op()
	op()
	inner := max(1, int(2*runFor/max(time.Since(begin), 1)))
	each := make([]float64, runs)
	for i := range each {
		begin := time.Now()
		for range inner {
			op()
		}
		each[i] = float64(time.Since(begin).Nanoseconds()) / 1e3 / float64(inner)
	}
	return each
}

// child is a process of this program that answers tasks.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

// start runs this program on a tier, which is a value of PARLEY_CPU.
func start(tier string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(self, "-serve")}
	c.cmd.Env = append(os.Environ(), cpu.Env+"="+tier)
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = json.NewDecoder(bufio.NewReader(out))
	return c, c.cmd.Start()
}

func (c *child) ask(t Task) (Answer, error) {
	var a Answer
	if err := json.NewEncoder(c.in).Encode(t); err != nil {
		return a, err
	}
	if err := c.out.Decode(&a); err != nil {
		return a, err
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s", a.Error)
	}
	return a, nil
}

func (c *child) stop() error {
	if err := c.in.Close(); err != nil {
		return err
	}
	return c.cmd.Wait()
}

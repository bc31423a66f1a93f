package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/cli/fetch"
	"github.com/parley-go/parley/internal/cpu"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/internal/whisper"
)

const speedHelp = `Model measures how fast a Whisper model is here, and how much memory it needs: medians of several runs of each stage of a
window. The text has a fixed length, because its end is never written, so that a model of any weights, random ones too, can be
measured. encoder_ms includes the keys and values that the decoder takes from the encoder; prompt_ms includes the first token.

Close other programs, and compare only figures of the same machine, taken one after the other.`

// speedJob is one run of parley bench model: what the flags say.
type speedJob struct {
	cli.Streams
	model       string
	precision   string
	threads     int
	asJSON, yes bool
	whisper.SpeedOptions
}

func speedCommand(std cli.Streams) *cobra.Command {
	j := &speedJob{Streams: std}
	cmd := &cobra.Command{
		Use: "model MODEL", Short: "Measure speed and memory of a Whisper model", Long: speedHelp, Args: someArgs, DisableFlagsInUseLine: true,
		Example: `  parley bench model whisper-base.en
  parley bench model DIR --seconds 30 --tokens 100 --beam 5 --threads 2 --precision int8 --json
  PARLEY_CPU=avx2 parley bench model ggml-base-q5_1.bin`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return cli.Usagef("'%s' measures one model, got %q", cmd.CommandPath(), args)
			}
			j.model = args[0]
			return j.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.IntVar(&j.Seconds, "seconds", 30, "of sound")
	f.IntVar(&j.Tokens, "tokens", 100, "written")
	f.IntVar(&j.Beam, "beam", 5, "hypotheses of the beam")
	f.IntVar(&j.Runs, "runs", 5, "of each stage")
	f.IntVar(&j.threads, "threads", 0, "processor cores to use (default: all)")
	f.StringVar(&j.precision, "precision", "", "how weights are kept, a `kind` of: f32, bf16, int8 (default bf16; of quantised files int8)")
	f.BoolVar(&j.asJSON, "json", false, "print JSON")
	f.BoolVar(&j.yes, "yes", false, "load a model that is not on this machine without asking")
	return cmd
}

// speedReport is what parley bench model --json prints.
type speedReport struct {
	Model     string  `json:"model"`
	Precision string  `json:"precision"`
	Threads   int     `json:"threads"`
	Seconds   int     `json:"seconds"`
	Tokens    int     `json:"tokens"`
	Beam      int     `json:"beam"`
	Runs      int     `json:"runs"`
	Load      float64 `json:"load_ms"`
	whisper.Speed
	PeakRSS float64 `json:"peak_rss_mb"` // in 2^20 bytes
	CPUTier string  `json:"cpu_tier"`
	CPU     string  `json:"cpu"`
	Version string  `json:"version"`
}

func (j *speedJob) run(ctx context.Context) error {
	switch {
	case j.Beam < 1 || j.Beam > 100:
		return cli.Usagef("--beam %d; want 1 to 100", j.Beam)
	case j.Runs < 1:
		return cli.Usagef("--runs %d; want at least 1", j.Runs)
	case j.threads < 0:
		return cli.Usagef("--threads %d; want at least 1", j.threads)
	case j.threads > 0:
		runtime.GOMAXPROCS(j.threads) // of the whole program: also what is not the model
	}
	path, err := fetch.Model(ctx, j.Streams, j.model, j.yes)
	if err != nil {
		return err
	}
	m, load, precision, err := j.load(path)
	if err != nil {
		return err
	}
	s, err := m.Speed(ctx, j.SpeedOptions)
	if err != nil {
		return err
	}
	r := speedReport{Model: j.model, Precision: precision.String(), Threads: runtime.GOMAXPROCS(0), Seconds: j.Seconds, Tokens: j.Tokens, Beam: j.Beam,
		Runs: j.Runs, Load: load, Speed: s, PeakRSS: float64(peakMemory()) / (1 << 20), CPUTier: cpu.Current().String(), CPU: cpuName(), Version: cli.Version()}
	r.round()
	if j.asJSON {
		return writeJSON(j.Out, r)
	}
	return j.print(&r)
}

// load opens the model several times and returns the median of the milliseconds that takes; the file is in the system's cache then.
func (j *speedJob) load(path string) (m *whisper.Model, ms float64, p kernel.Precision, err error) {
	times := make([]float64, j.Runs)
	for i := range times {
		m = nil
		debug.FreeOSMemory() // so that two of them are never in memory
		start := time.Now()
		if m, p, err = j.open(path); err != nil {
			return nil, 0, p, err
		}
		times[i] = float64(time.Since(start).Nanoseconds()) / 1e6
	}
	slices.Sort(times)
	return m, times[len(times)/2], p, nil
}

// open opens a directory of Hugging Face or a ggml file.
func (j *speedJob) open(path string) (*whisper.Model, kernel.Precision, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.IsDir() {
		return j.openGGML(path)
	}
	if !whisper.Is(os.DirFS(path)) {
		return nil, 0, fmt.Errorf("%s holds no Whisper model, which is the only kind that this measures", path)
	}
	dir, err := weights.OpenDir(path)
	if err != nil {
		return nil, 0, err
	}
	defer dir.Close()
	l, err := weights.Configure(dir, j.precision, j.threads, kernel.BF16)
	if err != nil {
		return nil, 0, cli.Usagef("--precision: %w", err)
	}
	m, err := whisper.Open(os.DirFS(path), l)
	return m, l.Precision(), err
}

func (j *speedJob) openGGML(path string) (*whisper.Model, kernel.Precision, error) {
	g, err := weights.OpenGGML(path)
	if err != nil {
		return nil, 0, err
	}
	defer g.Close()
	usual := kernel.Int8
	if g.Shape.Kind == "F32" || g.Shape.Kind == "F16" {
		usual = kernel.BF16
	}
	l, err := weights.Configure(g, j.precision, j.threads, usual)
	if err != nil {
		return nil, 0, cli.Usagef("--precision: %w", err)
	}
	m, err := whisper.FromGGML(g, l)
	return m, l.Precision(), err
}

// round drops digits that mean nothing.
func (r *speedReport) round() {
	for _, v := range []*float64{&r.Load, &r.Mel, &r.Encoder, &r.Prompt, &r.Token, &r.Step, &r.Total, &r.PeakRSS} {
		*v = math.Round(*v*1000) / 1000
	}
}

func (j *speedJob) print(r *speedReport) error {
	fmt.Fprintf(j.Out, "%s, %s, %d threads, tier %s, %s\n", r.Model, r.Precision, r.Threads, r.CPUTier, r.CPU)
	table := tabwriter.NewWriter(j.Out, 0, 8, 2, ' ', tabwriter.AlignRight)
	for _, line := range []struct {
		what  string
		value float64
		unit  string
	}{
		{"load", r.Load, "ms"}, {"mel", r.Mel, "ms"}, {"encoder", r.Encoder, "ms"}, {"prompt", r.Prompt, "ms"},
		{"token", r.Token, "ms"}, {fmt.Sprintf("step of beam %d", r.Beam), r.Step, "ms"},
		{fmt.Sprintf("%d s, %d tokens", r.Seconds, r.Tokens), r.Total, "ms"}, {"peak memory", r.PeakRSS, "MB"},
	} {
		fmt.Fprintf(table, "%s\t%.1f\t%s\t\n", line.what, line.value, line.unit)
	}
	return table.Flush()
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes. A command killed by SIGPIPE, because nobody reads its output any more, says nothing.
const (
	ExitOK          = 0
	ExitError       = 1   // the work failed
	ExitUsage       = 2   // the arguments make no sense
	ExitInterrupted = 130 // Ctrl-C or SIGTERM
)

// ExitHelp is the paragraph on exit codes for a command's help.
const ExitHelp = `Exit codes: 0 done, 1 failed, 2 wrong arguments, 130 interrupted.`

// usageError is an error in the arguments.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// Usagef makes an error that ends the command with ExitUsage and points to its help.
func Usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Main runs cmd on the arguments of the process until it ends or is interrupted, and returns the exit code.
func Main(cmd *cobra.Command) int {
	ctx, stop := withInterrupts(context.Background())
	defer stop()
	return Run(ctx, cmd, os.Args[1:], os.Stderr)
}

// Run runs cmd on args and reports its error on stderr. It returns the exit code.
func Run(ctx context.Context, cmd *cobra.Command, args []string, stderr io.Writer) int {
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.CompletionOptions.DisableDefaultCmd = true // a subcommand would swallow a first word; see AddCompletion
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	cmd.SetArgs(args)
	ran, err := cmd.ExecuteContextC(ctx)
	var usage usageError
	switch {
	case err == nil:
		return ExitOK
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return ExitInterrupted
	case errors.Is(err, syscall.EPIPE):
		return ExitError // as quiet as SIGPIPE
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "%s: %v\nTry '%s --help'.\n", cmd.Name(), err, ran.CommandPath())
		return ExitUsage
	}
	fmt.Fprintf(stderr, "%s: %v\n", cmd.Name(), err)
	return ExitError
}

// AddCompletion gives cmd a flag that prints a completion script. It is a flag, not a subcommand, because any word may
// be meant as an argument. The caller asks PrintCompletion first of all.
func AddCompletion(cmd *cobra.Command) {
	cmd.Flags().String("completion", "", "print the completion script for `shell`: bash, zsh, fish or powershell")
	_ = cmd.RegisterFlagCompletionFunc("completion", cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp))
}

var shells = []string{"bash", "zsh", "fish", "powershell"}

// PrintCompletion prints the script if the flag asks for it, and tells whether it did.
func PrintCompletion(cmd *cobra.Command, out io.Writer) (bool, error) {
	switch shell, _ := cmd.Flags().GetString("completion"); shell {
	case "":
		return false, nil
	case "bash":
		return true, cmd.GenBashCompletionV2(out, true)
	case "zsh":
		return true, cmd.GenZshCompletion(out)
	case "fish":
		return true, cmd.GenFishCompletion(out, true)
	case "powershell":
		return true, cmd.GenPowerShellCompletionWithDesc(out)
	default:
		return true, Usagef("--completion %s; want one of %v", shell, shells)
	}
}

// Version is what the build recorded: a release, or the commit it was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return version(info)
}

func version(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	rev, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			rev = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if rev == "" {
		return "devel"
	}
	return "devel-" + rev + dirty
}

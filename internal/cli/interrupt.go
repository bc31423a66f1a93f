package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interrupts decides what Ctrl-C does: the first one what the command asked for with OnInterrupt, if it did; the next
// cancels the context; one more kills the process as if nobody had listened.
type interrupts struct {
	mu     sync.Mutex
	gentle func()
	cancel context.CancelFunc
}

type interruptsKey struct{}

// withInterrupts gives a context that Ctrl-C and SIGTERM cancel.
func withInterrupts(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	in := &interrupts{cancel: cancel}
	ctx = context.WithValue(ctx, interruptsKey{}, in)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for range signals {
			if !in.interrupt() {
				signal.Stop(signals)
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}

// interrupt acts on one signal and tells whether the next one should come here too.
func (in *interrupts) interrupt() bool {
	in.mu.Lock()
	gentle := in.gentle
	in.gentle = nil
	in.mu.Unlock()
	if gentle == nil {
		in.cancel()
		return false
	}
	gentle()
	return true
}

// OnInterrupt has the first Ctrl-C call f instead of cancelling ctx, which must come from Main.
func OnInterrupt(ctx context.Context, f func()) {
	if in, ok := ctx.Value(interruptsKey{}).(*interrupts); ok {
		in.mu.Lock()
		in.gentle = f
		in.mu.Unlock()
	}
}

package models

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	attempts  = 6 // in a row without progress
	firstWait = time.Second
	maxWait   = 5 * time.Minute // a server that asks for more is not waited for
)

// temporary is an error that may go away.
type temporary struct {
	error
	after time.Duration // as the server asks, 0: it did not
}

func (t temporary) Unwrap() error { return t.error }

// passing marks an error of the connection as temporary: one that was cut, refused or too slow. A host that is not known, a wrong
// certificate, redirects in a circle and a cancelled context stay as they are.
func passing(err error) error {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("%w: is there a network, and is HF_ENDPOINT right?", err)
	case errors.As(err, &cert) || errors.Is(err, errRedirects):
		return err
	}
	return temporary{error: err}
}

// errMoved says that an attempt failed but got further than the one before.
type errMoved struct{ error }

func (e errMoved) Unwrap() error { return e.error }

// retry calls f until it succeeds, fails for good, or has failed too often without getting further. It waits twice as long each time,
// or as long as the server asks.
func (h *Hub) retry(ctx context.Context, note func(string), f func(ctx context.Context) error) error {
	wait := firstWait
	for failed := 1; ; failed++ {
		err := f(ctx)
		if ctx.Err() != nil && err != nil {
			return ctx.Err()
		}
		var moved errMoved
		if errors.As(err, &moved) {
			failed, wait = 1, firstWait
		}
		var t temporary
		if !errors.As(err, &t) {
			return err
		}
		if t.after > maxWait {
			return fmt.Errorf("%w, and asks to wait %v; try again then", err, t.after.Round(time.Second))
		}
		if failed >= attempts {
			return fmt.Errorf("%w; given up after %d attempts, try again later", err, failed)
		}
		d := t.after
		if d == 0 {
			d = wait + time.Duration(rand.Int64N(int64(wait)/4)) // so that many clients do not come back at once
			wait *= 2
		}
		note(fmt.Sprintf("waiting %v: %v", d.Round(100*time.Millisecond), err))
		if err := h.sleep(ctx, d); err != nil {
			return err
		}
		note("")
	}
}

func (h *Hub) sleep(ctx context.Context, d time.Duration) error {
	if h.wait != nil {
		return h.wait(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retryAfter reads Retry-After: seconds or a date (RFC 9110, section 10.2.3).
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if n, err := strconv.Atoi(value); err == nil && n > 0 {
		return time.Duration(min(n, 1<<30)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

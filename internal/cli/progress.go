package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	progressAfter = time.Second // shorter work shows no bar
	progressEvery = 100 * time.Millisecond
)

// Progress is a bar on a terminal that appears once work has lasted for a second. A nil Progress shows nothing.
type Progress struct {
	live *Live

	mu    sync.Mutex
	start time.Time
	next  time.Time // nothing is drawn before
	now   func() time.Time
}

// NewProgress starts the clock of a bar on standard error; nil where that is no terminal.
func NewProgress(s Streams) *Progress {
	if !s.ErrTTY {
		return nil
	}
	return newProgress(NewLive(s.Err, s.Columns), time.Now)
}

func newProgress(live *Live, now func() time.Time) *Progress {
	start := now()
	return &Progress{live: live, start: start, next: start.Add(progressAfter), now: now}
}

// Update shows how far the work is: done of 1 (negative if nobody knows) and a note such as "12 s of sound".
func (p *Progress) Update(done float64, note string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(progressEvery)
	_ = p.live.Draw(bar(done, now.Sub(p.start), note)) // a bar that cannot be drawn is no reason to stop
}

// Clear takes the bar away, for other output or at the end.
func (p *Progress) Clear() {
	if p != nil {
		_ = p.live.Clear()
	}
}

// bar draws a progress line.
func bar(done float64, elapsed time.Duration, note string) string {
	clock := elapsed.Round(time.Second).String()
	if done < 0 {
		return fmt.Sprintf("%s, %s", note, clock)
	}
	const cells = 24
	done = min(done, 1)
	full := int(done * cells)
	return fmt.Sprintf("[%s%s] %3.0f%%  %s, %s", strings.Repeat("#", full), strings.Repeat(".", cells-full), 100*done, note, clock)
}

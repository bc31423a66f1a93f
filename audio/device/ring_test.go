package device

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"
)

// count gives n samples from, from+1, ...
func count(from, n int) []float32 {
	p := make([]float32, n)
	for i := range p {
		p[i] = float32(from + i)
	}
	return p
}

func TestRingKeepsOrderAcrossItsEnd(t *testing.T) {
	r := newRing(7)
	var got []float32
	buf := make([]float32, 5)
	for i := range 20 {
		r.push(count(3*i, 3))
		n, err := r.read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, buf[:n]...)
	}
	if !slices.Equal(got, count(0, 60)) {
		t.Errorf("read %v", got)
	}
	if r.dropped() != 0 {
		t.Errorf("dropped %d", r.dropped())
	}
}

func TestRingDropsTheOldest(t *testing.T) {
	r := newRing(10)
	r.push(count(0, 8))
	r.push(count(8, 8))
	r.push(count(16, 25))
	buf := make([]float32, 64)
	n, err := r.read(buf)
	if err != nil || !slices.Equal(buf[:n], count(31, 10)) {
		t.Errorf("read %v, %v; want the newest 10", buf[:n], err)
	}
	if r.dropped() != 31 {
		t.Errorf("dropped %d, want 31", r.dropped())
	}
}

func TestRingStop(t *testing.T) {
	buf := make([]float32, 4)
	r := newRing(10)
	r.push(count(0, 6))
	r.stop(io.EOF, false)
	r.push(count(6, 2))
	for _, want := range []int{4, 2} {
		if n, err := r.read(buf); n != want || err != nil {
			t.Errorf("read %d, %v; want %d", n, err, want)
		}
	}
	if n, err := r.read(buf); n != 0 || err != io.EOF {
		t.Errorf("read %d, %v after the end", n, err)
	}
	r = newRing(10)
	r.push(count(0, 6))
	r.stop(io.EOF, false)
	r.stop(context.Canceled, true)
	if n, err := r.read(buf); n != 0 || err != context.Canceled {
		t.Errorf("read %d, %v after discarding", n, err)
	}
}

func TestRingWaiters(t *testing.T) {
	r := newRing(4)
	done := make(chan error, 1)
	go func() {
		_, err := r.read(make([]float32, 1))
		done <- err
	}()
	time.Sleep(10 * time.Millisecond)
	r.push(count(0, 1))
	if err := wait(t, done); err != nil {
		t.Error(err)
	}
	go func() {
		_, err := r.write(count(0, 50))
		done <- err
	}()
	buf := make([]float32, 3)
	for got := 0; got < 50; {
		n := r.pull(buf)
		if !slices.Equal(buf[:n], count(got, n)) {
			t.Fatalf("pulled %v at %d", buf[:n], got)
		}
		got += n
	}
	if err := wait(t, done); err != nil {
		t.Error(err)
	}
	go func() {
		_, err := r.write(count(0, 50))
		done <- err
	}()
	time.Sleep(10 * time.Millisecond)
	r.stop(context.Canceled, true)
	if err := wait(t, done); !errors.Is(err, context.Canceled) {
		t.Errorf("write returned %v", err)
	}
}

func wait(t *testing.T, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(5 * time.Second):
		t.Fatal("still waiting")
		return nil
	}
}

func TestPick(t *testing.T) {
	all := []Info{
		{Name: "a", Description: "Built-in Audio", Input: true},
		{Name: "b", Description: "USB Audio", Input: true},
		{Name: "c", Description: "Headset", Output: true},
	}
	input := func(d Info) bool { return d.Input }
	for name, want := range map[string]string{"a": "a", "usb": "b", "USB Audio": "b", "built-in audio": "a"} {
		if d, err := pick(all, name, input); err != nil || d.Name != want {
			t.Errorf("pick(%q) = %q, %v", name, d.Name, err)
		}
	}
	for _, name := range []string{"Audio", "Headset", "nothing"} {
		if d, err := pick(all, name, input); !errors.Is(err, ErrNoDevice) {
			t.Errorf("pick(%q) = %q, %v", name, d.Name, err)
		}
	}
	if _, err := pick(nil, "x", input); !errors.Is(err, ErrNoDevice) {
		t.Errorf("pick of nothing: %v", err)
	}
}

func TestPlayerRejectsRate(t *testing.T) {
	for _, rate := range []int{0, -1, 1 << 30} {
		if _, err := Player(t.Context(), rate, nil); err == nil {
			t.Errorf("rate %d accepted", rate)
		}
	}
}

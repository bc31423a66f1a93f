//go:build linux && !portaudio

package device

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestPulseServers(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	cases := []struct {
		env  map[string]string
		want []string
	}{
		{map[string]string{"XDG_RUNTIME_DIR": "/run/u"}, []string{"unix:/run/u/pulse/native", "unix:/run/pulse/native"}},
		{
			map[string]string{"PULSE_RUNTIME_PATH": "/p", "XDG_RUNTIME_DIR": "/u"},
			[]string{"unix:/p/native", "unix:/u/pulse/native", "unix:/run/pulse/native"},
		},
		{map[string]string{"PULSE_SERVER": "unix:/a /b"}, []string{"unix:/a", "unix:/b"}},
		{
			map[string]string{"PULSE_SERVER": "{" + host + "}unix:/a {elsewhere}unix:/b {broken"},
			[]string{"unix:/a"},
		},
		{
			map[string]string{"PULSE_SERVER": "box box:99 tcp:h tcp4:h:1 tcp6:[::1]"},
			[]string{"tcp:box:4713", "tcp:box:99", "tcp:h:4713", "tcp4:h:1", "tcp6:[::1]:4713"},
		},
	}
	for _, c := range cases {
		got := pulseServers(func(k string) string { return c.env[k] })
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.env, got, c.want)
		}
	}
}

func TestPulseCookie(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cookie")
	want := slices.Repeat([]byte{7}, 256)
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"PULSE_COOKIE": path}
	if got := pulseCookie(func(k string) string { return env[k] }); !slices.Equal(got, want) {
		t.Errorf("cookie %v", got)
	}
	if got := pulseCookie(func(string) string { return "/nowhere" }); !slices.Equal(got, make([]byte, 256)) {
		t.Errorf("cookie without a file: %v", got)
	}
}

func TestNoServer(t *testing.T) {
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(t.TempDir(), "none"))
	if _, err := Microphone(t.Context(), nil); !errors.Is(err, ErrNoServer) {
		t.Errorf("microphone: %v", err)
	}
	if _, err := Player(t.Context(), 24000, nil); !errors.Is(err, ErrNoServer) {
		t.Errorf("player: %v", err)
	}
	if _, err := List(t.Context()); !errors.Is(err, ErrNoServer) {
		t.Errorf("list: %v", err)
	}
}

// A server that accepts and says nothing, then one that hangs up.
func TestDeafServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deaf")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conns := make(chan net.Conn, 4)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns <- c
		}
	}()
	t.Setenv("PULSE_SERVER", "unix:"+path)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := Microphone(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deaf server: %v", err)
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("gave up after %v", d)
	}
	(<-conns).Close()
	go func() { (<-conns).Close() }()
	if _, err := List(t.Context()); !errors.Is(err, ErrNoServer) {
		t.Errorf("server that hangs up: %v", err)
	}
}

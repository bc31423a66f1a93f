//go:build linux && !portaudio

package device

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// connectTimeout bounds how long a server may take to greet us.
const connectTimeout = 5 * time.Second

// pulseConn is a connection to a PulseAudio server (or PipeWire's stand-in). It ends when ctx does.
type pulseConn struct {
	*proto.Client
	ctx     context.Context // of the call that opened it: ends the connection
	net     net.Conn
	release func() bool

	mu     sync.Mutex
	lost   error       // why the server is gone
	onLost func(error) // called once with lost
}

// connect dials the servers in the order that libpulse does and greets the first that answers.
func connect(ctx context.Context, name string) (*pulseConn, error) {
	dial, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var errs []error
	for _, s := range pulseServers(os.Getenv) {
		network, addr, _ := strings.Cut(s, ":")
		conn, err := new(net.Dialer).DialContext(dial, network, addr)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		c, err := greet(ctx, dial, conn, name)
		if err == nil {
			return c, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", s, err))
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("%w (%w); start one, or set PULSE_SERVER", ErrNoServer, errors.Join(errs...))
}

// greet authenticates on a fresh connection and names this client. dial bounds the greeting, ctx the connection.
func greet(ctx, dial context.Context, conn net.Conn, name string) (*pulseConn, error) {
	c := &pulseConn{Client: new(proto.Client), ctx: ctx, net: conn}
	c.Open(watched{c})
	c.SetTimeout(24 * time.Hour) // closing the connection, not a clock, ends a request: Drain may take long
	c.release = context.AfterFunc(ctx, func() { c.fail(ctx.Err()) })
	slow := context.AfterFunc(dial, func() { c.fail(dial.Err()) })

	var auth proto.AuthReply
	err := c.Request(&proto.Auth{Version: c.Version(), Cookie: pulseCookie(os.Getenv)}, &auth)
	if err == nil {
		c.SetVersion(auth.Version)
		err = c.Request(&proto.SetClientName{Props: proto.PropList{
			"application.name":           proto.PropListString(name),
			"application.process.id":     proto.PropListString(strconv.Itoa(os.Getpid())),
			"application.process.binary": proto.PropListString(filepath.Base(os.Args[0])),
		}}, &proto.SetClientNameReply{})
	}
	if !slow() && err == nil {
		err = dial.Err()
	}
	if err != nil {
		err = c.reason(err)
		c.close()
		return nil, err
	}
	return c, nil
}

// watched hands the server's bytes to the protocol reader and notes when they end.
type watched struct{ c *pulseConn }

func (w watched) Read(p []byte) (int, error) {
	n, err := w.c.net.Read(p)
	if err != nil {
		w.c.fail(fmt.Errorf("%w: connection lost: %w", ErrNoServer, err))
		err = io.EOF
	}
	return n, err
}

func (w watched) Write(p []byte) (int, error) { return w.c.net.Write(p) }

// fail closes the connection and tells the stream why, once.
func (c *pulseConn) fail(err error) {
	c.mu.Lock()
	first := c.lost == nil
	if first {
		c.lost = err
	}
	tell := c.onLost
	c.mu.Unlock()
	if first {
		c.net.Close()
		if tell != nil {
			tell(err)
		}
	}
}

// watch registers who is told when the connection ends, at once if it already has.
func (c *pulseConn) watch(tell func(error)) {
	c.mu.Lock()
	lost := c.lost
	c.onLost = tell
	c.mu.Unlock()
	if lost != nil {
		tell(lost)
	}
}

// reason replaces what a request says after the connection ended by why it ended.
func (c *pulseConn) reason(err error) error {
	if err == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost != nil {
		return c.lost
	}
	return err
}

func (c *pulseConn) request(req proto.RequestArgs, reply proto.Reply) error {
	return c.reason(c.Request(req, reply))
}

func (c *pulseConn) close() {
	c.release()
	c.fail(net.ErrClosed)
}

// pulseServers lists where a server may listen, as "network:address":
// $PULSE_SERVER if set, else the sockets under $PULSE_RUNTIME_PATH, $XDG_RUNTIME_DIR, /run/user and the system-wide one.
// https://www.freedesktop.org/wiki/Software/PulseAudio/Documentation/User/ServerStrings/
func pulseServers(env func(string) string) []string {
	if set := env("PULSE_SERVER"); set != "" {
		var list []string
		for _, s := range strings.Fields(set) {
			if addr := pulseServer(s); addr != "" {
				list = append(list, addr)
			}
		}
		return list
	}
	var list []string
	if dir := env("PULSE_RUNTIME_PATH"); dir != "" {
		list = append(list, "unix:"+filepath.Join(dir, "native"))
	}
	run := cmp.Or(env("XDG_RUNTIME_DIR"), fmt.Sprintf("/run/user/%d", os.Getuid()))
	return append(list, "unix:"+filepath.Join(run, "pulse/native"), "unix:/run/pulse/native")
}

// pulseServer turns one server string into "network:address"; "" when it is meant for another machine.
func pulseServer(s string) string {
	if strings.HasPrefix(s, "{") {
		machine, rest, ok := strings.Cut(s[1:], "}")
		host, _ := os.Hostname()
		if !ok || machine != host && machine != machineID() {
			return ""
		}
		s = rest
	}
	for _, network := range []string{"tcp4", "tcp6", "tcp"} {
		if addr, ok := strings.CutPrefix(s, network+":"); ok {
			return network + ":" + withPort(addr)
		}
	}
	path, ok := strings.CutPrefix(s, "unix:")
	switch {
	case s == "":
		return ""
	case ok || strings.HasPrefix(s, "/"):
		return "unix:" + path
	}
	return "tcp:" + withPort(s)
}

// withPort adds PulseAudio's TCP port where addr has none.
func withPort(addr string) string {
	if _, _, err := net.SplitHostPort(addr); err == nil {
		return addr
	}
	return net.JoinHostPort(strings.Trim(addr, "[]"), "4713")
}

func machineID() string {
	id, err := os.ReadFile("/etc/machine-id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// pulseCookie reads the 256 bytes that prove to be the server's user. Without a file zeros do, where anybody may connect.
func pulseCookie(env func(string) string) []byte {
	home := env("HOME")
	config := cmp.Or(env("XDG_CONFIG_HOME"), filepath.Join(home, ".config"))
	for _, path := range []string{env("PULSE_COOKIE"), filepath.Join(config, "pulse/cookie"), filepath.Join(home, ".pulse-cookie")} {
		if cookie, err := os.ReadFile(path); err == nil && len(cookie) == 256 {
			return cookie
		}
	}
	return make([]byte, 256)
}

package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// patience bounds a demo; it takes far less.
const patience = 3 * time.Minute

// demo is a demo on its way, with what it prints.
type demo struct {
	t     *testing.T
	lines <-chan string // closed when the demo has ended
	said  []string
}

// startDemo runs the command on free ports; when the test ends it is
// interrupted, and must then end well and leave nothing behind.
func startDemo(t *testing.T, args ...string) *demo {
	t.Helper()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	ctx, interrupt := context.WithTimeout(context.Background(), patience)
	out, in := io.Pipe()
	lines := make(chan string, 1000) // a demo says far less
	ended := make(chan error, 1)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	go func() {
		err := run(ctx, append([]string{"demo"}, args...), strings.NewReader(""), in, io.Discard)
		in.Close()
		ended <- err
	}()
	t.Cleanup(func() {
		interrupt()
		if err := <-ended; err != nil {
			t.Errorf("the demo ended with: %v", err)
		}
		left, err := filepath.Glob(filepath.Join(tmp, "headwater*"))
		if err != nil || len(left) != 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	return &demo{t: t, lines: lines}
}

// until reads on to a line that fits, and returns what the groups matched.
func (d *demo) until(pattern string) []string {
	d.t.Helper()
	re := regexp.MustCompile(pattern)
	for line := range d.lines {
		d.said = append(d.said, line)
		if found := re.FindStringSubmatch(line); found != nil {
			return found[1:]
		}
	}
	d.t.Fatalf("the demo never said %s, but\n%s", pattern, strings.Join(d.said, "\n"))
	return nil
}

var freePorts = []string{"--otlp-grpc", anyPort.OTLPGRPC, "--otlp-http", anyPort.OTLPHTTP, "--http", anyPort.HTTP}

func TestDemoNamesTheCause(t *testing.T) {
	d := startDemo(t, freePorts...)
	page := d.until(`page: (\S+)`)[0]
	// The first windows of an incident may leave another cause likelier.
	if found := d.until(`cause: orders-db \(database\)   (.*)/incidents/`)[0]; found != page {
		t.Errorf("the incident is on %s, the page is %s", found, page)
	}
}

func TestDemoAvoidsPortsThatAreTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	d := startDemo(t, "--otlp-grpc", address, "--otlp-http", anyPort.OTLPHTTP, "--http", anyPort.HTTP)
	d.until(`^\S+  ` + regexp.QuoteMeta(address) + ` is taken by another process`)
	if used := d.until(`OTLP: (\S+) \(gRPC\)`)[0]; used == address {
		t.Errorf("it listens on %s all the same", used)
	}
}

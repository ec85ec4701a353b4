package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"headwater/ingest/store"
)

// process is a serve of its own.
type process struct {
	t       *testing.T
	command *exec.Cmd
	lines   *bufio.Scanner
	log     []string
}

func startServe(t *testing.T, folder string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, "serve", "--data", folder,
		"--otlp-grpc", anyPort.OTLPGRPC, "--otlp-http", anyPort.OTLPHTTP, "--http", anyPort.HTTP)
	command.Args[0] = "headwater" // TestMain then runs the command
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return &process{t: t, command: command, lines: bufio.NewScanner(stderr)}
}

// until reads the log on to a line with some text.
func (p *process) until(text string) string {
	p.t.Helper()
	for p.lines.Scan() {
		p.log = append(p.log, p.lines.Text())
		if strings.Contains(p.lines.Text(), text) {
			return p.lines.Text()
		}
	}
	p.t.Fatalf("the log never said %q:\n%s", text, strings.Join(p.log, "\n"))
	return ""
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

func TestSignalsEndServe(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			p := startServe(t, t.TempDir())
			p.until("msg=serving")
			p.signal(signal)
			p.until("msg=stopped")
			if err := p.command.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestASecondSignalEndsAtOnce ends a serve that waits for a request which never
// comes to its end. The store is as good as after a crash: it opens again.
func TestASecondSignalEndsAtOnce(t *testing.T) {
	folder := t.TempDir()
	p := startServe(t, folder)
	_, address, _ := strings.Cut(p.until("msg=serving"), "otlp_http=")
	address, _, _ = strings.Cut(address, " ")
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = io.WriteString(c, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	// The server asks for the body: the request is in work.
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatal(line, err)
	}
	p.signal(syscall.SIGTERM)
	p.until("msg=\"stopping")
	p.signal(syscall.SIGTERM)
	p.until("second signal")
	if err := p.command.Wait(); p.command.ProcessState.ExitCode() != 128+int(syscall.SIGTERM) {
		t.Errorf("it ended with %v", err)
	}
	s, err := store.Open(folder, store.Options{})
	if err != nil {
		t.Fatalf("afterwards: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

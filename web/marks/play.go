//go:build browser

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"headwater/web"
)

// played is a demo whose scenario is over, and whose windows have settled.
type played struct {
	url   string
	spans int
	quit  func() error
}

var (
	pageAt = regexp.MustCompile(`page: (http://\S+)`)
	isOver = regexp.MustCompile(`the scenario is over \((\d+) spans\)`)
)

// play starts a demo of a scenario on a core of its own, and waits until all of
// it has settled.
func (m *measurement) play(ctx context.Context, name, scenario string) (p *played, err error) {
	if m.url != "" {
		p = &played{url: m.url, quit: func() error { return nil }}
		var s web.Status
		err := get(ctx, m.url+"/api/v1/status", &s)
		p.spans = int(s.Data.Spans)
		return p, err
	}
	file := filepath.Join(m.folder, name+".yaml")
	if err := os.WriteFile(file, []byte(scenario), 0o600); err != nil {
		return nil, err
	}
	free := []string{"demo", file, "--http", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0"}
	cmd := onCore(exec.CommandContext(ctx, m.program, free...), 0)
	cmd.Env = append(os.Environ(), "TMPDIR="+m.folder, "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	lines, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p = &played{quit: func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		return cmd.Wait()
	}}
	told := bufio.NewScanner(lines)
	for told.Scan() {
		fmt.Fprintln(os.Stderr, told.Text())
		if found := pageAt.FindStringSubmatch(told.Text()); found != nil {
			p.url = found[1]
		}
		if found := isOver.FindStringSubmatch(told.Text()); found != nil {
			if p.spans, err = strconv.Atoi(found[1]); err != nil {
				return nil, err
			}
			break
		}
	}
	if p.spans == 0 {
		return nil, fmt.Errorf("the demo ended: %w", cmd.Wait())
	}
	go func() { // so that the demo can go on telling
		for told.Scan() {
			fmt.Fprintln(os.Stderr, told.Text())
		}
	}()
	if err := p.settle(ctx); err != nil {
		return nil, errors.Join(err, p.quit())
	}
	return p, nil
}

// calm is how long nothing may have changed for a page to be at rest: longer than
// windows take to settle.
const calm = 45 * time.Second

// settle waits until the page is at rest.
func (p *played) settle(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, since := "", time.Now()
	for time.Since(since) < calm {
		var l web.IncidentList
		if err := get(ctx, p.url+"/api/v1/incidents", &l); err != nil {
			return err
		}
		if l.Revision != last {
			last, since = l.Revision, time.Now()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// incident is the id of the newest incident with a cause.
func (p *played) incident(ctx context.Context) (string, error) {
	var list web.IncidentList
	if err := get(ctx, p.url+"/api/v1/incidents", &list); err != nil {
		return "", err
	}
	for _, in := range list.Incidents {
		if in.Cause != nil {
			return in.ID, nil
		}
	}
	return "", fmt.Errorf("no incident with a cause among %d", len(list.Incidents))
}

func get(ctx context.Context, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// onCore has a command run on one core alone, where that can be had.
func onCore(cmd *exec.Cmd, core int) *exec.Cmd {
	if taskset, err := exec.LookPath("taskset"); err == nil && runtime.NumCPU() > 1 && !strings.HasSuffix(cmd.Path, "taskset") {
		cmd.Args = append([]string{"taskset", "-c", strconv.Itoa(core), cmd.Path}, cmd.Args[1:]...)
		cmd.Path = taskset
	}
	return cmd
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/graph/trace"
	"headwater/ingest/dump"
)

// sortedSpans reads a file's spans, in an order of their own.
func sortedSpans(t *testing.T, path string) []trace.Span {
	t.Helper()
	inputs, err := dump.Paths([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all gathered
	if _, err := dump.Read(t.Context(), inputs, &all, dump.Options{}); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all.spans, func(a, b trace.Span) int {
		return strings.Compare(a.TraceID.String()+a.SpanID.String(), b.TraceID.String()+b.SpanID.String())
	})
	return all.spans
}

// must runs a command that succeeds.
func must(t *testing.T, args ...string) {
	t.Helper()
	var out, stderr bytes.Buffer
	if err := run(t.Context(), args, strings.NewReader(""), &out, &stderr); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, stderr.String())
	}
}

// TestImportAndExport sends a dump to a running Headwater and takes it out
// again: all of it, and parts.
func TestImportAndExport(t *testing.T) {
	folder := t.TempDir()
	file, data := filepath.Join(folder, "spans.json"), filepath.Join(folder, "data")
	spans, err := basketSpans()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, formatted(t, dump.Jaeger, spans), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := open(t.Context(), data, anyPort, keeping{}, unlocked, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- l.serve(ctx) }()
	must(t, "import", "--to", l.otlp.GRPCAddr(), file)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}

	want := sortedSpans(t, file)
	out := filepath.Join(folder, "out.pb.zst")
	must(t, "export", "--data", data, "--to", "protobuf", "--out", out)
	if diff := cmp.Diff(want, sortedSpans(t, out), cmp.AllowUnexported(trace.Value{})); diff != "" {
		t.Fatalf("spans (-imported +exported):\n%.2000s", diff)
	}
	one, all := want[0].TraceID, 0
	for i := range want {
		if want[i].TraceID == one {
			all++
		}
	}
	must(t, "export", "--data", data, "--trace", one.String(), "--out", out, "--to", "jaeger")
	if got := sortedSpans(t, out); len(got) != all {
		t.Errorf("%d spans of the trace, want %d", len(got), all)
	}
	must(t, "export", "--data", data, "--service", "prices", "--time", clockOf(want[0].Start)+"/"+clockOf(want[0].Start+1), "--out", out)
	if got := sortedSpans(t, out); len(got) != all {
		t.Errorf("%d spans of the traces of prices at that time, want %d: whole traces", len(got), all)
	}
	var stdout, stderr bytes.Buffer
	err = run(t.Context(), []string{"export", "--data", data, "--service", "nobody"}, nil, &stdout, &stderr)
	if err == nil || !strings.Contains(err.Error(), "no stored span") {
		t.Errorf("error %v", err)
	}
}

// TestARecordingIsBrowsed asks the page of analyze --http for the incident and a
// trace of it, and ends it.
func TestARecordingIsBrowsed(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	spans, err := basketSpans()
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"analyze", "--http", "-"}, bytes.NewReader(formatted(t, dump.OTLP, spans)), in, io.Discard)
		in.Close()
		ended <- err
	}()
	page := ""
	lines := bufio.NewScanner(out)
	for page == "" && lines.Scan() {
		page = regexp.MustCompile(`http://[^ ]+`).FindString(lines.Text())
	}
	get := func(path string, into any) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d, %v", path, answer.StatusCode, err)
		}
	}
	var list struct{ Incidents []analysis.Incident }
	get("/api/v1/incidents", &list)
	if len(list.Incidents) != 1 {
		t.Fatalf("%d incidents at %q", len(list.Incidents), page)
	}
	var one struct{ Incident analysis.Incident }
	get("/api/v1/incidents/"+list.Incidents[0].ID, &one)
	var found struct {
		Spans []json.RawMessage
	}
	get("/api/v1/traces/"+spans[0].TraceID.String(), &found)
	if len(found.Spans) == 0 {
		t.Error("the trace has no spans")
	}
	interrupt()
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestAnInterruptedAnalysisShowsWhatItHas interrupts while standard input, which
// has given an incident, stays open.
func TestAnInterruptedAnalysisShowsWhatItHas(t *testing.T) {
	spans, err := basketSpans()
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	stdin, more := io.Pipe()
	defer more.Close()
	var out bytes.Buffer
	ended := make(chan error)
	go func() { ended <- run(ctx, []string{"analyze", "-"}, stdin, &out, io.Discard) }()
	if _, err := more.Write(formatted(t, dump.OTLP, spans)); err != nil {
		t.Fatal(err)
	}
	// What was written is in the reader's hands; enough white space behind it
	// brings it into the store's.
	if _, err := io.WriteString(more, strings.Repeat(" ", 1<<20)); err != nil {
		t.Fatal(err)
	}
	interrupt()
	if err := <-ended; err == nil || err.Error() != "interrupted" {
		t.Errorf("error %v", err)
	}
	if text := out.String(); !strings.Contains(text, "prices slowed") || !strings.Contains(text, "Reading was interrupted after") {
		t.Errorf("report:\n%.1000s", text)
	}
}

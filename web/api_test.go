package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/graph"
	"headwater/graph/trace"
	"headwater/web"
	"headwater/web/webtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func config(source *webtest.Source) web.Config {
	return web.Config{
		Incidents: source, Traces: source, Windows: source, Spans: source, Log: slog.New(slog.DiscardHandler),
		Version: "0.1.0", Addr: "localhost:7317",
		Receivers: web.Receivers{GRPC: "localhost:4317", HTTP: "localhost:4318"},
	}
}

func serve(t *testing.T, cfg web.Config) http.Handler {
	t.Helper()
	s, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s.Handler()
}

func ask(h http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, nil)
	r.Host = "localhost:7317"
	h.ServeHTTP(w, r)
	return w
}

func TestAnswers(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	for _, c := range []struct{ golden, path string }{
		{"incidents.json", "/api/v1/incidents"},
		{"incident.json", "/api/v1/incidents/" + webtest.IncidentID},
		{"trace.json", "/api/v1/traces/" + webtest.FailedTrace.String()},
		{"graph.json", "/api/v1/graph"},
		{"frames.json", "/api/v1/incidents/" + webtest.EarlierID + "/frames"},
		{"traces.json", "/api/v1/traces?" + day},
		{"node.json", "/api/v1/node?from=2026-03-12T14:02:00Z&to=2026-03-12T14:02:30Z&id=service:prod%252Fshop/orders"},
		{"edge.json", "/api/v1/edge?from=2026-03-12T14:02:00Z&to=2026-03-12T14:02:30Z&caller=service:prod%252Fshop/checkout&callee=service:prod%252Fshop/orders"},
		{"status.json", "/api/v1/status"},
	} {
		t.Run(c.golden, func(t *testing.T) {
			w := ask(h, "GET", c.path)
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
				t.Fatalf("%d %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			golden(t, c.golden, w.Body.Bytes())
		})
	}
}

// point is one window of a series or of a timeline: it gets one line.
var point = regexp.MustCompile(`\{\s+"t": [^}]*\}`)

// golden compares JSON with a file, in a form that a person can read.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", " "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	text := point.ReplaceAllStringFunc(got.String(), func(s string) string {
		return strings.Join(strings.Fields(s), " ")
	})
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestProblems(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	for _, c := range []struct {
		name, method, path string
		status             int
		detail             string
	}{
		{"unknown incident", "GET", "/api/v1/incidents/nope", 404, `There is no incident "nope".`},
		{"unknown trace", "GET", "/api/v1/traces/00000000000000000000000000000099", 404, "There is no trace 00000000000000000000000000000099"},
		{"no trace id", "GET", "/api/v1/traces/xyz", 400, "no trace id"},
		{"no time", "GET", "/api/v1/graph?from=yesterday", 400, "no time"},
		{"backwards", "GET", "/api/v1/graph?from=2026-03-12T14:00:00Z&to=2026-03-12T13:00:00Z", 400, "before"},
		{"too long", "GET", "/api/v1/graph?from=2020-01-01T00:00:00Z&to=2026-03-12T13:00:00Z", 400, "at most"},
		{"frames of an unknown incident", "GET", "/api/v1/incidents/nope/frames", 404, "no incident"},
		{"post-mortem of an unknown incident", "GET", "/api/v1/incidents/nope/report.md", 404, "no incident"},
		{"text of an unknown incident", "GET", "/api/v1/incidents/nope/report", 404, "no incident"},
		{"no node", "GET", "/api/v1/node?id=checkout", 400, "no node's id"},
		{"unknown node", "GET", "/api/v1/node?id=service:nobody", 404, "nobody was not seen"},
		{"no caller", "GET", "/api/v1/edge?callee=service:a", 400, "caller"},
		{"no callee", "GET", "/api/v1/edge?caller=service:a", 400, "callee"},
		{"unknown edge", "GET", "/api/v1/edge?caller=service:a&callee=service:b", 404, "a did not call b"},
		{"neither true nor false", "GET", "/api/v1/edge?caller=service:a&callee=service:b&async=maybe", 400, "true or false"},
		{"no duration", "GET", "/api/v1/traces?min=soon", 400, "no duration"},
		{"negative duration", "GET", "/api/v1/traces?max=-1", 400, "no duration"},
		{"no status", "GET", "/api/v1/traces?status=sad", 400, "none of"},
		{"no attribute", "GET", "/api/v1/traces?attribute==x", 400, "key=value"},
		{"no order", "GET", "/api/v1/traces?sort=best", 400, "neither newest nor longest"},
		{"too many", "GET", "/api/v1/traces?limit=1000", 400, "from 1 to 200"},
		{"unknown path", "GET", "/api/v1/nothing", 404, "nothing at this path"},
		{"unknown asset", "GET", "/assets/index-0.js", 404, "nothing at this path"},
		{"posted", "POST", "/api/v1/incidents", 405, "Only GET"},
		{"posted to the page", "POST", "/", 405, "Only GET"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(h, c.method, c.path)
			var p web.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type %q", got)
			}
			path, _, _ := strings.Cut(c.path, "?")
			want := web.Problem{Type: "about:blank", Title: http.StatusText(c.status), Status: c.status, Detail: p.Detail, Instance: path}
			if diff := cmp.Diff(want, p); diff != "" || w.Code != c.status {
				t.Errorf("status %d, (-want +got):\n%s", w.Code, diff)
			}
			if !strings.Contains(p.Detail, c.detail) {
				t.Errorf("detail %q does not say %q", p.Detail, c.detail)
			}
		})
	}
}

// broken is a store that can't be read, and a source that panics.
type broken struct{ *webtest.Source }

func (broken) Trace(context.Context, trace.TraceID) ([]trace.Span, error) {
	return nil, errors.New("disk on fire at /var/lib")
}

func (broken) Windows(context.Context, int64, int64) ([]*graph.Window, error) {
	panic("out of cheese")
}

func TestBrokenStore(t *testing.T) {
	var log bytes.Buffer
	cfg := config(webtest.NewSource(webtest.Report(), 100))
	cfg.Traces, cfg.Windows = broken{}, broken{}
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	h := serve(t, cfg)
	for _, path := range []string{"/api/v1/traces/" + webtest.CalmTrace.String(), "/api/v1/graph"} {
		w := ask(h, "GET", path)
		if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "disk on fire") || strings.Contains(w.Body.String(), "cheese") {
			t.Errorf("%s tells what only the log should say: %s", path, w.Body)
		}
	}
	for _, word := range []string{"disk on fire", "out of cheese"} {
		if strings.Count(log.String(), word) != 1 {
			t.Errorf("the log does not say %q once: %s", word, &log)
		}
	}
}

// The list is made once a report, and a changed report is a new revision.
func TestRevisionFollowsTheReport(t *testing.T) {
	source := webtest.NewSource(webtest.Healthy(), 100)
	h := serve(t, config(source))
	revision := func() string {
		var l web.IncidentList
		if err := json.Unmarshal(ask(h, "GET", "/api/v1/incidents").Body.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		return l.Revision
	}
	before := revision()
	source.Publish(webtest.Healthy())
	if same := revision(); same != before {
		t.Errorf("the same report has revisions %s and %s", before, same)
	}
	source.Publish(webtest.Report())
	if after := revision(); after == before {
		t.Errorf("another report has the same revision %s", after)
	}
}

func TestNewNeedsItsParts(t *testing.T) {
	whole := config(webtest.NewSource(webtest.Silent(), 1))
	for name, take := range map[string]func(*web.Config){
		"Incidents": func(c *web.Config) { c.Incidents = nil },
		"Traces":    func(c *web.Config) { c.Traces = nil },
		"Windows":   func(c *web.Config) { c.Windows = nil },
		"Log":       func(c *web.Config) { c.Log = nil },
		"Addr":      func(c *web.Config) { c.Addr = "" },
	} {
		cfg := whole
		take(&cfg)
		if _, err := web.New(cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// An empty report has lists and no nulls in their place.
func TestSilentReport(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Silent(), 1)))
	var l web.IncidentList
	body := ask(h, "GET", "/api/v1/incidents").Body
	if err := json.Unmarshal(body.Bytes(), &l); err != nil {
		t.Fatal(err)
	}
	if l.Incidents == nil || l.Notes == nil || l.Data.Malformed == nil {
		t.Errorf("null list in %s", body)
	}
	var g web.GraphView
	if err := json.Unmarshal(ask(h, "GET", "/api/v1/graph").Body.Bytes(), &g); err != nil || g.Nodes == nil || g.Edges == nil {
		t.Errorf("graph without windows: %v %+v", err, g)
	}
	var s web.Status
	if err := json.Unmarshal(ask(h, "GET", "/api/v1/status").Body.Bytes(), &s); err != nil || s.Watermark != nil {
		t.Errorf("status without spans: %v %+v", err, s)
	}
}

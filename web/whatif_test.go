package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/analysis/simulate"
	"headwater/analysis/whatif"
	"headwater/graph"
	"headwater/web"
	"headwater/web/webtest"
)

// stormy is a system with a retry storm from the onset on.
const stormy = `
description: A service near its limit is slow for a while; the retries of its callers keep it full.
duration: 9m
services:
  - name: front
    operations: [{name: buy, route: POST /buy, time: 3ms, steps: [{call: stock.take}]}]
    clients: [{to: stock, timeout: 800ms, attempts: 3, backoff: 40ms, jitter: 0.5}]
  - name: stock
    workers: 1
    queue: 20
    operations: [{name: take, route: POST /take, time: 120ms, spread: 0.4}]
entries: [{name: buy, call: front.buy, rate: 10}]
faults: [{at: 6m, for: 40s, service: stock, slow: 5}]
`

// storm are the windows of that system.
type storm struct{}

var stormWindows = sync.OnceValues(func() (out []*graph.Window, err error) {
	sc, err := simulate.Parse([]byte(stormy), "stormy.yaml")
	if err != nil {
		return nil, err
	}
	f := graph.NewFolder(int64(10 * time.Second))
	start := webtest.Onset.Truncate(10 * time.Second).Add(-6 * time.Minute)
	if _, err = simulate.Run(context.Background(), sc, simulate.Options{Seed: 2, Start: start}, func(b simulate.Batch) error {
		f.Add(b.Spans)
		return nil
	}); err != nil {
		return nil, err
	}
	f.Finish()
	for _, at := range f.Starts() {
		out = append(out, f.Take(at).Window)
	}
	return out, nil
})

// Windows implements web.Windows.
func (storm) Windows(_ context.Context, from, to int64) (out []*graph.Window, err error) {
	all, err := stormWindows()
	for _, w := range all {
		if w.Start >= from && w.Start < to {
			out = append(out, w)
		}
	}
	return out, err
}

func TestWhatIfOfAnIncident(t *testing.T) {
	cfg := config(webtest.NewSource(webtest.Report(), 100))
	cfg.Windows = storm{}
	h := serve(t, cfg)
	at := "/api/v1/incidents/" + webtest.IncidentID + "/whatif?runs=2"
	get := func(path string) (a whatif.WhatIf) {
		t.Helper()
		w := ask(h, "GET", path)
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %v %s", path, w.Code, err, w.Body)
		}
		return a
	}
	a := get(at)
	if !a.Known || len(a.Containment) < 2 || !a.Containment[0].Outcome.Recovered || a.Happened.Recovered {
		t.Fatalf("%+v", a)
	}
	if again := get(at); again.Containment[0].Sentence != a.Containment[0].Sentence {
		t.Errorf("another answer: %s", again.Containment[0].Sentence)
	}
	capped := get(at + "&change=" + url.QueryEscape("cap-retries front->stock=0"))
	if capped.Changed == nil || !capped.Changed.Outcome.Recovered || len(capped.Containment) != 0 || !strings.Contains(capped.Changed.Sentence, "ended it after") {
		t.Errorf("%+v", capped.Changed)
	}
	for query, want := range map[string]int{
		"change=magic+a%3D1": 400, "change=breaker+front-%3Enobody": 400, "runs=0": 400, "runs=x": 400, "at=never": 400, "change=cap-retries+front-%3Estock%3D1&at=1e9": 400,
	} {
		if w := ask(h, "GET", strings.TrimSuffix(at, "?runs=2")+"?"+query); w.Code != want {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := ask(h, "GET", "/api/v1/incidents/none/whatif"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown incident: %d", w.Code)
	}
	blind := serve(t, config(webtest.NewSource(webtest.Report(), 100)))
	var unknown whatif.WhatIf
	if w := ask(blind, "GET", at); json.Unmarshal(w.Body.Bytes(), &unknown) != nil || w.Code != http.StatusOK || unknown.Known || unknown.Why == "" {
		t.Errorf("windows that make no system: %d %s", w.Code, w.Body)
	}
}

// The picture of what happened is that of the windows, and that of a change the
// engine's; both have the nodes and edges of the incident, frame by frame.
func TestReplayIsBesideWhatHappened(t *testing.T) {
	windows, err := stormWindows()
	if err != nil {
		t.Fatal(err)
	}
	report := analysis.Analyze(analysis.Input{Windows: windows}, analysis.Options{})
	cfg := config(webtest.NewSource(report, 100))
	cfg.Windows = storm{}
	h := serve(t, cfg)
	in := &report.Incidents[0]
	at := "/api/v1/incidents/" + in.ID + "/whatif/frames"
	var v web.ReplayView
	w := ask(h, "GET", at+"?seed=2&change="+url.QueryEscape("cap-retries front->stock=0"))
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != http.StatusOK || !v.Known {
		t.Fatalf("%d %v %.300s", w.Code, err, w.Body)
	}
	if len(v.Times) < 20 || v.FrameSec != 10 || len(v.Happened.Nodes) != len(in.Nodes) || len(v.Changed.Nodes) != len(in.Nodes) || len(v.Changed.Edges) != len(in.Edges) {
		t.Fatalf("%d frames of %v s, %d and %d nodes, %d edges", len(v.Times), v.FrameSec, len(v.Happened.Nodes), len(v.Changed.Nodes), len(v.Changed.Edges))
	}
	late := len(v.Times) - 6 // the storm goes on, but not without retries
	was, now := v.Happened.Edges[0], v.Changed.Edges[0]
	if was.Amplification[late] < 2.5 || was.ErrorShare[late] < 0.9 || now.Amplification[late] != 1 || now.ErrorShare[late] > 0.1 {
		t.Errorf("attempts %v and %v, failed %v and %v", was.Amplification[late], now.Amplification[late], was.ErrorShare[late], now.ErrorShare[late])
	}
	for i, n := range v.Happened.Nodes {
		if c := v.Changed.Nodes[i]; len(n.Own) != len(v.Times) || n.Own[late]+n.Inherited[late] < 2*(c.Own[late]+c.Inherited[late]) {
			t.Errorf("%s: pressed by %v + %v, with the change by %v + %v", n.Node, n.Own[late], n.Inherited[late], c.Own[late], c.Inherited[late])
		}
	}
	for query, want := range map[string]int{"change=magic+a%3D1": 400, "change=breaker+front-%3Enobody": 400, "seed=-1": 400, "seed=x": 400} {
		if w := ask(h, "GET", at+"?"+query); w.Code != want {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := ask(h, "GET", "/api/v1/incidents/none/whatif/frames"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown incident: %d", w.Code)
	}
}

package render_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/analysis/render"
	"headwater/graph"
	"headwater/graph/trace"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	began    = time.Date(2026, 3, 2, 23, 52, 10, 0, time.UTC)
	ended    = began.Add(9*time.Minute + 40*time.Second)
	gateway  = node(graph.Service, "gateway")
	checkout = node(graph.Service, "checkout")
	mail     = node(graph.Service, "mail")
	orders   = node(graph.Database, "orders-db")
)

func node(kind graph.NodeKind, name string) graph.NodeID { return graph.NodeID{Kind: kind, Name: name} }

// outage is a slow database, with a little of everything that a report can say.
func outage() *analysis.Report {
	onset := began.Add(-10 * time.Second)
	return &analysis.Report{
		Version: analysis.ReportVersion, WindowSec: 10,
		Range: analysis.Interval{Start: began.Add(-6 * time.Minute), End: ended.Add(time.Minute)},
		Data: analysis.Data{Windows: 98, Spans: 48_213, Requests: 9_802, Services: 3, Nodes: 4, Edges: 4, Orphans: 1, Paired: 0.9712,
			Malformed: []analysis.Malformed{{What: "unreadable OTLP JSON", Count: 2, First: "spans.jsonl:17"}}},
		Notes: []string{"Spans carry no sampling weight: rates are of what was sent."},
		Incidents: []analysis.Incident{{
			ID: "1772495530-k7qd", State: analysis.Over, Start: began, End: &ended, Confidence: 0.93,
			Sentence: "orders-db slowed at 23:52:10 and explains 41% of the lost time; retries of checkout to orders-db (3.4 attempts per call) explain 52%.",
			Baseline: analysis.BaselineOf{Source: "before", Range: analysis.Interval{Start: began.Add(-6 * time.Minute), End: began}, Windows: 36},
			Impact: []analysis.Impact{
				{Service: "gateway", Route: "POST /checkout", Requests: 1842, Failed: 699, BaselineFailed: 0.0004, BaselineP50: 0.104, P50: 4.21, BaselineP95: 0.412, P95: 6.1, ExcessSeconds: 7834},
				{Service: "gateway", Route: "GET /a/very/long/route/that/leaves/no/room/for/numbers/{id}", Requests: 12, BaselineP50: 0.0004, P50: 0.0005, BaselineP95: 0.001, P95: 0.002, ExcessSeconds: 0.3},
			},
			Causes: []analysis.Cause{
				{
					Rank: 1, Kind: analysis.CauseDatabase, Name: "orders-db", Trigger: 0.81, Sustaining: 0.07, Confidence: 0.93, Onset: &onset,
					Sentence: "orders-db took 410 ms a statement instead of 9 ms, before any of its callers changed.",
					Path:     []graph.NodeID{gateway, checkout, orders},
					Evidence: []analysis.Evidence{
						{Metric: "self_time", Subject: "orders-db", Unit: "s", Baseline: 0.009, Incident: 0.41, Sentence: "A statement took 410 ms."},
						{Metric: "rate", Subject: "orders-db", Unit: "1/s", Baseline: 212, Incident: 389.4},
						{Metric: "failed", Subject: "orders-db", Unit: "share", Baseline: 0.0001, Incident: 0.012},
					},
					Narrowed: []analysis.Narrowed{{Dimension: "operation", Value: "SELECT orders", Share: 0.78}},
					Without:  &analysis.Counterfact{Route: "POST /checkout", Mean: 0.13, Incident: 4.35, Failed: 0.004},
					Examples: []analysis.Example{{TraceID: trace.TraceID{0xab, 15: 1}, Role: "worst", Duration: 12.3}},
				},
				{Rank: 2, Kind: analysis.CauseRetryPolicy, Name: "checkout->orders-db", Trigger: 0.06, Sustaining: 0.83, Confidence: 0.97,
					Evidence: []analysis.Evidence{{Metric: "attempts_per_call", Subject: "checkout->orders-db", Unit: "1", Baseline: 1.01, Incident: 3.4, Sentence: "Each call was tried 3.4 times."}}},
			},
			Balance: analysis.Balance{ExcessSeconds: 7834.3, ExcessFailures: 698, Explained: 0.96, Unattributed: 0.04},
			Nodes: []analysis.NodeView{
				{ID: gateway, Kind: "service", Name: "gateway", Entry: true},
				{ID: checkout, Kind: "service", Name: "checkout", Cause: 2},
				{ID: mail, Kind: "service", Name: "mail"},
				{ID: orders, Kind: "database", Name: "orders-db", Cause: 1},
			},
			Edges: []analysis.EdgeView{
				{Caller: checkout, Callee: orders, Pressure: 120, BaselineMean: 0.009, Mean: 0.41, Amplification: 3.4, BaselineAmplified: 1, ErrorShare: 0.61},
				{Caller: checkout, Callee: checkout, Pressure: 3, BaselineMean: 0.001, Mean: 0.002},
				{Caller: gateway, Callee: checkout, Pressure: 88, BaselineMean: 0.1, Mean: 4.2, ErrorShare: 0.38},
				{Caller: gateway, Callee: orders, Pressure: 9, BaselineMean: 0.01, Mean: 0.4},
				{Caller: checkout, Callee: mail, Async: true, Pressure: 2, BaselineMean: 0.02, Mean: 0.03},
				{Caller: mail, Callee: orders, Pressure: 0.001, BaselineMean: 0.01, Mean: 0.01},
			},
			Timeline: []analysis.Row{
				{Node: orders, Name: "orders-db", Onset: &onset, Cells: cells(func(i int) analysis.Cell { return analysis.Cell{Own: 40 * float64(i/12%2), Inherited: 1} })},
				{Node: checkout, Name: "checkout", Cells: cells(func(i int) analysis.Cell {
					return analysis.Cell{Inherited: 30 * float64(i/14%2), Failed: 0.6 * float64(i/20%2)}
				})},
			},
			Notes: []string{"payments takes part in the failing requests and is at its baseline."},
		}},
	}
}

func cells(at func(int) analysis.Cell) []analysis.Cell {
	out := make([]analysis.Cell, 48)
	for i := range out {
		out[i] = at(i)
		out[i].Time = began.Add(time.Duration(i-12) * 10 * time.Second)
	}
	return out
}

// cases are reports that differ in kind.
func cases() map[string]*analysis.Report {
	healthy := outage()
	healthy.Incidents = nil
	two := outage()
	two.Incidents = append(two.Incidents, analysis.Incident{
		ID: "1772499000-aaaa", State: analysis.Building, Start: ended.Add(time.Hour), Sentence: "mail slowed; users see nothing yet.",
		Baseline: analysis.BaselineOf{Source: "file"},
	})
	circle := outage()
	circle.Incidents[0].Edges = []analysis.EdgeView{
		{Caller: checkout, Callee: mail, Pressure: 5},
		{Caller: mail, Callee: checkout, Pressure: 4},
	}
	hostile := outage()
	hostile.Incidents[0].Sentence = "\x1b[2Jcleared\r\nthe screen <script>alert(1)</script> `x` | y"
	hostile.Incidents[0].Causes[0].Name = "<img src=http://evil.example/>"
	return map[string]*analysis.Report{
		"outage": outage(), "two": two, "circle": circle, "hostile": hostile, "healthy": healthy, "empty": {WindowSec: 10},
	}
}

func TestText(t *testing.T) {
	all := cases()
	for name, c := range map[string]struct {
		report *analysis.Report
		opt    render.TextOptions
	}{
		"outage":        {all["outage"], render.TextOptions{}},
		"outage-color":  {all["outage"], render.TextOptions{Color: true}},
		"outage-narrow": {all["outage"], render.TextOptions{Width: 20}},
		"two":           {all["two"], render.TextOptions{Width: 120}},
		"circle":        {all["circle"], render.TextOptions{}},
		"hostile":       {all["hostile"], render.TextOptions{}},
		"healthy":       {all["healthy"], render.TextOptions{}},
		"empty":         {all["empty"], render.TextOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			if err := render.Text(&got, c.report, c.opt); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", got.String())
		})
	}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-golden +got):\n%s", name, diff)
	}
}

func TestAFailingWriterIsTold(t *testing.T) {
	broken := errors.New("pipe closed")
	for name, err := range map[string]error{
		"text":     render.Text(failing{broken}, outage(), render.TextOptions{}),
		"markdown": render.Markdown(failing{broken}, outage()),
		"HTML":     render.HTML(failing{broken}, outage()),
	} {
		if !errors.Is(err, broken) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

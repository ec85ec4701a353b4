package analysis_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

const window = int64(10e9)

// world makes windows of a small system by hand: web calls orders, which asks
// orders-db; and web calls search. Times are milliseconds.
type world struct {
	dbSlow     float64 // factor on the database, in the incident
	searchFail bool    // search fails by itself, in the incident
	name       func(string) string
	shift      time.Duration
	again      bool // every trace twice, under new ids
}

// windows plays ten quiet windows and ten of the incident.
func (c world) windows() []*graph.Window {
	if c.name == nil {
		c.name = func(s string) string { return s }
	}
	r := rand.New(rand.NewPCG(1, 2))
	var out []*graph.Window
	for w := range 20 {
		var traces []*trace.Trace
		for i := range 60 {
			at := float64(w*10_000 + i*150)
			db := 20 * (0.8 + 0.4*r.Float64())
			work := 10 * (0.8 + 0.4*r.Float64())
			fails := ""
			if w >= 10 {
				if c.dbSlow > 0 {
					db *= c.dbSlow
				}
				if c.searchFail && r.Float64() < 0.5 {
					fails = "error"
				}
			}
			id := fmt.Sprint("t", w, "-", i)
			orders := fmt.Sprintf(`
				r - web server %f-%f GET_/cart
				c r web client %f-%f call
				s c orders server %f-%f POST_/orders
				q s orders client %f-%f query db.system=postgresql server.address=orders-db`,
				at, at+work+db+8, at+1, at+db+work+5, at+2, at+db+work+3, at+3, at+3+db)
			search := fmt.Sprintf(`
				r - web server %f-%f GET_/search %s
				c r web client %f-%f find %s
				s c search server %f-%f GET_/find %s`, at, at+work+5, fails, at+1, at+work+4, fails, at+2, at+work+2, fails)
			copies := []string{id}
			if c.again {
				copies = append(copies, id+"again")
			}
			for _, id := range copies {
				for k, text := range []string{orders, search} {
					for _, s := range []string{"web", "orders-db", "orders", "search"} {
						text = strings.ReplaceAll(text, " "+s+" ", " "+c.name(s)+" ")
						text = strings.ReplaceAll(text, "="+s, "="+c.name(s))
					}
					spans := tracetest.MustParse(fmt.Sprint(id, k), text)
					for i := range spans {
						spans[i].Start += int64(c.shift)
						spans[i].End += int64(c.shift)
					}
					traces = append(traces, trace.Assemble(spans))
				}
			}
		}
		out = append(out, graph.Derive(tracetest.Base+int64(c.shift)+int64(w)*window, window, slices.Values(traces), nil))
	}
	return out
}

func analyze(c world) *analysis.Report {
	return analysis.Analyze(analysis.Input{Windows: c.windows()}, analysis.Options{})
}

func TestHealthyTrafficHasNoIncident(t *testing.T) {
	if r := analyze(world{}); len(r.Incidents) > 0 {
		t.Errorf("found %q", r.Incidents[0].Sentence)
	}
}

func TestFindsTheCause(t *testing.T) {
	tests := []struct {
		name  string
		world world
		kind  analysis.CauseKind
		cause string
		route string
	}{
		{"a slow database", world{dbSlow: 10}, analysis.CauseDatabase, "orders-db", "GET_/cart"},
		{"a service that fails by itself", world{searchFail: true}, analysis.CauseService, "search", "GET_/search"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := analyze(tt.world)
			if len(r.Incidents) != 1 {
				t.Fatalf("%d incidents, want 1", len(r.Incidents))
			}
			inc := r.Incidents[0]
			if want := time.Unix(0, tracetest.Base+10*window).UTC(); !inc.Start.Equal(want) {
				t.Errorf("starts %v, want %v", inc.Start, want)
			}
			c := inc.Causes[0]
			if c.Kind != tt.kind || c.Name != tt.cause {
				t.Errorf("first cause %s %s, want %s %s", c.Kind, c.Name, tt.kind, tt.cause)
			}
			if len(c.Evidence) == 0 || len(c.Examples) == 0 || c.Sentence == "" {
				t.Errorf("a cause that nobody can check: %+v", c)
			}
			if b := inc.Balance; math.Abs(b.Explained+b.Unattributed-1) > 1e-9 || b.Explained < 0.95 {
				t.Errorf("the ledger does not add up: %+v", b)
			}
			if inc.Impact[0].Route != tt.route {
				t.Errorf("hurt most %s, want %s", inc.Impact[0].Route, tt.route)
			}
		})
	}
}

func TestTheSameWindowsGiveTheSameBytes(t *testing.T) {
	ws := world{dbSlow: 10, searchFail: true}.windows()
	var first []byte
	for i := range 5 {
		rand.Shuffle(len(ws), func(i, j int) { ws[i], ws[j] = ws[j], ws[i] })
		got, err := json.Marshal(analysis.Analyze(analysis.Input{Windows: ws}, analysis.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = got
		} else if diff := cmp.Diff(string(first), string(got)); diff != "" {
			t.Fatalf("run %d differs:\n%s", i, diff)
		}
	}
}

// scores are the causes without their names.
func scores(r *analysis.Report) (out []float64) {
	for _, inc := range r.Incidents {
		for _, c := range inc.Causes {
			out = append(out, c.Trigger, c.Sustaining)
		}
	}
	return out
}

func TestWhatMustNotMatter(t *testing.T) {
	want := scores(analyze(world{dbSlow: 10, searchFail: true}))
	renamed := map[string]string{"web": "zz", "orders": "a", "orders-db": "m", "search": "k"}
	for name, c := range map[string]world{
		"names": {dbSlow: 10, searchFail: true, name: func(s string) string { return renamed[s] }},
		"time":  {dbSlow: 10, searchFail: true, shift: 7 * 24 * time.Hour},
	} {
		if diff := cmp.Diff(want, scores(analyze(c))); diff != "" {
			t.Errorf("%s change the scores:\n%s", name, diff)
		}
	}
	twice := analyze(world{dbSlow: 10, again: true})
	if got := twice.Incidents[0].Causes[0].Name; got != "orders-db" {
		t.Errorf("with every trace twice the first cause is %s", got)
	}
}

func TestAKnownTimeAndAKnownBaseline(t *testing.T) {
	good, bad := world{}.windows(), world{dbSlow: 10, shift: time.Hour}.windows()[10:]
	r := analysis.Analyze(analysis.Input{Windows: bad, Known: good}, analysis.Options{})
	if len(r.Incidents) != 1 || r.Incidents[0].Causes[0].Name != "orders-db" || r.Incidents[0].Baseline.Source != "file" {
		t.Errorf("with a baseline: %+v", r.Incidents)
	}
	when := analysis.Interval{Start: time.Unix(0, bad[0].Start)}
	r = analysis.Analyze(analysis.Input{Windows: bad, Incident: &when}, analysis.Options{})
	if len(r.Incidents) != 0 || len(r.Notes) == 0 {
		t.Errorf("without anything to compare with: %d incidents, notes %q", len(r.Incidents), r.Notes)
	}
	if r := analysis.Analyze(analysis.Input{}, analysis.Options{}); len(r.Incidents) != 0 || len(r.Notes) == 0 {
		t.Errorf("of nothing: %+v", r)
	}
}

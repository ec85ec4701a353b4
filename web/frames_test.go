package web_test

import (
	"encoding/json"
	"slices"
	"testing"

	"headwater/analysis"
	"headwater/web"
	"headwater/web/webtest"
)

func frames(t *testing.T, r *analysis.Report, id string) web.FramesView {
	t.Helper()
	w := ask(serve(t, config(webtest.NewSource(r, 50))), "GET", "/api/v1/incidents/"+id+"/frames")
	var v web.FramesView
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return v
}

func TestFramesShowTheIncidentComeAndGo(t *testing.T) {
	v := frames(t, webtest.Report(), webtest.IncidentID)
	if len(v.Times) != 68 || v.FrameSec != 10 {
		t.Fatalf("%d frames of %v s, want one for each window from a minute before the incident on", len(v.Times), v.FrameSec)
	}
	for _, e := range v.Edges {
		if e.Caller.Name != "orders" || e.Callee.Name != "orders-db" {
			continue
		}
		calm, high, after := e.Pressure[0], slices.Max(e.Pressure), e.Pressure[len(e.Pressure)-1]
		if high < 1 || calm > high/10 || after > high {
			t.Errorf("pressure of %s: %v before, %v at most, %v at the end", e.Callee, calm, high, after)
		}
	}
}

// A host that is a cause is told with who runs on it.
func TestFramesNameWhatIsShared(t *testing.T) {
	r := webtest.Report()
	in := &r.Incidents[1]
	in.Causes[1].Kind, in.Causes[1].Name = analysis.CauseHost, "node-1"
	v := frames(t, r, in.ID)
	if len(v.Shared) != 1 || v.Shared[0].Name != "node-1" || v.Shared[0].Cause != 2 || len(v.Shared[0].Members) != 14 {
		t.Errorf("shared %+v", v.Shared)
	}
}

// A long incident is told in fewer, longer frames.
func TestFramesAreBounded(t *testing.T) {
	r := webtest.Report()
	in := &r.Incidents[1]
	in.Start = in.Start.Add(-3 * 3600e9)
	v := frames(t, r, in.ID)
	if len(v.Times) > 360 || len(v.Times) < 180 || v.FrameSec <= 10 {
		t.Errorf("%d frames of %v s", len(v.Times), v.FrameSec)
	}
}

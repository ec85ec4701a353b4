package web_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"headwater/analysis/workflow"
	"headwater/graph/trace"
	"headwater/web/webtest"
)

func TestWorkflowsOfAnIncident(t *testing.T) {
	shop := config(webtest.NewSource(webtest.Report(), 100))
	shop.Spans = webtest.Orders{}
	h := serve(t, shop)
	at := "/api/v1/incidents/" + webtest.IncidentID
	w := ask(h, "GET", at+"/workflows")
	var r workflow.WorkflowReport
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK || r.Workflows == nil {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	if r.Counts.HalfDone != webtest.HalfDoneOrders || len(r.Workflows) != webtest.HalfDoneOrders || r.Counts.Workflows != 4*webtest.HalfDoneOrders+1 {
		t.Errorf("%+v", r.Counts)
	}
	w = ask(h, "GET", at+"/workflows.csv")
	rows, err := csv.NewReader(strings.NewReader(w.Body.String())).ReadAll()
	if err != nil || len(rows) != 1+len(r.Workflows) || rows[0][0] != "trace_id" || rows[0][13] != "order.id" || rows[1][13] != "A-1040" {
		t.Errorf("%v: %q", err, rows)
	}
	if got := w.Header().Get("Content-Disposition"); !strings.Contains(got, "workflows-"+webtest.IncidentID+".csv") {
		t.Errorf("not a download: %q", got)
	}
	if w := ask(h, "GET", "/api/v1/incidents/none/workflows"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown incident: %d", w.Code)
	}
	for query, why := range map[string]string{
		"?from=never": "RFC 3339", "?from=2020-01-01T00:00:00Z": "within the incident",
		"?key=a%3Db": "name of an attribute", "?key=": "name of an attribute", "?key=" + strings.Repeat("k", 300): "name of an attribute",
		"?" + strings.Repeat("key=k&", 17): "at most 16",
	} {
		for _, form := range []string{"/workflows", "/workflows.csv"} {
			if w := ask(h, "GET", at+form+query); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), why) {
				t.Errorf("%s%.30s: %d %s", form, query, w.Code, w.Body)
			}
		}
	}
	blind := config(webtest.NewSource(webtest.Report(), 100))
	blind.Spans = nil
	if w := ask(serve(t, blind), "GET", at+"/workflows"); w.Code != http.StatusNotImplemented {
		t.Errorf("a store that can't be read by time: %d", w.Code)
	}
}

// Of too many spans to be held there is an answer as well: of the incident's begin,
// with where to go on.
func TestWorkflowsInPieces(t *testing.T) {
	shop := config(webtest.NewSource(webtest.Report(), 100))
	shop.Spans, shop.JudgeSpans = webtest.Orders{}, 60
	h := serve(t, shop)
	listed, next := map[string]bool{}, "/api/v1/incidents/"+webtest.IncidentID+"/workflows"
	pieces := 0
	for ; next != ""; pieces++ {
		w := ask(h, "GET", next)
		var r workflow.WorkflowReport
		if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK || r.Judged == nil || pieces > 50 {
			t.Fatalf("%s: %d %v %s", next, w.Code, err, w.Body)
		}
		for i := range r.Workflows {
			listed[r.Workflows[i].TraceID.String()] = true
		}
		link := w.Header().Get("Link")
		if r.Rest != (link != "") {
			t.Errorf("rest %v, link %q", r.Rest, link)
		}
		next = ""
		if r.Rest {
			next = strings.TrimSuffix(strings.TrimPrefix(link, "<"), ">; rel=\"next\"")
		}
	}
	if pieces < 2 {
		t.Errorf("in %d pieces", pieces)
	}
	all := ask(h, "GET", "/api/v1/incidents/"+webtest.IncidentID+"/workflows.csv")
	rows, err := csv.NewReader(all.Body).ReadAll()
	if err != nil || len(rows) != 1+webtest.HalfDoneOrders || rows[1][13] != "A-1040" || slices.ContainsFunc(rows[1:], func(r []string) bool { return r[0] == rows[0][0] }) {
		t.Errorf("the CSV, which has all of it: %v %q", err, rows)
	}
	if len(listed) != webtest.HalfDoneOrders {
		t.Errorf("%d listed of %d", len(listed), webtest.HalfDoneOrders)
	}
}

// busy tells how many read it at a time, and how often it was read.
type busy struct {
	webtest.Orders
	now, most, reads atomic.Int32
	wait             chan struct{}
}

func (b *busy) Each(ctx context.Context, q workflow.Selection, yield func(*trace.Trace) bool) error {
	b.reads.Add(1)
	n := b.now.Add(1)
	defer b.now.Add(-1)
	b.most.Store(max(b.most.Load(), n))
	<-b.wait
	return b.Orders.Each(ctx, q, yield)
}

// However many ask at a time, one question is read for, and those that ask the same get
// the same answer. Here the keys that are found are those that are asked for.
func TestWorkflowsAreJudgedOneAtATime(t *testing.T) {
	store := &busy{wait: make(chan struct{})}
	shop := config(webtest.NewSource(webtest.Report(), 100))
	shop.Spans = store
	h := serve(t, shop)
	at := "/api/v1/incidents/" + webtest.IncidentID + "/workflows"
	answers := make(chan string)
	for i := range 12 {
		go func() {
			w := ask(h, "GET", []string{at, at + "?key=order.id", at + ".csv"}[i%3])
			answers <- fmt.Sprint(w.Code, w.Body)
		}()
	}
	close(store.wait)
	different := map[string]int{}
	for range 12 {
		different[<-answers]++
	}
	if len(different) != 2 || slices.ContainsFunc(slices.Collect(maps.Keys(different)), func(a string) bool { return !strings.HasPrefix(a, "200") }) {
		t.Errorf("%d different answers: %.300s", len(different), fmt.Sprint(different))
	}
	if store.most.Load() != 1 || store.reads.Load() != 1+1+4 {
		t.Errorf("%d were answered at a time, of 12 questions %d were read for", store.most.Load(), store.reads.Load())
	}
}

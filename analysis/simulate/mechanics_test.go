package simulate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"headwater/graph/trace"
)

func TestHostPressesExactlyItsPods(t *testing.T) {
	sc := load(t, "noisy-neighbour")
	sc.Duration = duration(9 * time.Minute)
	e := engineAfter(t, sc, 1)
	var own []string
	for _, o := range e.truth().Order {
		if o.Own != 0 {
			own = append(own, o.Service)
		}
	}
	for _, s := range e.services {
		there := slices.ContainsFunc(s.instances, func(in *instance) bool { return in.host.spec.Name == sc.Faults[0].Host })
		if there != slices.Contains(own, s.name) {
			t.Errorf("%s has a pod on the host: %v; slowed by itself: %v", s.name, there, !there)
		}
	}
}

func TestDeploymentRollsForthAndBack(t *testing.T) {
	sc := load(t, "bad-deployment")
	spans, truth := play(t, sc, Options{Seed: 1})
	type seen struct{ old, new int }
	var early, middle, late seen
	pods := map[string]bool{}
	for i := range spans {
		s := &spans[i]
		if s.Resource.Service != sc.Faults[0].Service || s.Kind != trace.KindServer {
			continue
		}
		pods[s.Resource.Instance] = true
		at := &early
		switch {
		case s.Start > truth.TriggerEnd+60e9:
			at = &late
		case s.Start > truth.TriggerStart+60e9 && s.End < truth.TriggerStart+int64(sc.Faults[0].For):
			at = &middle
		case s.End > truth.TriggerStart:
			continue
		}
		if s.Resource.Version == sc.Faults[0].Deploy {
			at.new++
		} else {
			at.old++
		}
	}
	if early.new != 0 || late.new != 0 || middle.old != 0 || early.old*middle.new*late.old == 0 {
		t.Errorf("spans of old and new version before, in and after the deployment: %v %v %v", early, middle, late)
	}
	if len(pods) != 9 { // three replicas, deployed and rolled back
		t.Errorf("%d pods, want 9", len(pods))
	}
}

func TestWaitForConnectionStandsBeforeTheClientSpan(t *testing.T) {
	sc := load(t, "connection-pool-too-small")
	sc.Duration = duration(9 * time.Minute)
	spans, truth := play(t, sc, Options{Seed: 1})
	parents := map[spanKey]*trace.Span{}
	for i := range spans {
		parents[spanKey{spans[i].TraceID, spans[i].SpanID}] = &spans[i]
	}
	mean := func(from, to int64) (before, query float64) {
		n := 0.0
		for i := range spans {
			s := &spans[i]
			if s.Resource.Service != "laboratory" || s.Kind != trace.KindClient || s.Start < from || s.Start >= to {
				continue
			}
			before += float64(s.Start - parents[spanKey{s.TraceID, s.Parent}].Start)
			query += float64(s.Duration())
			n++
		}
		return before / n, query / n
	}
	usualWait, usualQuery := mean(0, truth.TriggerStart)
	wait, query := mean(truth.TriggerStart+30e9, truth.TriggerStart+180e9)
	if wait < 10*usualWait || query > 1.2*usualQuery {
		t.Errorf("before the query %.0f ms, usually %.0f; the query itself %.0f ms, usually %.0f", wait/1e6, usualWait/1e6, query/1e6, usualQuery/1e6)
	}
}

func TestWorkflowsHalfDoneAndDoneTwice(t *testing.T) {
	_, truth := play(t, load(t, "half-done-workflows"), Options{Seed: 1})
	if len(truth.HalfDone) < 100 {
		t.Errorf("%d half done", len(truth.HalfDone))
	}
	for _, h := range truth.HalfDone {
		if !slices.Equal(h.Done, []string{"stock-reserved", "payment-taken"}) || !slices.Equal(h.Missing, []string{"order-placed"}) {
			t.Fatalf("half done: %+v", h)
		}
	}
	_, truth = play(t, load(t, "orders-done-twice"), Options{Seed: 1})
	twice := 0
	for _, h := range truth.HalfDone {
		if slices.Contains(h.Twice, "order-placed") {
			twice++
		}
	}
	if twice < 100 {
		t.Errorf("%d done twice", twice)
	}
	_, truth = play(t, load(t, "quiet-shop"), Options{Seed: 1})
	if len(truth.HalfDone) != 0 {
		t.Errorf("a healthy shop left %d workflows half done", len(truth.HalfDone))
	}
}

func TestConventions(t *testing.T) {
	for _, tt := range []struct{ conventions, has, hasNot string }{
		{"current", "http.request.method url.full server.address http.response.status_code db.system.name db.namespace db.operation.name deployment.environment.name error.type", "http.method"},
		{"previous", "http.method http.url net.peer.name http.status_code db.system db.name db.operation deployment.environment", "http.request.method"},
	} {
		spans, _ := play(t, parse(t, cornerShop(t)+"conventions: "+tt.conventions+"\nresend_count: true\n"), Options{})
		keys := map[string]bool{}
		for i := range spans {
			for _, a := range append(slices.Clone(spans[i].Attrs), spans[i].Resource.Attrs...) {
				keys[a.Key] = true
			}
		}
		for _, k := range strings.Fields(tt.has) {
			if !keys[k] {
				t.Errorf("%s conventions: no %s", tt.conventions, k)
			}
		}
		if keys[tt.hasNot] {
			t.Errorf("%s conventions: there is %s", tt.conventions, tt.hasNot)
		}
		if !keys["http.request.resend_count"] && !keys["http.resend_count"] {
			t.Errorf("%s conventions: no resend count", tt.conventions)
		}
	}
}

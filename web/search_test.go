package web_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis/workflow"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
	"headwater/web"
	"headwater/web/webtest"
)

// day is the range of all that the shop has.
const day = "from=2026-03-12T13:52:00Z&to=2026-03-12T14:13:00Z"

func search(t *testing.T, h http.Handler, query string) web.TraceList {
	t.Helper()
	w := ask(h, "GET", "/api/v1/traces?"+query)
	var l web.TraceList
	if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s: %d %v: %s", query, w.Code, err, w.Body)
	}
	return l
}

func TestSearch(t *testing.T) {
	h := serve(t, config(webtest.NewSource(webtest.Report(), 50)))
	for query, want := range map[string][]string{
		"":                               {"abcd", "dead", "c0ff"},
		"service=cart":                   {"dead", "c0ff"},
		"service=car":                    {},
		"operation=select+ORDERS":        {"dead", "c0ff"},
		"min=1":                          {"dead"},
		"min=0.05&max=0.2":               {"abcd", "dead", "c0ff"},
		"min=0.11&max=0.119":             {"c0ff"},
		"status=failed":                  {"dead"},
		"status=timed-out":               {"dead"},
		"status=refused":                 {},
		"attribute=db.namespace=orders":  {"dead", "c0ff"},
		"attribute=http.route":           {"dead", "c0ff"},
		"attribute=http.route=/nowhere":  {},
		"attribute=k8s.node.name=node-s": {"abcd", "dead"},
		"attribute=error.type=timeout&attribute=server.address=orders": {"dead"},
		"sort=longest":         {"dead", "c0ff", "abcd"},
		"sort=longest&limit=1": {"dead"},
	} {
		t.Run(query, func(t *testing.T) {
			l := search(t, h, day+"&"+query)
			got := []string{}
			for _, f := range l.Traces {
				got = append(got, f.ID.String()[:4])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("traces (-want +got):\n%s", diff)
			}
			if l.Next != nil || l.Looked == 0 {
				t.Errorf("looked at %d spans, to go on at %v", l.Looked, l.Next)
			}
		})
	}
	l := search(t, h, day+"&service=orders&operation=insert")
	got := l.Traces[0]
	want := web.FoundTrace{
		ID: webtest.FailedTrace, Service: "gateway", Name: "POST /checkout", Start: got.Start, Duration: 6.42, Failed: true,
		Spans: 34, Failures: 6, Matches: 3,
		Match: web.Match{SpanID: got.Match.SpanID, Service: "orders", Name: "INSERT orders", Duration: 0.46, Outcome: "ok"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

// steady is a store with one trace a second, of two spans, that is read ten seconds at a
// time.
type steady struct{ looked *int }

func (s steady) Newest(_ context.Context, from, to int64, by *web.Sieve, yield func(web.Piece) bool) error {
	const second = int64(time.Second)
	for end := to; end > from; {
		begin := max(from, end-10*second)
		p := web.Piece{Before: begin}
		for at := (begin + second - 1) / second * second; at < end; at += second {
			s.of(at/second, func(sp *trace.Span) {
				p.Looked++
				*s.looked++
				if sp.Duration() >= by.Least {
					p.Spans = append(p.Spans, *sp)
				}
			})
		}
		if end = begin; !yield(p) {
			return nil
		}
	}
	return nil
}

func (s steady) of(second int64, yield func(*trace.Span)) {
	var id trace.TraceID
	binary.BigEndian.PutUint64(id[8:], uint64(second))
	start := second * int64(time.Second)
	yield(&trace.Span{TraceID: id, SpanID: trace.SpanID{7: 1}, Start: start, End: start + second%1000*1e6, Name: "tick"})
	yield(&trace.Span{TraceID: id, SpanID: trace.SpanID{7: 2}, Parent: trace.SpanID{7: 1}, Start: start, End: start, Name: "tock"})
}

func (s steady) OfTraces(_ context.Context, ids []trace.TraceID, yield func(*trace.Span) bool) error {
	for _, id := range ids {
		s.of(int64(binary.BigEndian.Uint64(id[8:])), func(sp *trace.Span) { yield(sp) })
	}
	return nil
}

func (steady) Counts(int64, int64, int64) []int { return nil }

func (steady) Each(context.Context, workflow.Selection, func(*trace.Trace) bool) error { return nil }

// The newest are found without looking at all; going on from there finds all,
// each once, in order.
func TestASearchGoesOn(t *testing.T) {
	looked := 0
	cfg := config(webtest.NewSource(webtest.Report(), 50))
	cfg.Spans = steady{&looked}
	h := serve(t, cfg)
	l := search(t, h, day+"&limit=5")
	if len(l.Traces) != 5 || l.Next == nil || looked != 20 || l.Traces[0].Start.Format("15:04:05") != "14:12:59" || l.Traces[0].Spans != 2 {
		t.Fatalf("%d traces, the first of %v with %d spans, to go on at %v, looked at %d",
			len(l.Traces), l.Traces[0].Start, l.Traces[0].Spans, l.Next, looked)
	}
	seen, last := map[trace.TraceID]bool{}, l.Range.End
	for {
		for _, f := range l.Traces {
			if seen[f.ID] || !f.Start.Before(last) {
				t.Fatalf("%v comes after %v", f.Start, last)
			}
			seen[f.ID], last = true, f.Start
		}
		if l.Next == nil {
			break
		}
		l = search(t, h, day+"&limit=5&before="+l.Next.Format(time.RFC3339Nano))
	}
	if len(seen) != 21*60 {
		t.Errorf("%d traces in all", len(seen))
	}
	longest := search(t, h, day+"&limit=5&sort=longest")
	if longest.Next != nil || len(longest.Traces) != 5 || longest.Traces[0].Duration != 0.999 || longest.Traces[4].Duration != 0.995 {
		t.Errorf("the longest: %+v, to go on at %v", longest.Traces, longest.Next)
	}
}

// slow is a store that takes a while for each piece.
type slow struct{ steady }

func (s slow) Newest(ctx context.Context, from, to int64, by *web.Sieve, yield func(web.Piece) bool) error {
	return s.steady.Newest(ctx, from, to, by, func(p web.Piece) bool {
		time.Sleep(150 * time.Millisecond) // of the synthetic clock
		return yield(p)
	})
}

// What takes long is answered in parts: nothing is left out.
func TestASlowSearchAnswersInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looked := 0
		cfg := config(webtest.NewSource(webtest.Report(), 50))
		cfg.Spans = slow{steady{&looked}}
		l := search(t, serve(t, cfg), day+"&operation=nothing")
		if l.Next == nil || l.Next.Format("15:04:05") != "14:12:30" || l.Looked != 60 || len(l.Traces) != 0 {
			t.Errorf("looked at %d, to go on at %v", l.Looked, l.Next)
		}
	})
}

// unreadableSpans is a store whose reading fails.
type unreadableSpans struct{ steady }

func (unreadableSpans) Newest(context.Context, int64, int64, *web.Sieve, func(web.Piece) bool) error {
	return errors.New("disk on fire")
}

func TestASearchThatCannotBe(t *testing.T) {
	cfg := config(webtest.NewSource(webtest.Report(), 50))
	cfg.Spans = nil
	if w := ask(serve(t, cfg), "GET", "/api/v1/traces"); w.Code != http.StatusNotImplemented {
		t.Errorf("without a store that can be searched: %d %s", w.Code, w.Body)
	}
	cfg.Spans = unreadableSpans{}
	if w := ask(serve(t, cfg), "GET", "/api/v1/traces"); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "fire") {
		t.Errorf("of a broken store: %d %s", w.Code, w.Body)
	}
}

// The attempts of a call, the way to the callee and the critical path are told.
func TestTraceIsReadAsCalls(t *testing.T) {
	source := onlyTrace{tracetest.MustParse("calls", `
		root   -    shop   server   0-1000  GET
		try1   root shop   client   10-300  GET  error error.type=timeout
		serve1 try1 orders server   60-500  GET
		try2   root shop   client   400-900 GET
		serve2 try2 orders server   410-880 GET
		beside root shop   internal 500-700 render
	`)}
	cfg := config(webtest.NewSource(webtest.Report(), 50))
	cfg.Traces = source
	var v web.TraceView
	w := ask(serve(t, cfg), "GET", "/api/v1/traces/"+source.spans[0].TraceID.String())
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	byID := map[trace.SpanID]web.SpanView{}
	onPath := int64(0)
	for _, s := range v.Spans {
		byID[s.ID] = s
		for _, c := range s.Critical {
			onPath += c.To - c.From
		}
	}
	if onPath != v.Spans[0].Duration {
		t.Errorf("the critical path is %s long, the request %s", time.Duration(onPath), time.Duration(v.Spans[0].Duration))
	}
	second := byID[tracetest.ID("try2")].Call
	want := web.CallView{Call: second.Call, Attempt: 2, Attempts: 2, Backoff: 100e6, Paired: true, Gap: 30e6, Wait: 10e6}
	if diff := cmp.Diff(want, second); diff != "" {
		t.Errorf("second attempt (-want +got):\n%s", diff)
	}
	if c := byID[tracetest.ID("beside")].Critical; len(c) != 0 {
		t.Errorf("what ran beside the last attempt is on the critical path: %v", c)
	}
	if c := byID[tracetest.ID("root")].Call.Call; c != -1 {
		t.Errorf("the root is an attempt of call %d", c)
	}
}

type onlyTrace struct{ spans []trace.Span }

func (o onlyTrace) Trace(context.Context, trace.TraceID) ([]trace.Span, error) { return o.spans, nil }

// stuck is a store that is too slow.
type stuck struct{ steady }

func (stuck) Newest(ctx context.Context, _, _ int64, _ *web.Sieve, _ func(web.Piece) bool) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestASearchThatGetsNowhereSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(webtest.NewSource(webtest.Report(), 50))
		cfg.Spans = stuck{}
		if w := ask(serve(t, cfg), "GET", "/api/v1/traces?"+day); w.Code != http.StatusGatewayTimeout {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

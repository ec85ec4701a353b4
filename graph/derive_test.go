package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

const second = int64(1e9)

// derive makes one long window around the base time.
func derive(traces ...[]trace.Span) *graph.Window {
	var ts []*trace.Trace
	for _, spans := range traces {
		ts = append(ts, trace.Assemble(spans))
	}
	return graph.Derive(tracetest.Base, 3600*second, slices.Values(ts), nil)
}

// edges writes the window's edges as text, in order.
func edges(w *graph.Window) []string {
	var out []string
	for _, id := range slices.SortedFunc(maps.Keys(w.Edges), graph.EdgeID.Compare) {
		e := w.Edges[id]
		arrow := "->"
		if id.Async {
			arrow = "~>"
		}
		out = append(out, fmt.Sprintf("%s%s%s calls=%d attempts=%d failed=%d gap=%dms backoff=%dms paired=%d/%d",
			id.Caller.Name, arrow, id.Callee.Name, e.Calls, e.Attempts, e.Failed, e.Gap.Sum/1e6, e.Backoff/1e6, e.Paired, e.Expected))
	}
	return out
}

// accounts writes the accounts of the window's routes as text, in order.
func accounts(w *graph.Window) []string {
	var out []string
	for id, r := range w.Routes {
		for a, s := range r.Accounts {
			who := a.Node.Name
			if !a.Caller.IsZero() {
				who = a.Caller.Name + ">" + who
			}
			out = append(out, fmt.Sprintf("%s: %s %s %dms", id.Operation, a.Kind, who, s.Time/1e6))
			if s.Failures > 0 {
				out[len(out)-1] += fmt.Sprintf(" failures=%.2f", float64(s.Failures)/graph.Millionth)
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestDerive(t *testing.T) {
	tests := []struct {
		name, spans     string
		edges, accounts []string
	}{
		{"a call with both sides", `
			r - web server 0-100 root
			c r web client 10-90 call
			s c shop server 20-80 serve`,
			[]string{"web->shop calls=1 attempts=1 failed=0 gap=20ms backoff=0ms paired=1/1"},
			[]string{"root: gap web>shop 20ms", "root: own shop 60ms", "root: own web 20ms"}},
		{"a database without spans of its own", `
			r - web server 0-100 root
			c r web client 10-90 query db.system=postgresql server.address=db1 db.operation=SELECT db.sql.table=orders`,
			[]string{"web->db1 calls=1 attempts=1 failed=0 gap=0ms backoff=0ms paired=0/0"},
			[]string{"root: own web 20ms", "root: unpaired web>db1 80ms"}},
		{"no kinds at all: sides told by the parent link between services", `
			r - web unspecified 0-100 root
			c r web unspecified 10-90 call
			s c shop unspecified 20-80 call`,
			[]string{"web->shop calls=1 attempts=1 failed=0 gap=20ms backoff=0ms paired=1/1"},
			[]string{"root: gap web>shop 20ms", "root: own shop 60ms", "root: own web 20ms"}},
		{"a server called directly by a server", `
			r - web server 0-100 root
			s r shop server 20-80 serve`,
			[]string{"web->shop calls=1 attempts=1 failed=0 gap=0ms backoff=0ms paired=1/1"},
			[]string{"root: own shop 60ms", "root: own web 40ms"}},
		{"a retry after a failure", `
			r - web server 0-100 root
			c r web client 0-20 call error
			s c shop server 5-15 serve error
			d r web client 40-60 call
			u d shop server 45-55 serve`,
			[]string{"web->shop calls=1 attempts=2 failed=0 gap=20ms backoff=20ms paired=2/2"},
			[]string{"root: backoff web>shop 20ms", "root: gap web>shop 20ms", "root: own shop 20ms", "root: own web 40ms"}},
		{"two calls that both went well are no retry", `
			r - web server 0-100 root
			c r web client 0-20 call
			s c shop server 5-15 serve
			d r web client 40-60 call
			u d shop server 45-55 serve`,
			[]string{"web->shop calls=2 attempts=2 failed=0 gap=20ms backoff=0ms paired=2/2"},
			[]string{"root: gap web>shop 20ms", "root: own shop 20ms", "root: own web 60ms"}},
		{"a client error is an answer, and asking again is no retry", `
			r - web server 0-100 root
			c r web client 0-20 call error http.response.status_code=401
			d r web client 40-60 call http.response.status_code=200`,
			[]string{"web-> calls=2 attempts=2 failed=0 gap=0ms backoff=0ms paired=0/0"},
			[]string{"root: own web 60ms", "root: unpaired web> 40ms"}},
		{"attempts below a gRPC call span", `
			r - web server 0-100 root
			g r web client 0-80 shop/Get rpc.system=grpc
			c g web client 0-20 shop/Get error
			s c shop server 5-15 serve error
			d g web client 40-80 shop/Get
			u d shop server 45-75 serve`,
			[]string{"web->shop calls=1 attempts=2 failed=0 gap=20ms backoff=20ms paired=2/2"},
			[]string{"root: backoff web>shop 20ms", "root: gap web>shop 20ms", "root: own shop 40ms", "root: own web 20ms"}},
		{"a timeout is booked to where the time went until the deadline", `
			r - web server 0-100 root error
			c r web client 0-100 call error
			s c shop server 10-150 serve
			q s shop client 20-140 query db.system=postgresql server.address=db1`,
			[]string{"web->shop calls=1 attempts=1 failed=1 gap=10ms backoff=0ms paired=1/1", "shop->db1 calls=1 attempts=1 failed=0 gap=0ms backoff=0ms paired=0/0"},
			[]string{"root: gap web>shop 10ms failures=0.10", "root: own shop 10ms failures=0.10", "root: own web 0ms", "root: unpaired shop>db1 80ms failures=0.80"}},
		{"a server that begins after its client gave up is still its attempt", `
			r - web server 0-200 root
			c r web client 0-100 call error
			s c shop server 120-150 serve
			d r web client 110-160 call
			u d shop server 120-150 serve`,
			[]string{"web->shop calls=1 attempts=2 failed=0 gap=120ms backoff=10ms paired=2/2"},
			[]string{"root: backoff web>shop 10ms", "root: gap web>shop 120ms", "root: own shop 30ms", "root: own web 40ms"}},
		{"a failure is booked to the deepest that no failing callee explains", `
			r - web server 0-100 root error
			c r web client 10-90 call error
			s c shop server 20-80 serve error
			q s shop client 30-40 query db.system=postgresql server.address=db1`,
			[]string{"shop->db1 calls=1 attempts=1 failed=0 gap=0ms backoff=0ms paired=0/0", "web->shop calls=1 attempts=1 failed=1 gap=20ms backoff=0ms paired=1/1"},
			[]string{"root: gap web>shop 20ms", "root: own shop 50ms failures=1.00", "root: own web 20ms", "root: unpaired shop>db1 10ms"}},
		{"two children at once share the time", `
			r - web server 0-100 root
			a r web client 0-100 a
			b a one server 0-100 a
			c r web client 0-100 c
			d c two server 0-100 c`,
			[]string{"web->one calls=1 attempts=1 failed=0 gap=0ms backoff=0ms paired=1/1", "web->two calls=1 attempts=1 failed=0 gap=0ms backoff=0ms paired=1/1"},
			[]string{"root: gap web>one 0ms", "root: gap web>two 0ms", "root: own one 50ms", "root: own two 50ms", "root: own web 0ms"}},
		{"a message through a queue is a request of its own, with its age", `
			r - web server 0-100 root
			p r web producer 40-50 send messaging.system=kafka messaging.destination.name=orders
			m p mail consumer 140-200 receive`,
			[]string{"web~>orders calls=1 attempts=1 failed=0 gap=0ms backoff=0ms paired=0/0", "orders~>mail calls=1 attempts=1 failed=0 gap=0ms backoff=0ms paired=1/1"},
			[]string{"receive: gap orders>mail 100ms", "receive: own mail 60ms", "root: own web 90ms", "root: unpaired web>orders 10ms"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := derive(tracetest.MustParse(tt.name, tt.spans))
			slices.Sort(tt.edges)
			got := edges(w)
			slices.Sort(got)
			if diff := cmp.Diff(tt.edges, got); diff != "" {
				t.Errorf("edges differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.accounts, accounts(w)); diff != "" {
				t.Errorf("accounts differ (-want +got):\n%s", diff)
			}
		})
	}
}

// shop is a small system's trace with a random course.
func anyTraces(t *rapid.T) [][]trace.Span {
	var out [][]trace.Span
	for i := range rapid.IntRange(1, 6).Draw(t, "traces") {
		d := func() int { return rapid.IntRange(1, 40).Draw(t, "ms") }
		fail := func() string { return rapid.SampledFrom([]string{"", "error"}).Draw(t, "fails") }
		a, b, c := d(), d(), d()
		at := rapid.IntRange(0, 30).Draw(t, "second") * 1000
		out = append(out, tracetest.MustParse(fmt.Sprint("trace", i), fmt.Sprintf(`
			r - web server %d-%d root %s
			c r web client %d-%d call %s
			s c shop server %d-%d serve
			d r web client %d-%d call
			q r web client %d-%d query db.system=redis server.address=cache`,
			at, at+a+b+c+10, fail(), at, at+a, fail(), at+a/3, at+a, at+a+5, at+a+b, at+a+b+c, at+a+b+c+2)))
	}
	return out
}

func TestMergeIsAssociativeAndCommutative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		traces := anyTraces(t)
		whole := graph.NewWindow(0, 0)
		for _, spans := range traces {
			whole.Merge(derive(spans))
		}
		backwards := graph.NewWindow(0, 0)
		rest := graph.NewWindow(0, 0)
		for i, spans := range slices.Backward(traces) {
			if i%2 == 0 {
				backwards.Merge(derive(spans))
			} else {
				rest.Merge(derive(spans))
			}
		}
		backwards.Merge(rest)
		if diff := cmp.Diff(digest(whole), digest(backwards)); diff != "" {
			t.Fatalf("order matters:\n%s", diff)
		}
		if diff := cmp.Diff(digest(whole), digest(derive(traces...))); diff != "" {
			t.Fatalf("merged differs from derived at once:\n%s", diff)
		}
	})
}

func TestWindowsShareOutTheCalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		traces := anyTraces(t)
		var ts []*trace.Trace
		for _, spans := range traces {
			ts = append(ts, trace.Assemble(spans))
		}
		parts := graph.NewWindow(0, 0)
		for start := tracetest.Base; start < tracetest.Base+60*second; start += 10 * second {
			parts.Merge(graph.Derive(start, 10*second, slices.Values(ts), nil))
		}
		if diff := cmp.Diff(digest(derive(traces...)), digest(parts)); diff != "" {
			t.Fatalf("windows do not add up to the whole:\n%s", diff)
		}
	})
}

func TestAccountsAddUpToTheRequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for id, r := range derive(anyTraces(t)...).Routes {
			sum, failures := int64(0), int64(0)
			for _, a := range r.Accounts {
				sum += a.Time
				failures += a.Failures
			}
			if sum != r.Time.Sum || failures != r.Failed*graph.Millionth {
				t.Fatalf("%v: accounts %d ns and %d failures, requests %d ns and %d", id, sum, failures, r.Time.Sum, r.Failed*graph.Millionth)
			}
		}
	})
}

// digest is all of a window that can be compared.
func digest(w *graph.Window) []string {
	out := []string{fmt.Sprintf("spans %d orphans %d", w.Spans, w.Orphans)}
	out = append(out, edges(w)...)
	out = append(out, accounts(w)...)
	for id, n := range w.Nodes {
		v := &n.All
		out = append(out, fmt.Sprintf("%s visits %d failed %d %d time %v self %v first %v gap %v orphan %d p50 %.0f p99 %.0f examples %v",
			id, v.Visits, v.Failed, v.FailedOwn, v.Time, v.Self, v.First, v.GapIn, v.Orphan, v.Latency.Quantile(0.5), v.Latency.Quantile(0.99), v.Examples))
	}
	for id, r := range w.Routes {
		out = append(out, fmt.Sprintf("%v requests %d shapes %d p95 %.0f examples %v", id, r.Requests, len(r.Shapes), r.Latency.Quantile(0.95), r.Examples))
	}
	slices.Sort(out)
	return out
}

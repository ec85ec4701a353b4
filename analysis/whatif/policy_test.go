package whatif

import (
	"testing"
	"time"

	"headwater/graph"
)

var (
	caller = graph.NodeID{Kind: graph.Service, Name: "caller"}
	callee = graph.NodeID{Kind: graph.Service, Name: "callee"}
	edge   = graph.EdgeID{Caller: caller, Callee: callee}
)

// hand makes a window by hand.
func hand(start int64, fill func(*graph.EdgeStats, *graph.NodeStats)) *graph.Window {
	w := graph.NewWindow(start*int64(testWindow), int64(testWindow))
	e, n := &graph.EdgeStats{}, &graph.NodeStats{Operations: map[string]*graph.VisitStats{}, Instances: map[graph.Instance]*graph.VisitStats{}}
	fill(e, n)
	w.Edges[edge], w.Nodes[callee] = e, n
	w.Nodes[caller] = &graph.NodeStats{}
	return w
}

// Durations pile up at a timeout where the callee works on; answers that say
// timeout are none of the caller's.
func TestTimeoutFromWhereDurationsPileUp(t *testing.T) {
	attempts := func(timedOut int, at time.Duration, abandoned int64) []*graph.Window {
		return []*graph.Window{hand(0, func(e *graph.EdgeStats, _ *graph.NodeStats) {
			for i := range 100 {
				e.Latency.Add(int64(time.Duration(20+i) * time.Millisecond))
			}
			for i := range timedOut {
				e.Latency.Add(int64(at) + int64(i)*100_000)
			}
			e.Attempts = 100 + int64(timedOut)
			e.Outcomes[graph.OK], e.Outcomes[graph.TimedOut], e.Abandoned = 100, int64(timedOut), abandoned
			e.Paired, e.Expected = e.Attempts, e.Attempts
		})}
	}
	for _, c := range []struct {
		name      string
		n         int
		at        time.Duration
		abandoned int64
		want      time.Duration
	}{
		{"many", 40, time.Second, 40, time.Second},
		{"few", 4, 250 * time.Millisecond, 4, 250 * time.Millisecond},
		{"too few", 2, time.Second, 2, 0},
		{"the callee's own answer", 40, time.Second, 0, 0},
	} {
		if got := timeoutOf(attempts(c.n, c.at, c.abandoned), edge); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	spread := []*graph.Window{hand(0, func(e *graph.EdgeStats, _ *graph.NodeStats) {
		for i := range 50 {
			e.Latency.Add(int64(time.Duration(100+40*i) * time.Millisecond))
		}
		e.Attempts, e.Abandoned = 50, 50
		e.Outcomes[graph.TimedOut] = 50
	})}
	if got := timeoutOf(spread, edge); got != 0 {
		t.Errorf("durations that don't pile up: %v", got)
	}
}

// Attempts and backoff follow from how calls go that fail.
func TestRetryPolicyFromAttempts(t *testing.T) {
	calls := func(n, attempts, ok, failed int64, backoff time.Duration) []*graph.Window {
		return []*graph.Window{hand(0, func(e *graph.EdgeStats, _ *graph.NodeStats) {
			e.Calls, e.Attempts, e.Failed = n, attempts, failed
			e.Outcomes[graph.OK], e.Outcomes[graph.Failed] = ok, attempts-ok
			e.Backoff = int64(backoff) * (attempts - n)
		})}
	}
	for _, c := range []struct {
		name    string
		windows []*graph.Window
		want    int
		budget  bool
		backoff time.Duration
	}{
		// All fail: 4 attempts each, waits of 75, 150 and 300 ms with jitter.
		{"all fail", calls(100, 400, 0, 100, 175*time.Millisecond), 4, false, 100 * time.Millisecond},
		// Half of the attempts fail, at random: 1.75 of up to 3 attempts a call.
		{"half fail", calls(800, 1400, 700, 100, 50*time.Millisecond), 3, false, 50 * time.Millisecond},
		{"no retries", calls(100, 100, 40, 60, 0), 1, false, 0},
		{"nothing fails", calls(100, 100, 100, 0, 0), 1, false, 0},
		{"a budget", calls(100, 110, 5, 95, 40*time.Millisecond), 3, true, 0},
	} {
		attempts, budget, backoff, _ := retries(c.windows, edge)
		if attempts != c.want || (budget > 0) != c.budget {
			t.Errorf("%s: %d attempts, budget %v, want %d", c.name, attempts, budget, c.want)
		}
		if c.backoff > 0 && (backoff < c.backoff*8/10 || backoff > c.backoff*12/10) {
			t.Errorf("%s: backoff %v, want %v", c.name, backoff, c.backoff)
		}
	}
}

// A caller that goes on although its calls fail does not need them.
func TestOptionalFromCallersThatGoOn(t *testing.T) {
	for _, hurt := range []int64{50, 2} {
		w := hand(0, func(e *graph.EdgeStats, _ *graph.NodeStats) { e.Calls, e.Attempts, e.Failed = 100, 100, 50 })
		w.Nodes[caller].All.Visits, w.Nodes[caller].All.Failed = 100, hurt
		if got := optionalEdge([]*graph.Window{w}, edge); got != (hurt == 2) {
			t.Errorf("%d of 50 hurt: optional %v", hurt, got)
		}
	}
}

// Places are where occupancy stops growing while waits do.
func TestPlacesFromOccupancyAndWaits(t *testing.T) {
	const ms = int64(time.Millisecond)
	visits := func(perWindow int64, busy float64, gap, took int64) func(*graph.EdgeStats, *graph.NodeStats) {
		return func(e *graph.EdgeStats, n *graph.NodeStats) {
			v := graph.VisitStats{Visits: perWindow, Occupancy: int64(busy * float64(testWindow))}
			for range perWindow {
				v.GapIn.Add(gap)
				v.Time.Add(took)
				e.Gap.Add(gap)
			}
			n.All = v
			n.Instances[graph.Instance{Name: "only"}] = &v
			e.Calls, e.Attempts = perWindow, perWindow
			e.Outcomes[graph.OK] = perWindow
		}
	}
	base := sum([]*graph.Window{hand(0, visits(200, 2, ms, 100*ms)), hand(1, visits(200, 2, ms, 100*ms))})
	for _, c := range []struct {
		name string
		busy float64
		gap  int64
		want int
	}{
		{"full, and waits for long", 4, 3000 * ms, 4},
		{"busier, and nobody waits", 6, ms, 0},
		{"a long way", 2.1, 300 * ms, 0},
	} {
		windows := []*graph.Window{hand(2, visits(400, c.busy, c.gap, 100*ms)), hand(3, visits(400, c.busy, c.gap, 100*ms)), hand(4, visits(400, c.busy, c.gap, 100*ms))}
		if got := widthOf(base, windows, callee); got.places != c.want || got.replicas != 1 {
			t.Errorf("%s: %+v, want %d places", c.name, got, c.want)
		}
	}
}

// A series is told as few steps.
func TestLevels(t *testing.T) {
	at := func(values ...float64) (out []sample) {
		for _, v := range values {
			out = append(out, sample{v, 0.02, 100})
		}
		return out
	}
	got := levels(at(1.01, 0.99, 1.02, 4.1, 3.9, 4.0, 1.0, 1.01), 1, 0.12)
	if s := stretches(got, 1); len(s) != 1 || s[0].from != 3 || s[0].to != 6 || s[0].value < 3.95 || s[0].value > 4.05 {
		t.Errorf("%v %v", got, s)
	}
	if s := stretches(levels([]sample{{1, 0.5, 2}, {2.2, 0.6, 2}, {0, 0, 0}, {1.4, 0.5, 2}}, 1, 0.12), 1); len(s) != 0 {
		t.Errorf("chance alone: %v", s)
	}
}

// Own time right before a call is the wait for a connection where the connections
// are taken; else it is the caller's own.
func TestPoolFromTheWaitBeforeACall(t *testing.T) {
	const ms = int64(time.Millisecond)
	window := func(start int64, before, self, took int64, busy float64) *graph.Window {
		w := hand(start, func(e *graph.EdgeStats, _ *graph.NodeStats) {
			for range 50 {
				e.Before.Add(before)
				e.Time.Add(took)
			}
			e.Calls, e.Attempts, e.Occupancy = 50, 50, int64(busy*float64(testWindow))
		})
		v := &w.Nodes[caller].All
		for range 50 {
			v.Self.Add(self)
			v.SelfOK.Add(self)
		}
		v.Visits = 50
		return w
	}
	base := []*graph.Window{window(0, 3*ms, 5*ms, 10*ms, 0.5), window(1, 3*ms, 5*ms, 10*ms, 0.5)}
	for _, c := range []struct {
		name   string
		before int64
		busy   float64
		want   int
	}{
		{"all connections are taken", 203 * ms, 8, 8},
		{"slow code before the call", 203 * ms, 0.5, 0},
		{"slow code before and after it", 123 * ms, 8, 0},
	} {
		f := &fitting{Fit: &Fit{length: testWindow}, base: sum(base), windows: []*graph.Window{window(2, c.before, 205*ms, 100*ms, c.busy), window(3, c.before, 205*ms, 100*ms, c.busy)}}
		if p, ok := f.poolOf(edge); p.size != c.want || ok != (c.want > 0) {
			t.Errorf("%s: %+v, want %d", c.name, p, c.want)
		}
	}
}

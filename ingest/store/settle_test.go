package store

import (
	"context"
	"errors"
	"flag"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/graph"
	"headwater/graph/trace"
)

// direct derives the windows from whole traces, with nothing in between.
func direct(spans []trace.Span) []*graph.Window {
	const length = int64(10 * time.Second)
	byTrace := map[trace.TraceID][]trace.Span{}
	starts := map[int64]bool{}
	for _, sp := range spans {
		byTrace[sp.TraceID] = append(byTrace[sp.TraceID], sp)
		starts[sp.Start-sp.Start%length] = true
	}
	ids := slices.SortedFunc(maps.Keys(byTrace), func(a, b trace.TraceID) int { return slices.Compare(a[:], b[:]) })
	var out []*graph.Window
	for _, start := range slices.Sorted(maps.Keys(starts)) {
		var traces []*trace.Trace
		for _, id := range ids {
			traces = append(traces, trace.Assemble(byTrace[id]))
		}
		out = append(out, graph.Derive(start, length, slices.Values(traces), nil))
	}
	return out
}

// sameWindows compares all of windows; of sketches what they answer, since how
// they store it depends on what they were asked before.
var sameWindows = cmp.Options{
	cmp.Exporter(func(reflect.Type) bool { return true }),
	cmp.Transformer("sketch", func(s graph.Sketch) []float64 {
		out := []float64{float64(s.Count())}
		for _, q := range []float64{0, 0.25, 0.5, 0.75, 0.99, 1} {
			out = append(out, s.Quantile(q))
		}
		return out
	}),
}

func requireWindows(t rapid.TB, s *Store, want []*graph.Window) {
	t.Helper()
	got, err := s.Windows(context.Background(), 0, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameWindows); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
}

// starts are the windows' starts in seconds from origin.
func starts(windows []*graph.Window) []float64 {
	out := []float64{}
	for _, w := range windows {
		out = append(out, float64(w.Start-at(0))/1e9)
	}
	return out
}

func requireStarts(t *testing.T, got []*graph.Window, err error, want ...float64) {
	t.Helper()
	if diff := cmp.Diff(append([]float64{}, want...), starts(got)); diff != "" || err != nil {
		t.Errorf("windows that changed, error %v (-want +got):\n%s", err, diff)
	}
}

// request is a trace of a shop that calls a cart and its database.
func request(id byte, start float64) []trace.Span {
	return []trace.Span{
		span(id, 1, 0, "shop", trace.KindServer, start, start+1),
		span(id, 2, 1, "shop", trace.KindClient, start+0.1, start+0.9),
		span(id, 3, 2, "cart", trace.KindServer, start+0.2, start+0.8),
		span(id, 4, 3, "cart", trace.KindClient, start+0.3, start+0.5),
	}
}

func TestWindowsSettleAsEventTimePasses(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	now := opt.now() // a day later: of the wall clock nothing shows
	all := request(1, 2)
	write(t, s, all...)
	got, err := s.Settle(t.Context(), now)
	requireStarts(t, got, err)
	for i := range 7 { // the last two requests are not believed yet
		more := request(byte(i+2), 12+8*float64(i))
		write(t, s, more...)
		all = append(all, more...)
	}
	got, err = s.Settle(t.Context(), now)
	requireStarts(t, got, err, 0, 10)
	if diff := cmp.Diff(direct(all)[:2], got, sameWindows); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
	got, err = s.Settle(t.Context(), now)
	requireStarts(t, got, err)
	got, err = s.Finish(t.Context())
	requireStarts(t, got, err, 20, 30, 40, 50, 60)
	requireWindows(t, s, direct(all))
	got, err = s.Windows(t.Context(), at(10), at(30))
	requireStarts(t, got, err, 10, 20)
}

func TestSilenceHandsOverToTheWallClock(t *testing.T) {
	opt, clock, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	clock.set(3)
	write(t, s, request(1, 2)...)
	got, err := s.Settle(t.Context(), clock.set(12))
	requireStarts(t, got, err)
	got, err = s.Settle(t.Context(), clock.set(39))
	requireStarts(t, got, err)
	got, err = s.Settle(t.Context(), clock.set(40))
	requireStarts(t, got, err, 0)
	if s.Watermark() != at(40) {
		t.Errorf("watermark %d", s.Watermark())
	}
}

func TestLateSpansReviseWindows(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	now := opt.now()
	// The trace runs over three windows; of the first two a part comes late.
	early := []trace.Span{
		span(1, 1, 0, "shop", trace.KindServer, 8, 22),
		span(1, 2, 1, "shop", trace.KindClient, 9, 11),
		span(1, 4, 1, "shop", trace.KindClient, 21, 22),
	}
	filler := slices.Concat(request(2, 100), request(3, 101))
	write(t, s, early...)
	write(t, s, filler...)
	got, err := s.Settle(t.Context(), now)
	requireStarts(t, got, err, 0, 20)
	late := span(1, 3, 2, "cart", trace.KindServer, 10, 11)
	write(t, s, late)
	// The window at 0 got no span, but its call is paired now.
	got, err = s.Settle(t.Context(), now)
	requireStarts(t, got, err, 0, 10, 20)
	if n := s.Stats().Late; n != 1 {
		t.Errorf("%d late spans, want 1", n)
	}
	write(t, s, late, late)
	got, err = s.Settle(t.Context(), now)
	requireStarts(t, got, err, 0, 10, 20)
	if _, err = s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	requireWindows(t, s, direct(slices.Concat(early, filler, []trace.Span{late})))
}

func TestQueuesPairMinutesApart(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	sent := []trace.Span{
		span(1, 1, 0, "shop", trace.KindServer, 1, 2),
		span(1, 2, 1, "shop", trace.KindProducer, 1.1, 1.2),
	}
	taken := []trace.Span{
		span(1, 3, 2, "mailer", trace.KindConsumer, 1801, 1802),
		span(1, 4, 3, "mailer", trace.KindClient, 1801.5, 1801.6),
	}
	write(t, s, sent...)
	filler := slices.Concat(request(2, 900), request(3, 901))
	write(t, s, filler...)
	got, err := s.Settle(t.Context(), opt.now())
	requireStarts(t, got, err, 0)
	write(t, s, taken...)
	got, err = s.Finish(t.Context())
	requireStarts(t, got, err, 0, 900, 1800)
	requireWindows(t, s, direct(slices.Concat(sent, taken, filler)))
}

// TestQueuesPairLongAfterMemoryForgot sends a message, then so many traces that
// the one of the message is not remembered, and then takes it.
func TestQueuesPairLongAfterMemoryForgot(t *testing.T) {
	opt, _, _ := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	sent := []trace.Span{
		span(1, 1, 0, "shop", trace.KindServer, 1, 2),
		span(1, 2, 1, "shop", trace.KindProducer, 1.1, 1.2),
	}
	taken := span(1, 3, 2, "mailer", trace.KindConsumer, 7201, 7202)
	write(t, s, sent...)
	all := sent
	for i := range 12 { // time passes
		more := request(byte(i+2), 10+float64(i)*600)
		write(t, s, more...)
		all = append(all, more...)
		_, err := s.Settle(t.Context(), opt.now())
		if err != nil {
			t.Fatal(err)
		}
	}
	s.folding.mu.Lock()
	s.folding.start(&s.windows, s.clock.event, nil) // memory forgets
	s.folding.mu.Unlock()
	write(t, s, taken)
	got, err := s.Finish(t.Context())
	if err != nil || len(got) < 2 || got[0].Start != at(0) {
		t.Errorf("windows that changed: %v, %v; want that at 0 first", starts(got), err)
	}
	requireWindows(t, s, direct(append(all, taken)))
}

func TestWindowsAfterRestart(t *testing.T) {
	opt, clock, _ := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	now := opt.now()
	var all []trace.Span
	for i := range 30 {
		write(t, s, request(byte(i+1), float64(10*i)+1)...)
		all = append(all, request(byte(i+1), float64(10*i)+1)...)
	}
	before, err := s.Settle(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, opt)
	derived := s.Stats().Derived // since it was opened: none
	requireWindows(t, s, before) // before anything is derived
	got, err := s.Settle(t.Context(), now)
	requireStarts(t, got, err)
	if n := s.Stats().Derived; n != derived {
		t.Errorf("%d windows were derived again", n)
	}
	got, err = s.Settle(t.Context(), clock.get().Add(time.Hour))
	if diff := cmp.Diff([]float64{260, 270, 280, 290}, starts(got)[len(got)-4:]); diff != "" || err != nil {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
	requireWindows(t, s, direct(all))
}

func TestCancelledSettleLosesNothing(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	write(t, s, request(1, 2)...)
	write(t, s, request(2, 12)...)
	// Enough to get past the first check and no further.
	ctx := &countdown{Context: t.Context(), left: 2}
	if got, err := s.Finish(ctx); !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	requireWindows(t, s, nil)
	got, err := s.Finish(t.Context())
	requireStarts(t, got, err, 0, 10)
}

// countdown is a context that is cancelled after a number of questions.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestOrderDoesNotMatter writes the same spans in any order, in any batches,
// some twice, with settlements and restarts in between: the windows are always
// those that come of whole traces, folded as they come or derived.
func TestOrderDoesNotMatter(t *testing.T) {
	fewer(t, "40") // each opens databases
	dir := t.TempDir()
	count := 0
	rapid.Check(t, func(rt *rapid.T) {
		all := drawTraces(rt)
		stream := slices.Concat(all, all[:rapid.IntRange(0, len(all)).Draw(rt, "twice")])
		order := rapid.SampledFrom([]string{"as made", "any", "as they end"}).Draw(rt, "how they come")
		switch order {
		case "any":
			stream = rapid.Permutation(stream).Draw(rt, "order")
		case "as they end":
			slices.SortStableFunc(stream, func(a, b trace.Span) int { return cmpInt(a.End, b.End) })
		}
		opt, _, _ := testOptions(t)
		opt.CacheSpans = rapid.SampledFrom([]int{1, 100_000}).Draw(rt, "cache")
		defer func(n int) { gatherSpans = n }(gatherSpans)
		gatherSpans = rapid.SampledFrom([]int{3, 100_000}).Draw(rt, "gather")
		count++
		folder := dir + "/" + time.Unix(int64(count), 0).UTC().Format("150405")
		s, err := Open(folder, opt)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		for len(stream) > 0 {
			n := rapid.IntRange(1, len(stream)).Draw(rt, "batch")
			write(rt, s, stream[:n]...)
			stream = stream[n:]
			if rapid.Bool().Draw(rt, "settle") {
				if _, err := s.Settle(context.Background(), opt.now()); err != nil {
					rt.Fatal(err)
				}
			}
			if order == "as they end" && rapid.IntRange(0, 3).Draw(rt, "restart") == 0 {
				if err := s.Close(); err != nil {
					rt.Fatal(err)
				}
				if s, err = Open(folder, opt); err != nil {
					rt.Fatal(err)
				}
			}
		}
		if _, err := s.Finish(context.Background()); err != nil {
			rt.Fatal(err)
		}
		requireWindows(rt, s, direct(all))
	})
}

// fewer has a property checked so many times, unless the command line says how
// often.
func fewer(t *testing.T, checks string) {
	f := flag.Lookup("rapid.checks")
	if before := f.Value.String(); before == f.DefValue {
		t.Cleanup(func() { _ = f.Value.Set(before) })
		_ = f.Value.Set(checks)
	}
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// drawTraces makes traces of calls that lie within one another, of messages
// that are taken minutes later, and of spans whose parent never comes.
func drawTraces(rt *rapid.T) []trace.Span {
	services := []string{"shop", "cart", "stock", "mail"}
	var out []trace.Span
	for id := range rapid.IntRange(1, 5).Draw(rt, "traces") {
		first := len(out)
		begin := rapid.Float64Range(0, 600).Draw(rt, "begin")
		root := span(byte(id+1), 1, 0, "shop", trace.KindServer, begin, begin+rapid.Float64Range(0.1, 100).Draw(rt, "length"))
		if rapid.IntRange(0, 3).Draw(rt, "orphan") == 0 {
			root.Parent = trace.SpanID{7: 200}
		}
		out = append(out, root)
		for n := range rapid.IntRange(0, 8).Draw(rt, "spans") {
			parent := out[first+rapid.IntRange(0, n).Draw(rt, "parent")]
			length := parent.End - parent.Start
			start := parent.Start + int64(rapid.Float64Range(0, 0.9).Draw(rt, "start")*float64(length))
			kind := trace.KindServer
			switch parent.Kind {
			case trace.KindServer, trace.KindConsumer, trace.KindInternal:
				kind = rapid.SampledFrom([]trace.Kind{trace.KindClient, trace.KindClient, trace.KindProducer, trace.KindInternal}).Draw(rt, "kind")
			case trace.KindProducer:
				kind = trace.KindConsumer
				start = parent.End + int64(rapid.Float64Range(0, 500e9).Draw(rt, "queued"))
			default:
			}
			end := max(start, min(start+length, parent.End))
			service := services[rapid.IntRange(0, 3).Draw(rt, "service")]
			if kind != trace.KindServer && kind != trace.KindConsumer {
				service = parent.Resource.Service
			} else if kind == trace.KindConsumer {
				end = start + 1e9
			}
			sp := span(byte(id+1), byte(n+2), parent.SpanID[7], service, kind, 0, 0)
			sp.Start, sp.End = start, end
			if rapid.IntRange(0, 4).Draw(rt, "failed") == 0 {
				sp.Status = trace.StatusError
			}
			out = append(out, sp)
		}
	}
	return out
}

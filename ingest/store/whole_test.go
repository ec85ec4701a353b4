package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/graph/trace"
)

// told are traces by id, with the spans of each.
type told map[trace.TraceID][]trace.Span

// eachOf reads traces from a store, each of which must come once.
func eachOf(t rapid.TB, s *Store, q Selection) told {
	t.Helper()
	got := told{}
	if err := s.Each(context.Background(), q, func(tr *trace.Trace) bool {
		if got[tr.ID] != nil {
			t.Errorf("%s comes twice", tr.ID)
		}
		got[tr.ID] = slices.Clone(tr.Full)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

// However little may be held, traces come whole, each once, as they were written.
func TestEachTraceIsWhole(t *testing.T) {
	opt, _, _ := testOptions(t)
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s, err := Open(dir, opt)
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		all := told{}
		id := byte(0)
		for range rapid.IntRange(1, 8).Draw(rt, "blocks") {
			var spans []trace.Span
			for range rapid.IntRange(1, 12).Draw(rt, "spans") {
				id++
				sp := span(rapid.ByteRange(1, 20).Draw(rt, "trace"), id, 0, rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "service"), trace.KindServer, float64(rapid.IntRange(0, 99).Draw(rt, "start")), 200)
				sp.Attrs = []trace.Attr{{Key: "n", Value: trace.Int(int64(id))}, {Key: "text", Value: trace.String(strings.Repeat("x", int(id)))}, {Key: "raw", Value: trace.Bytes("\x00\xff")}}
				sp.Events = []trace.Event{{Time: sp.End, Name: "event", Attrs: []trace.Attr{{Key: "e", Value: trace.Bool(true)}}}}
				sp.Links = []trace.Link{{TraceID: sp.TraceID, SpanID: sp.SpanID, TraceState: "a=b", Attrs: []trace.Attr{{Key: "l", Value: trace.Double(1)}}}}
				spans = append(spans, sp)
				if sp.Start >= at(10) && sp.Start < at(90) {
					all[sp.TraceID] = append(all[sp.TraceID], sp)
				}
			}
			write(rt, s, spans...)
		}
		q := Selection{From: at(10), To: at(90), Hold: rapid.SampledFrom([]int64{1, 2000, 5000, 1 << 20}).Draw(rt, "hold")}
		want := told{}
		for id, spans := range all {
			want[id] = trace.Assemble(spans).Full
		}
		if diff := cmp.Diff(want, eachOf(rt, s, q), exact); diff != "" {
			rt.Errorf("traces (-want +got):\n%s", diff)
		}
		sum := 0
		for _, n := range s.Counts(at(0), at(100), 7e9) {
			sum += n
		}
		if stored := int(id); sum < stored*9/10-9 || sum > stored*11/10+9 {
			rt.Errorf("%d spans are counted, %d are stored", sum, stored)
		}
	})
}

// A share of all traces comes with all of a stretch of time, and with what links to
// these, wherever it stands.
func TestAShareOfTraces(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	far := func(n byte, second float64, links ...byte) trace.Span {
		sp := span(n, n, 0, "shop", trace.KindServer, second, second+1)
		for _, l := range links {
			sp.Links = append(sp.Links, trace.Link{TraceID: trace.TraceID{15: l}, SpanID: trace.SpanID{7: l}})
		}
		return sp
	}
	for n := range byte(100) {
		write(t, s, far(n+1, float64(n)*30))
	}
	write(t, s, far(101, 3600, 50), far(102, 3601, 101), far(103, 3602, 7), far(50, 3603))
	q := Selection{From: at(0), To: at(7200), Share: 1 << 30, CoreFrom: at(49 * 30), CoreTo: at(49*30 + 10)}
	got := eachOf(t, s, q)
	var ids []byte
	for id := range got {
		ids = append(ids, id[15])
	}
	slices.Sort(ids)
	if !bytes.Equal(ids, []byte{50, 101, 102}) || len(got[trace.TraceID{15: 50}]) != 1 {
		t.Errorf("given: %v, %v", ids, got[trace.TraceID{15: 50}])
	}
	q.Share = 4
	some := eachOf(t, s, q)
	if len(some) < 15 || len(some) > 40 {
		t.Errorf("one in 4 of 103 are %d", len(some))
	}
	if diff := cmp.Diff(some, eachOf(t, s, q), exact); diff != "" {
		t.Errorf("the next time others are given:\n%s", diff)
	}
	for id := range some {
		if _, with := some[trace.TraceID{15: 7}]; id[15] == 103 && !with {
			t.Error("a trace comes without the one that it links to")
		}
	}
}

// Though all traces of a store end at its end, and none is whole before, little of it
// is in memory at a time.
func TestEachHoldsLittle(t *testing.T) {
	opt, _, _ := testOptions(t)
	opt.CacheSpans = 1
	s := open(t, t.TempDir(), opt)
	const traces, each, size = 2000, 50, 16 << 10 // 32 MB
	fat := strings.Repeat("0123456789abcdef", size/16)
	for half := range 2 {
		for n := 0; n < traces; n += each {
			var spans []trace.Span
			for i := range each {
				sp := span(0, 1+byte(half), 0, "shop", trace.KindServer, float64(half*60), 100)
				binary.BigEndian.PutUint32(sp.TraceID[:], uint32(n+i+1))
				if half == 0 {
					sp.Attrs = []trace.Attr{{Key: "body", Value: trace.String(fat[:size-n-i])}}
				}
				spans = append(spans, sp)
			}
			write(t, s, spans...)
		}
	}
	inUse := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const hold = 2 << 20
	rest, most, given := inUse(), int64(0), 0
	if err := s.Each(t.Context(), Selection{From: at(0), To: at(100), Hold: hold}, func(tr *trace.Trace) bool {
		if given++; len(tr.Spans) != 2 {
			t.Errorf("%s has %d spans", tr.ID, len(tr.Spans))
		}
		if given%100 == 0 {
			most = max(most, inUse()-rest)
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if given != traces || most > 3*hold {
		t.Errorf("%d traces were given, %d MB held", given, most>>20)
	}
}

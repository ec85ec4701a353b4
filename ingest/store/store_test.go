package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/store/column"
	"headwater/ingest/wire"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		beChild(dir)
	}
	if dir := os.Getenv(loadDir); dir != "" {
		beLoad(dir)
	}
	if name := os.Getenv(fillFile); name != "" {
		fillDisk(name)
	}
	if dir := os.Getenv(mergeDir); dir != "" {
		beMerger(dir)
	}
	goleak.VerifyTestMain(m)
}

// origin is where the time of the tests begins: the start of a window.
var origin = time.Date(2025, 3, 4, 10, 0, 0, 0, time.UTC)

// at is a time in nanoseconds, in seconds from origin.
func at(seconds float64) int64 { return origin.UnixNano() + int64(seconds*1e9) }

// fakeClock is a wall clock that stands still until it is moved.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeClock) set(seconds float64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = time.Unix(0, at(seconds))
	return c.now
}

func (c *fakeClock) get() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// testOptions are Options with a clock that stands a day after origin, so that
// it plays no part unless it is moved.
func testOptions(t *testing.T) (Options, *fakeClock, *bytes.Buffer) {
	t.Helper()
	clock, log := new(fakeClock), new(bytes.Buffer)
	clock.set(24 * 3600)
	return Options{
		Log: slog.New(slog.NewTextHandler(log, nil)), now: clock.get,
		free:  func(string) (uint64, error) { return 1 << 40, nil },
		pause: time.Nanosecond,
	}, clock, log
}

func open(t *testing.T, dir string, opt Options) *Store {
	t.Helper()
	s, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var resources = map[string]*trace.Resource{}

func resource(service string) *trace.Resource {
	if resources[service] == nil {
		resources[service] = trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String(service)}})
	}
	return resources[service]
}

// span makes a span; its times are in seconds from origin.
func span(traceID, id, parent byte, service string, kind trace.Kind, start, end float64) trace.Span {
	s := trace.Span{
		TraceID: trace.TraceID{15: traceID}, SpanID: trace.SpanID{7: id},
		Name: service + " work", Kind: kind, Start: at(start), End: at(end), Resource: resource(service),
	}
	if parent != 0 {
		s.Parent = trace.SpanID{7: parent}
	}
	return s
}

func batch(t rapid.TB, spans ...trace.Span) *ingest.Batch {
	t.Helper()
	request, err := wire.Encode(spans)
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.NewBatch(request)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t rapid.TB, s *Store, spans ...trace.Span) {
	t.Helper()
	if err := s.Write(context.Background(), batch(t, spans...)); err != nil {
		t.Fatal(err)
	}
}

// exact compares spans in full.
var exact = cmp.Options{
	cmp.Transformer("value", func(v trace.Value) string { return fmt.Sprint(v.Kind(), v.Text()) }),
}

// requireTrace checks that exactly these spans are stored of a trace.
func requireTrace(t *testing.T, s *Store, id trace.TraceID, want ...trace.Span) {
	t.Helper()
	got, err := s.Trace(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	order := func(a, b trace.Span) int { return bytes.Compare(a.SpanID[:], b.SpanID[:]) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if diff := cmp.Diff(want, got, exact); diff != "" {
		t.Errorf("trace %s (-want +got):\n%s", id, diff)
	}
}

func TestSpansComeBackAsWritten(t *testing.T) {
	opt, _, _ := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	a := span(1, 1, 0, "shop", trace.KindServer, 0, 2)
	a.Attrs = []trace.Attr{{Key: "n", Value: trace.Int(7)}, {Key: "list", Value: trace.Array([]trace.Value{trace.Double(1.5), trace.Bytes("\x00\xff")})}}
	a.Events = []trace.Event{{Time: at(1), Name: "retry", Attrs: []trace.Attr{{Key: "k", Value: trace.Bool(true)}}}}
	a.Links = []trace.Link{{TraceID: trace.TraceID{9}, SpanID: trace.SpanID{9}}}
	a.TraceState, a.StatusMessage, a.Status, a.DroppedAttrs = "ot=th:8", "no", trace.StatusError, 3
	b := span(1, 2, 1, "cart", trace.KindServer, 1, 2)
	other := span(2, 1, 0, "shop", trace.KindServer, 0, 1)
	write(t, s, a, other)
	write(t, s, b)

	check := func(s *Store) {
		t.Helper()
		requireTrace(t, s, a.TraceID, a, b)
		requireTrace(t, s, other.TraceID, other)
		if spans, err := s.Trace(t.Context(), trace.TraceID{1: 1}); spans != nil || err != nil {
			t.Errorf("an unknown trace gave %v, %v", spans, err)
		}
		st := s.Stats()
		got := Stats{Blocks: st.Blocks, Buckets: st.Buckets, Spans: st.Spans, Oldest: st.Oldest, Newest: st.Newest}
		if diff := cmp.Diff(Stats{Blocks: 2, Buckets: 1, Spans: 3, Oldest: at(0), Newest: at(2)}, got); diff != "" || st.Bytes == 0 {
			t.Errorf("stats (-want +got):\n%s", diff)
		}
	}
	check(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), batch(t, a)); !errors.Is(err, ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
	check(open(t, dir, opt))
}

func TestLargeBatchIsSplit(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	var spans []trace.Span
	for i := range column.MaxSpans + 100 {
		sp := span(1, 1, 0, "shop", trace.KindServer, 0, 1)
		sp.SpanID = trace.SpanID{1, 6: byte(i >> 8), 7: byte(i)}
		spans = append(spans, sp)
	}
	// Two spans that together are larger than a block may be.
	big := make([]byte, blockBytes*3/4)
	for i := range 2 {
		spans[column.MaxSpans+i].Attrs = []trace.Attr{{Key: "blob", Value: trace.Bytes(string(big))}}
	}
	write(t, s, spans...)
	got, err := s.Trace(t.Context(), spans[0].TraceID)
	if err != nil || len(got) != len(spans) {
		t.Fatalf("%d spans, %v; want %d", len(got), err, len(spans))
	}
	if st := s.Stats(); st.Blocks < 3 || st.Spans != int64(len(spans)) {
		t.Errorf("stats %+v, want 3 blocks or more", st)
	}
}

func TestConcurrentWrites(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	batches := make([]*ingest.Batch, 40)
	for i := range batches {
		batches[i] = batch(t, span(byte(i%4+1), byte(i+1), 0, "shop", trace.KindServer, float64(i), float64(i+1)))
	}
	var wg sync.WaitGroup
	for _, b := range batches {
		wg.Go(func() {
			if err := s.Write(context.Background(), b); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		if _, err := s.Settle(context.Background(), opt.now()); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	if st := s.Stats(); st.Spans != 40 || st.Accepted != 40 || st.Batches != 40 {
		t.Errorf("stats: %+v", st)
	}
	if _, err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	windows, err := s.Windows(t.Context(), 0, at(1e6))
	var total int64
	for _, w := range windows {
		total += w.Spans
	}
	if err != nil || total != 40 {
		t.Errorf("windows hold %d spans, %v", total, err)
	}
}

func TestIncidentsAreKept(t *testing.T) {
	opt, _, _ := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	for _, r := range []Record{{"b", []byte("old")}, {"a", []byte("1")}, {"b", bytes.Repeat([]byte("new"), 1000)}} {
		if err := s.SaveIncident(t.Context(), r.ID, r.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SaveIncident(t.Context(), "", nil); err == nil {
		t.Error("an empty id was taken")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, dir, opt).Incidents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Record{{"a", []byte("1")}, {"b", bytes.Repeat([]byte("new"), 1000)}}, got); diff != "" {
		t.Errorf("incidents (-want +got):\n%s", diff)
	}
}

func TestReserveOfDiskSpace(t *testing.T) {
	opt, _, _ := testOptions(t)
	free := uint64(1 << 40)
	opt.free = func(string) (uint64, error) { return free, nil }
	s := open(t, t.TempDir(), opt)
	kept := span(1, 1, 0, "shop", trace.KindServer, 0, 1)
	write(t, s, kept)
	free = 100 << 20
	err := s.Write(t.Context(), batch(t, span(1, 2, 0, "shop", trace.KindServer, 0, 1)))
	if !errors.Is(err, ingest.ErrBusy) || !bytes.Contains([]byte(err.Error()), []byte("100 MiB free, 512 MiB are kept")) {
		t.Errorf("error %v", err)
	}
	requireTrace(t, s, kept.TraceID, kept)
	free = 1 << 40
	write(t, s, kept)
}

func TestOldBucketsAreDropped(t *testing.T) {
	opt, clock, _ := testOptions(t)
	opt.MaxAge = 3*time.Hour + 30*time.Minute
	dir := t.TempDir()
	s := open(t, dir, opt)
	const hours = 6
	var all []trace.Span
	for i := range hours {
		clock.set(float64(i) * 3600)
		all = append(all, span(1, byte(i+1), 0, "shop", trace.KindServer, 0, 1))
		write(t, s, all[i])
	}
	requireTrace(t, s, all[0].TraceID, all...)
	clock.set((hours-1)*3600 + 60)
	if err := s.retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	requireTrace(t, s, all[0].TraceID, all[hours-4:]...)
	if names := bucketNames(t, dir); len(names) != 4 {
		t.Errorf("buckets on disk: %v, want 4", names)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	opt.MaxAge, opt.MaxBytes = 0, 1
	s = open(t, dir, opt)
	requireTrace(t, s, all[0].TraceID, all[hours-4:]...)
	if err := s.retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	requireTrace(t, s, all[0].TraceID, all[hours-1]) // the bucket that is written to stays
	if st := s.Stats(); st.Spans != 1 || st.Buckets != 1 || st.Blocks != 1 {
		t.Errorf("stats %+v, want one of each", st)
	}
	write(t, s, all[0])
	requireTrace(t, s, all[0].TraceID, all[0], all[hours-1])
}

func bucketNames(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, bucketsDir))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

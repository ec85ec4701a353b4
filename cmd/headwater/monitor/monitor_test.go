package monitor

import (
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"headwater/ingest"
	"headwater/ingest/otlp"
	"headwater/ingest/store"
)

type fixed struct {
	stats store.Stats
	mark  int64
}

func (f fixed) Stats() store.Stats { return f.stats }
func (f fixed) Watermark() int64   { return f.mark }

func scrape(t *testing.T, m *Monitor) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("no line %q", line)
		}
	}
	if t.Failed() {
		t.Logf("metrics:\n%s", text)
	}
}

func TestMetrics(t *testing.T) {
	m := New(Build{"v1.2.3", "abc", "go1"}, fixed{stats: store.Stats{Blocks: 3, Spans: 40, Bytes: 500, Late: 6, Oldest: 7e9, Busy: map[string]int64{"disk reserve": 8}}})
	m.Observe(otlp.Outcome{
		Protocol: otlp.GRPC, Result: otlp.Taken, Spans: 10, Received: 100, Bytes: 1000, Duration: 3 * time.Millisecond,
		Refused: map[ingest.Reason]int{ingest.NoSpanID: 2},
	})
	m.Observe(otlp.Outcome{Protocol: otlp.HTTP, Result: otlp.Busy})
	wantLines(t, scrape(t, m),
		`headwater_build_info{go_version="go1",revision="abc",version="v1.2.3"} 1`,
		`headwater_otlp_requests_total{protocol="grpc",result="taken"} 1`,
		`headwater_otlp_requests_total{protocol="http",result="busy"} 1`,
		`headwater_otlp_requests_total{protocol="http",result="unauthenticated"} 0`,
		`headwater_otlp_spans_total{protocol="grpc"} 10`,
		`headwater_otlp_spans_total{protocol="http"} 0`,
		`headwater_otlp_refused_spans_total{protocol="grpc",reason="no span id"} 2`,
		`headwater_otlp_received_bytes_total{protocol="grpc"} 100`,
		`headwater_otlp_request_bytes_total{protocol="grpc"} 1000`,
		`headwater_otlp_request_duration_seconds_count{protocol="grpc"} 1`,
		`headwater_otlp_request_duration_seconds_bucket{protocol="grpc",le="0.004"} 1`,
		`headwater_otlp_request_duration_seconds_bucket{protocol="grpc",le="0.002"} 0`,
		`headwater_store_blocks 3`, `headwater_store_spans 40`, `headwater_store_bytes 500`,
		`headwater_store_late_spans_total 6`, `headwater_store_oldest_span_seconds 7`,
		`headwater_store_busy_spans_total{reason="disk reserve"} 8`)
	text := scrape(t, m)
	for _, name := range []string{"go_memstats_heap_alloc_bytes", "process_resident_memory_bytes"} {
		if !strings.Contains(text, "\n"+name+" ") {
			t.Errorf("no %s", name)
		}
	}
	for _, name := range []string{"headwater_store_newest_span_seconds", "headwater_window_lag_seconds"} {
		if strings.Contains(text, name) {
			t.Errorf("%s is not known yet", name)
		}
	}
}

func TestLag(t *testing.T) {
	now := time.Unix(1000, 0)
	for mark, want := range map[int64]bool{0: false, 990e9: true, math.MaxInt64: false} {
		m := New(Build{}, fixed{})
		m.registry.Unregister(&storeCollector{store: fixed{}, now: time.Now})
		m.registry.MustRegister(&storeCollector{store: fixed{mark: mark}, now: func() time.Time { return now }})
		if got := strings.Contains(scrape(t, m), "\nheadwater_window_lag_seconds 10\n"); got != want {
			t.Errorf("watermark %d: lag told %v, want %v", mark, got, want)
		}
	}
}

// TestEveryFigureOfTheStoreIsTold fails when store.Stats has something new.
func TestEveryFigureOfTheStoreIsTold(t *testing.T) {
	told := map[string]bool{}
	for i := range figures {
		told[figures[i].field] = true
	}
	for i := range reasons {
		told[reasons[i].field] = true
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[store.Stats]()) {
		if !told[f.Name] {
			t.Errorf("store.Stats has %s, and figures does not", f.Name)
		}
	}
}

func TestHealth(t *testing.T) {
	var h Health
	ask := func(handler http.HandlerFunc) int {
		w := httptest.NewRecorder()
		handler(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		return w.Code
	}
	for _, ready := range []bool{false, true, false} {
		h.Ready(ready)
		want := http.StatusServiceUnavailable
		if ready {
			want = http.StatusOK
		}
		if got := ask(h.Readiness); got != want {
			t.Errorf("ready %v: %d", ready, got)
		}
		if got := ask(h.Live); got != http.StatusOK {
			t.Errorf("live: %d", got)
		}
	}
}

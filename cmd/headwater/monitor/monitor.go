package monitor

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"headwater/ingest"
	"headwater/ingest/otlp"
)

// Build says what is running.
type Build struct {
	Version   string
	Revision  string // of the source
	GoVersion string
}

// Monitor counts. Its methods are safe for concurrent use.
type Monitor struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	received *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	spans    *prometheus.CounterVec
	refused  *prometheus.CounterVec
}

// New makes a monitor that asks a store.
func New(build Build, store Store) *Monitor {
	perProtocol := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"protocol"})
	}
	m := &Monitor{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "headwater_otlp_requests_total",
			Help: "OTLP requests by what became of them. All but taken were refused as a whole.",
		}, []string{"protocol", "result"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "headwater_otlp_request_duration_seconds",
			Help:    "Time from the beginning of an OTLP request to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14), // to 8 s
		}, []string{"protocol"}),
		received: perProtocol("headwater_otlp_received_bytes_total", "Bytes of OTLP requests as they came, compressed or not."),
		bytes:    perProtocol("headwater_otlp_request_bytes_total", "Bytes of OTLP requests after decompression."),
		spans:    perProtocol("headwater_otlp_spans_total", "Spans that were taken: their senders were told so."),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "headwater_otlp_refused_spans_total",
			Help: "Spans of taken requests that can't be kept, by reason.",
		}, []string{"protocol", "reason"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "headwater_build_info", Help: "Always 1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": build.Version, "revision": build.Revision, "go_version": build.GoVersion},
	})
	info.Set(1)
	m.registry.MustRegister(
		m.requests, m.latency, m.received, m.bytes, m.spans, m.refused, info,
		&storeCollector{store: store, now: time.Now},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, p := range []otlp.Protocol{otlp.GRPC, otlp.HTTP} {
		// What has not happened yet is 0 and not absent: rates need that.
		for _, r := range otlp.Results {
			m.requests.WithLabelValues(string(p), string(r))
		}
		for _, reason := range []ingest.Reason{ingest.NoTraceID, ingest.NoSpanID} {
			m.refused.WithLabelValues(string(p), string(reason))
		}
		for _, c := range []*prometheus.CounterVec{m.received, m.bytes, m.spans} {
			c.WithLabelValues(string(p))
		}
		m.latency.WithLabelValues(string(p))
	}
	return m
}

// Observe counts a request.
func (m *Monitor) Observe(o otlp.Outcome) {
	p := string(o.Protocol)
	m.requests.WithLabelValues(p, string(o.Result)).Inc()
	if o.Duration > 0 {
		m.latency.WithLabelValues(p).Observe(o.Duration.Seconds())
	}
	m.received.WithLabelValues(p).Add(float64(o.Received))
	m.bytes.WithLabelValues(p).Add(float64(o.Bytes))
	m.spans.WithLabelValues(p).Add(float64(o.Spans))
	for reason, n := range o.Refused {
		m.refused.WithLabelValues(p, string(reason)).Add(float64(n))
	}
}

// Metrics answers in Prometheus's text form.
func (m *Monitor) Metrics() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

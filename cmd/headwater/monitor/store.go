package monitor

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headwater/ingest/store"
)

// Store is what is asked about the spans that are kept.
type Store interface {
	Stats() store.Stats
	Watermark() int64
}

// figure is one metric of the store.
type figure struct {
	field string // of store.Stats
	name  string
	help  string
	kind  prometheus.ValueType
	value func(store.Stats) (float64, bool) // false where there is none yet
}

func count[N int | int64](of func(store.Stats) N) func(store.Stats) (float64, bool) {
	return func(s store.Stats) (float64, bool) { return float64(of(s)), true }
}

// instant is a time in Unix nanoseconds, 0 where there is none.
func instant(of func(store.Stats) int64) func(store.Stats) (float64, bool) {
	return func(s store.Stats) (float64, bool) { return float64(of(s)) / 1e9, of(s) != 0 }
}

var figures = []figure{
	{"Blocks", "headwater_store_blocks", "Blocks of spans that are kept.", prometheus.GaugeValue, count(func(s store.Stats) int { return s.Blocks })},
	{"Spans", "headwater_store_spans", "Spans that are kept; what was sent twice counts twice.", prometheus.GaugeValue, count(func(s store.Stats) int64 { return s.Spans })},
	{"Bytes", "headwater_store_bytes", "Bytes of the blocks, compressed.", prometheus.GaugeValue, count(func(s store.Stats) int64 { return s.Bytes })},
	{"Buckets", "headwater_store_buckets", "Stretches of time that are kept in a database of their own.", prometheus.GaugeValue, count(func(s store.Stats) int { return s.Buckets })},
	{"Accepted", "headwater_store_accepted_spans_total", "Spans that were written.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.Accepted })},
	{"Batches", "headwater_store_batches_total", "Requests whose spans were written.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.Batches })},
	{"BytesIn", "headwater_store_accepted_bytes_total", "Bytes of those requests, as they were sent.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.BytesIn })},
	{"Duplicates", "headwater_store_duplicate_spans_total", "Spans that came twice, as far as about the last million tell.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.Duplicates })},
	{"Pending", "headwater_store_pending_bytes", "Bytes that wait to be written.", prometheus.GaugeValue, count(func(s store.Stats) int64 { return s.Pending })},
	{"DamagedBuckets", "headwater_store_damaged_buckets_total", "Buckets that could not be opened and were put aside.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.DamagedBuckets })},
	{"Windows", "headwater_store_windows", "Settled windows that are kept.", prometheus.GaugeValue, count(func(s store.Stats) int { return s.Windows })},
	{"Folded", "headwater_store_folded_windows_total", "Windows that were taken from memory as they settled.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.Folded })},
	{"Derived", "headwater_store_derived_windows_total", "Windows that were derived from stored spans.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.Derived })},
	{"Event", "headwater_store_event_time_seconds", "How far nearly all services have come, in Unix time.", prometheus.GaugeValue, instant(func(s store.Stats) int64 { return s.Event })},
	{"Settled", "headwater_store_settled_until_seconds", "The end of the newest settled window, in Unix time.", prometheus.GaugeValue, instant(func(s store.Stats) int64 { return s.Settled })},
	{"Late", "headwater_store_late_spans_total", "Spans that came after their window had settled; it was made again.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.Late })},
	{"Damaged", "headwater_store_damaged_blocks_total", "Blocks that could not be read.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.Damaged })},
	{"Outside", "headwater_store_outside_windows_total", "Windows that were not made, since they lie too far in time from the others.", prometheus.CounterValue, count(func(s store.Stats) int64 { return s.Outside })},
	{"Oldest", "headwater_store_oldest_span_seconds", "When the first of the kept spans started, in Unix time.", prometheus.GaugeValue, instant(func(s store.Stats) int64 { return s.Oldest })},
	{"Newest", "headwater_store_newest_span_seconds", "When the last of the kept spans ended, in Unix time.", prometheus.GaugeValue, instant(func(s store.Stats) int64 { return s.Newest })},
}

// byReason is a metric of the store that tells reasons apart.
type byReason struct {
	field string // of store.Stats
	desc  *prometheus.Desc
	value func(store.Stats) map[string]int64
}

var reasons = []byReason{
	{"Refused", reasonDesc("headwater_store_refused_spans_total", "Spans that can't be kept, by reason."), func(s store.Stats) map[string]int64 {
		out := make(map[string]int64, len(s.Refused))
		for reason, n := range s.Refused {
			out[string(reason)] = n
		}
		return out
	}},
	{"Busy", reasonDesc("headwater_store_busy_spans_total", "Spans whose sender was told to wait, by reason."), func(s store.Stats) map[string]int64 { return s.Busy }},
}

func reasonDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{"reason"}, nil)
}

var lag = prometheus.NewDesc("headwater_window_lag_seconds",
	"How far behind the clock the time lies up to which spans are held to have come. Windows settle 30 seconds later.", nil, nil)

// storeCollector asks the store when it is asked.
type storeCollector struct {
	store Store
	now   func() time.Time
}

func (f *figure) desc() *prometheus.Desc { return prometheus.NewDesc(f.name, f.help, nil, nil) }

// Describe implements prometheus.Collector.
func (c *storeCollector) Describe(out chan<- *prometheus.Desc) {
	for i := range figures {
		out <- figures[i].desc()
	}
	for i := range reasons {
		out <- reasons[i].desc
	}
	out <- lag
}

// Collect implements prometheus.Collector.
func (c *storeCollector) Collect(out chan<- prometheus.Metric) {
	stats := c.store.Stats()
	for i := range figures {
		if v, ok := figures[i].value(stats); ok {
			out <- prometheus.MustNewConstMetric(figures[i].desc(), figures[i].kind, v)
		}
	}
	for i := range reasons {
		for reason, n := range reasons[i].value(stats) {
			out <- prometheus.MustNewConstMetric(reasons[i].desc, prometheus.CounterValue, float64(n), reason)
		}
	}
	if mark := c.store.Watermark(); mark > 0 && mark < math.MaxInt64 {
		out <- prometheus.MustNewConstMetric(lag, prometheus.GaugeValue, c.now().Sub(time.Unix(0, mark)).Seconds())
	}
}

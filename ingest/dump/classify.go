package dump

import (
	"fmt"
	"slices"
	"strings"

	"headwater/graph/trace"
	"headwater/ingest/dump/console"
	"headwater/ingest/dump/datadog"
	"headwater/ingest/dump/jaeger"
	"headwater/ingest/dump/mend"
	"headwater/ingest/dump/otlpjson"
	"headwater/ingest/dump/xray"
	"headwater/ingest/dump/zipkin"
)

// form is a way in which spans are written: what an object's keys must be to be
// of it, and how it is read.
type form struct {
	name string
	keys []string // all of them stand in the object
	any  []string // and one of these, where there are some
	read func(object []byte, m *mend.Mender) ([]trace.Span, error)
}

// forms are looked through in this order.
var forms = []form{
	{name: "OTLP", any: []string{"resourceSpans", "resource_spans", "batches"}, read: otlpjson.Request},
	{name: "Jaeger", keys: []string{"spans", "processes"}, read: jaeger.Trace},
	{name: "Jaeger span", keys: []string{"traceID", "spanID", "process"}, read: jaeger.Span},
	{name: "OpenTelemetry for JavaScript", keys: []string{"traceId", "id", "resource", "instrumentationScope"}, read: console.JavaScript},
	{name: "OpenTelemetry for JavaScript", keys: []string{"traceId", "id", "resource", "attributes"}, read: console.JavaScript},
	{name: "Zipkin", keys: []string{"traceId", "id"}, read: zipkin.Span},
	{name: "OpenTelemetry for Go", keys: []string{"SpanContext", "StartTime"}, read: console.Go},
	{name: "OpenTelemetry for Python", keys: []string{"context", "parent_id", "start_time"}, read: console.Python},
	{name: "Datadog", keys: []string{"trace_id", "span_id"}, any: []string{"start", "duration"}, read: datadog.Span},
	{name: "Datadog API", keys: []string{"attributes", "type", "id"}, read: datadog.Event},
	{name: "Datadog saved", keys: []string{"trace"}, read: datadog.Saved},
	{name: "X-Ray", keys: []string{"Segments"}, read: xray.Trace},
	{name: "X-Ray segment", keys: []string{"trace_id", "id", "name"}, any: []string{"start_time", "end_time", "in_progress"}, read: xray.Segment},
}

// formOf tells a form by an object's keys, or gives nil.
func formOf(keys []string) *form {
	has := func(key string) bool { return slices.Contains(keys, key) }
	for i := range forms {
		f := &forms[i]
		if !slices.ContainsFunc(f.keys, func(k string) bool { return !has(k) }) && (f.any == nil || slices.ContainsFunc(f.any, has)) {
			return f
		}
	}
	return nil
}

// maxKeys bounds the keys of one object that are looked at, and maxKey their
// length: no form needs more to be told.
const (
	maxKeys = 64
	maxKey  = 64
)

// keysOf lists the keys that stand at the top of an object.
func keysOf(object []byte) (keys []string) {
	depth, key := 0, false
	for i := 0; i < len(object) && len(keys) < maxKeys; i++ {
		switch c := object[i]; c {
		case '{', '[':
			depth++
			key = depth == 1
		case '}', ']':
			depth--
		case ',':
			key = depth == 1
		case '"':
			start := i + 1
			for i = start; i < len(object) && object[i] != '"'; i++ {
				if object[i] == '\\' {
					i++
				}
			}
			if key && depth == 1 && i <= len(object) && i-start <= maxKey {
				keys = append(keys, string(object[start:min(i, len(object))]))
			}
			key = false
		}
	}
	return keys
}

// ignored reports whether an object stands between spans and says nothing of
// them: the header of what is sent to X-Ray's daemon.
func ignored(keys []string) bool {
	return len(keys) == 2 && slices.Contains(keys, "format") && slices.Contains(keys, "version")
}

// otherThanTraces says what an object of no known form is, by its keys.
func otherThanTraces(keys []string) (what, detail string) {
	keys = slices.Sorted(slices.Values(keys))
	for _, key := range keys {
		switch key {
		case "resourceMetrics", "resource_metrics":
			return "OTLP metrics, not traces", ""
		case "resourceLogs", "resource_logs":
			return "OTLP logs, not traces", ""
		case "resourceProfiles", "resource_profiles":
			return "OTLP profiles, not traces", ""
		}
	}
	const shown = 3
	for i, key := range keys[:min(shown, len(keys))] {
		keys[i] = fmt.Sprintf("%.40q", key)
	}
	if len(keys) > shown {
		keys = append(keys[:shown], "...")
	}
	return "JSON of no known form", "an object of " + strings.Join(keys, ", ")
}

// known names the forms that are read.
const known = "OTLP, Jaeger, Tempo, Zipkin, X-Ray, Datadog and the SDKs' console exporters"

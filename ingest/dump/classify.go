package dump

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// otherThanTraces says what an object without spans is, where it is not simply
// an empty request for traces.
func otherThanTraces(object []byte) (what, detail string) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		return "unreadable JSON", brief(err)
	}
	if len(fields) == 0 {
		return "", ""
	}
	keys := slices.Sorted(maps.Keys(fields))
	for _, key := range keys {
		switch key {
		case "resourceSpans", "resource_spans":
			return "", ""
		case "resourceMetrics", "resource_metrics":
			what = "OTLP metrics, not traces"
		case "resourceLogs", "resource_logs":
			what = "OTLP logs, not traces"
		case "resourceProfiles", "resource_profiles":
			what = "OTLP profiles, not traces"
		}
	}
	if what != "" {
		return what, ""
	}
	const shown = 3
	for i, key := range keys[:min(shown, len(keys))] {
		keys[i] = fmt.Sprintf("%.40q", key)
	}
	if len(keys) > shown {
		keys = append(keys[:shown], "...")
	}
	return "JSON, but no OTLP request", "an object of " + strings.Join(keys, ", ")
}

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"headwater/ingest/dump"
)

// TestReportsFitTheSchema validates what analyze prints against what is
// published.
func TestReportsFitTheSchema(t *testing.T) {
	text, err := os.ReadFile("../../docs/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	spans, err := basketSpans()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"an incident":     formatted(t, dump.OTLP, spans),
		"nothing":         []byte("{}"),
		"one span":        formatted(t, dump.OTLP, spans[:1]),
		"something wrong": append([]byte("what?\n"), formatted(t, dump.Zipkin, spans[:100])...),
	} {
		var out, stderr bytes.Buffer
		if err := run(t.Context(), []string{"analyze", "--format", "json", "-"}, bytes.NewReader(content), &out, &stderr); err != nil {
			t.Fatal(err)
		}
		var report any
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		if err := resolved.Validate(report); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "an incident" && !strings.Contains(out.String(), `"causes"`) {
			t.Error("no causes in the report")
		}
	}
	if err := resolved.Validate(map[string]any{"version": "one"}); err == nil {
		t.Error("the schema takes anything")
	}
}

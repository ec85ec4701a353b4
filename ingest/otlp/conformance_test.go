package otlp

import (
	"strings"
	"testing"
)

// rule is one sentence of the OTLP specification, 1.11, and how it is checked.
// https://opentelemetry.io/docs/specs/otlp/
type rule struct {
	paragraph string // heading in the specification
	says      string
	check     func(t *testing.T)
}

// conform checks rules, each by itself.
func conform(t *testing.T, rules []rule) {
	for _, r := range rules {
		t.Run(strings.ReplaceAll(r.paragraph, "/", " over ")+": "+r.says, r.check)
	}
}

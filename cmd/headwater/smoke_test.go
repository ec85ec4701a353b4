package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"headwater/analysis"
	"headwater/analysis/accuracy"
)

// TestSmoke goes the whole way a few times: a scenario is simulated, written,
// read and analysed, and its cause is found, or none where there is none. How
// good the analysis is over many cases is measured elsewhere.
func TestSmoke(t *testing.T) {
	for _, scenario := range []string{"slow-database", "slow-service", "bad-instance", "quiet-clinic"} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			var out, stderr bytes.Buffer
			if err := run(t.Context(), []string{"simulate", scenario, "--out", folder}, nil, &out, &stderr); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(folder, "truth.json"))
			if err != nil {
				t.Fatal(err)
			}
			var truth accuracy.Truth
			if err := json.Unmarshal(data, &truth); err != nil {
				t.Fatal(err)
			}
			var report analysis.Report
			if err := json.Unmarshal([]byte(offline(t, filepath.Join(folder, "spans.jsonl.zst"))), &report); err != nil {
				t.Fatal(err)
			}
			if truth.Healthy {
				for _, in := range report.Incidents {
					t.Errorf("a false alarm: %s", in.Sentence)
				}
				return
			}
			var named []string
			for _, in := range report.Incidents {
				for _, c := range in.Causes {
					if c.Rank <= 3 && slices.Contains(truth.Cause.Accept, c.Name) {
						return
					}
					named = append(named, c.Name)
				}
			}
			t.Errorf("the cause is %s %s; named were %s", truth.Cause.Kind, truth.Cause.Name, strings.Join(named, ", "))
		})
	}
}

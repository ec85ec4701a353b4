//go:build node

package otlp

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/graph/trace"
	"headwater/ingest"
)

// TestTheJavaScriptSDK sends with OpenTelemetry's JavaScript SDK, as it comes
// from npm, to a Headwater that wants a token and is busy at first: but for gRPC,
// whose exporter (0.223) tries nothing again, whatever it is told. It needs Node,
// and "npm ci" in testdata/js.
func TestTheJavaScriptSDK(t *testing.T) {
	for protocol, busy := range map[string]int{"http/json": 2, "http/protobuf": 2, "grpc": 0} {
		t.Run(protocol, func(t *testing.T) {
			const n = 120
			sink := &collector{fail: func(_ context.Context, n int) error {
				if n < busy {
					return fmt.Errorf("queue full: %w", ingest.ErrBusy)
				}
				return nil
			}}
			s := start(t, sink, locked())
			endpoint := s.HTTPAddr()
			if protocol == "grpc" {
				endpoint = s.GRPCAddr()
			}
			node := exec.CommandContext(t.Context(), "node", "send.mjs")
			node.Dir = "testdata/js"
			node.Env = append(os.Environ(), "PROTOCOL="+protocol, fmt.Sprint("N=", n),
				"OTEL_EXPORTER_OTLP_ENDPOINT=http://"+endpoint, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer "+rightToken)
			if said, err := node.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			want := []string{"root"}
			for i := 1; i < n; i++ {
				want = append(want, fmt.Sprintf("child %04d", i))
			}
			slices.Sort(want)
			got := sink.names()
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("spans (-sent +stored):\n%s", diff)
			}
			for _, s := range sink.spans {
				if s.Resource.Service != "checkout" || (s.Parent == trace.SpanID{}) != (s.Name == "root") || s.Start == 0 || s.End < s.Start {
					t.Errorf("span %+v", s)
				}
			}
			if batches := (n + 49) / 50; sink.writes != batches+busy {
				t.Errorf("%d writes, want %d and %d that were turned away", sink.writes, batches, busy)
			}
		})
	}
}

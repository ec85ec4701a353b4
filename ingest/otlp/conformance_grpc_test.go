package otlp

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"headwater/ingest"
)

func failing(err error) *collector {
	return &collector{fail: func(context.Context, int) error { return err }}
}

func TestConformanceGRPC(t *testing.T) {
	conform(t, []rule{
		{"OTLP/gRPC Request", "a message above the limit is refused for good", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{MaxBody: 1000})
			for name, opts := range map[string][]grpc.CallOption{
				"plain": nil, "gzip": {grpc.UseCompressor("gzip")}, "zstd": {grpc.UseCompressor("zstd")},
			} {
				_, st := sendGRPC(t, s, make([]byte, 1001), opts...)
				if _, retry := retryIn(st); st.Code() != codes.ResourceExhausted || retry {
					t.Errorf("%s: %v, want ResourceExhausted without RetryInfo", name, st)
				}
			}
			if sink.writes != 0 {
				t.Error("something was written")
			}
		}},
		{"OTLP/gRPC Request", "the limit holds for what gzip and zstd unpack to", func(t *testing.T) {
			s := start(t, &collector{}, Config{MaxBody: 1 << 20})
			for _, name := range []string{"gzip", "zstd"} {
				if _, st := sendGRPC(t, s, make([]byte, 32<<20), grpc.UseCompressor(name)); st.Code() != codes.ResourceExhausted {
					t.Errorf("%s: %v, want ResourceExhausted", name, st)
				}
			}
		}},
		{"OTLP/gRPC Concurrent Requests", "a sender may have several requests on their way", func(t *testing.T) {
			const n = 50
			sink := &collector{}
			conn := dial(t, start(t, sink, Config{}))
			var g errgroup.Group
			for i := range n {
				body := protobuf(t, span("s", 1, byte(i+1)))
				g.Go(func() error {
					_, st := invoke(t.Context(), conn, exportMethod, body)
					return st.Err()
				})
			}
			if err := g.Wait(); err != nil || len(sink.names()) != n {
				t.Errorf("%v; %d spans, want %d", err, len(sink.names()), n)
			}
		}},
		{"OTLP/gRPC Response, Full Success", "partial_success is left unset", func(t *testing.T) {
			sink := &collector{}
			answer, st := sendGRPC(t, start(t, sink, Config{}), protobuf(t, span("s", 1, 1)))
			if st.Code() != codes.OK || len(answer) != 0 || len(sink.names()) != 1 {
				t.Errorf("%v, answer %x, stored %q; want an empty message and one span", st, answer, sink.names())
			}
		}},
		{"OTLP/gRPC Response, Full Success", "the same with gzip and zstd", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{})
			for i, name := range []string{"gzip", "zstd"} {
				answer, st := sendGRPC(t, s, protobuf(t, span(name, 1, byte(i+1))), grpc.UseCompressor(name))
				if st.Code() != codes.OK || len(answer) != 0 {
					t.Errorf("%s: %v, answer %x", name, st, answer)
				}
			}
			if got := strings.Join(sink.names(), " "); got != "gzip zstd" {
				t.Errorf("stored %q", got)
			}
		}},
		{"OTLP/gRPC Response, Full Success", "an empty request succeeds", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{})
			for _, body := range [][]byte{nil, protobuf(t), {0x0a, 0x00}, {0x0a, 0x02, 0x12, 0x00}} {
				if answer, st := sendGRPC(t, s, body); st.Code() != codes.OK || len(answer) != 0 {
					t.Errorf("%x: %v, answer %x", body, st, answer)
				}
			}
			if sink.writes != 0 {
				t.Error("nothing was written as if it were something")
			}
		}},
		{"OTLP/gRPC Response, Partial Success", "rejected_spans counts, error_message gives the reasons, the rest is kept", func(t *testing.T) {
			sink := &collector{}
			body, st := sendGRPC(t, start(t, sink, Config{}), protobuf(t, span("kept", 1, 1), span("a", 0, 1), span("b", 0, 1), span("c", 1, 0)))
			answer := ptraceotlp.NewExportResponse()
			if err := errors.Join(st.Err(), answer.UnmarshalProto(body)); err != nil {
				t.Fatal(err)
			}
			p := answer.PartialSuccess()
			if p.RejectedSpans() != 3 || p.ErrorMessage() != "spans refused: 1 with no span id, 2 with no trace id" {
				t.Errorf("rejected %d, %q", p.RejectedSpans(), p.ErrorMessage())
			}
			if got := sink.names(); len(got) != 1 || got[0] != "kept" {
				t.Errorf("stored %q", got)
			}
		}},
		{"OTLP/gRPC Response, Failures", "what can't be decoded is InvalidArgument with a BadRequest", func(t *testing.T) {
			sink := &collector{}
			_, st := sendGRPC(t, start(t, sink, Config{}), []byte("no protobuf"))
			if st.Code() != codes.InvalidArgument || !describesBadData(st) {
				t.Errorf("%v, details %v", st, st.Details())
			}
			if sink.writes != 0 {
				t.Error("something was written")
			}
		}},
		{"OTLP/gRPC Response, Failures", "a sink that fails is Unavailable with RetryInfo", func(t *testing.T) {
			_, st := sendGRPC(t, start(t, failing(errors.New("disk on fire")), Config{}), protobuf(t, span("s", 1, 1)))
			if d, ok := retryIn(st); st.Code() != codes.Unavailable || !ok || d != retryDelay {
				t.Errorf("%v, retry in %v", st, d)
			}
		}},
		{"OTLP/gRPC Throttling", "a busy sink is ResourceExhausted with RetryInfo", func(t *testing.T) {
			_, st := sendGRPC(t, start(t, failing(ingest.ErrBusy), Config{}), protobuf(t, span("s", 1, 1)))
			if d, ok := retryIn(st); st.Code() != codes.ResourceExhausted || !ok || d != retryDelay {
				t.Errorf("%v, retry in %v", st, d)
			}
		}},
		{"OTLP/gRPC Service and Protobuf Definitions", "metrics, logs and profiles are Unimplemented", func(t *testing.T) {
			conn := dial(t, start(t, &collector{}, Config{}))
			_, metrics := pmetricotlp.NewGRPCClient(conn).Export(t.Context(), pmetricotlp.NewExportRequest())
			_, logs := plogotlp.NewGRPCClient(conn).Export(t.Context(), plogotlp.NewExportRequest())
			_, profiles := invoke(t.Context(), conn, "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", nil)
			for _, err := range []error{metrics, logs, profiles.Err()} {
				if st := status.Convert(err); st.Code() != codes.Unimplemented || !strings.Contains(st.Message(), "traces alone") {
					t.Errorf("%v, want Unimplemented and why", st)
				}
			}
		}},
		{"OTLP/gRPC Service and Protobuf Definitions", "fields that are not known are passed over", func(t *testing.T) {
			sink := &collector{}
			body := append(protobuf(t, span("s", 1, 1)), 0xfa, 0x07, 0x03, 'n', 'e', 'w') // field 127
			if _, st := sendGRPC(t, start(t, sink, Config{}), body); st.Code() != codes.OK || len(sink.names()) != 1 {
				t.Errorf("%v, stored %q", st, sink.names())
			}
		}},
	})
}

package otlp

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"headwater/graph/trace"
	"headwater/ingest"
)

func dial(t *testing.T, s *Server) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(s.GRPCAddr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

func exportGRPC(t *testing.T, s *Server, spans ...trace.Span) (ptraceotlp.ExportResponse, error) {
	t.Helper()
	td, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(protobuf(t, spans...))
	if err != nil {
		t.Fatal(err)
	}
	return ptraceotlp.NewGRPCClient(dial(t, s)).Export(t.Context(), ptraceotlp.NewExportRequestFromTraces(td))
}

func TestGRPCPartialSuccess(t *testing.T) {
	sink := &collector{}
	answer, err := exportGRPC(t, start(t, sink, 0), span("kept", 1, 1), span("a", 0, 1), span("b", 0, 1), span("c", 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.PartialSuccess().RejectedSpans(); got != 3 {
		t.Errorf("rejected %d, want 3", got)
	}
	if got, want := answer.PartialSuccess().ErrorMessage(), "spans refused: 1 with no span id, 2 with no trace id"; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
	if got := sink.names(); len(got) != 1 || got[0] != "kept" {
		t.Errorf("stored %q", got)
	}
}

func TestGRPCFullAndEmptySuccess(t *testing.T) {
	sink := &collector{}
	s := start(t, sink, 0)
	for _, spans := range [][]trace.Span{{span("kept", 1, 1)}, nil} {
		answer, err := exportGRPC(t, s, spans...)
		if err != nil {
			t.Fatal(err)
		}
		if p := answer.PartialSuccess(); p.RejectedSpans() != 0 || p.ErrorMessage() != "" {
			t.Errorf("partial success %d %q, want none", p.RejectedSpans(), p.ErrorMessage())
		}
	}
	if sink.writes != 1 {
		t.Errorf("%d writes, want 1: an empty request holds nothing to write", sink.writes)
	}
}

func TestGRPCSinkErrorsAskToTryLater(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		code codes.Code
	}{
		{"busy", ingest.ErrBusy, codes.ResourceExhausted},
		{"broken store", errors.New("disk on fire"), codes.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink := &collector{fail: func(context.Context, int) error { return c.err }}
			_, err := exportGRPC(t, start(t, sink, 0), span("s", 1, 1))
			st := status.Convert(err)
			if st.Code() != c.code {
				t.Fatalf("status %v, want %v", st, c.code)
			}
			var delay time.Duration
			for _, d := range st.Details() {
				if info, ok := d.(*errdetails.RetryInfo); ok {
					delay = info.RetryDelay.AsDuration()
				}
			}
			if delay != retryDelay {
				t.Errorf("the sender is asked to wait %v, want %v", delay, retryDelay)
			}
		})
	}
}

// rawRequest sends bytes as they are.
func rawRequest(t *testing.T, s *Server, body []byte) error {
	t.Helper()
	var answer []byte
	return dial(t, s).Invoke(t.Context(), "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
		body, &answer, grpc.ForceCodecV2(rawCodec{}))
}

func TestGRPCUnreadableRequest(t *testing.T) {
	s := start(t, &collector{}, 0)
	if err := rawRequest(t, s, []byte("no protobuf")); status.Code(err) != codes.InvalidArgument {
		t.Errorf("error %v, want InvalidArgument", err)
	}
}

func TestGRPCRequestTooLarge(t *testing.T) {
	s := start(t, &collector{}, 1000)
	if err := rawRequest(t, s, make([]byte, 1001)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("error %v, want ResourceExhausted", err)
	}
}

func TestLogsAreUnimplemented(t *testing.T) {
	s := start(t, &collector{}, 0)
	_, err := plogotlp.NewGRPCClient(dial(t, s)).Export(t.Context(), plogotlp.NewExportRequest())
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("error %v, want Unimplemented", err)
	}
}

func TestShutdownFinishesWhatWasAccepted(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	sink := &collector{fail: func(context.Context, int) error {
		entered <- struct{}{}
		<-release
		return nil
	}}
	s := start(t, sink, 0)
	answers := make(chan error, 2)
	go func() { _, err := exportGRPC(t, s, span("by gRPC", 1, 1)); answers <- err }()
	go func() {
		_, err := post(s, "application/x-protobuf", "", protobuf(t, span("by HTTP", 1, 2)))
		answers <- err
	}()
	<-entered
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(context.Background()) }()
	close(release)
	for range 2 {
		if err := <-answers; err != nil {
			t.Errorf("accepted request: %v", err)
		}
	}
	if err := <-stopped; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if got := sink.names(); len(got) != 2 {
		t.Errorf("stored %q, want both", got)
	}
}

func TestShutdownCutsOffWhenItsTimeIsUp(t *testing.T) {
	entered := make(chan struct{})
	sink := &collector{fail: func(ctx context.Context, _ int) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	}}
	s := start(t, sink, 0)
	answer := make(chan error, 1)
	go func() { _, err := exportGRPC(t, s, span("never written", 1, 1)); answer <- err }()
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown: %v, want its context's error", err)
	}
	if err := <-answer; err == nil {
		t.Error("the sender was told that its span was taken")
	}
}

package otlp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"

	"headwater/graph/trace"
	"headwater/ingest"
)

// dropped is a Sink that keeps nothing.
type dropped struct{}

func (dropped) Write(context.Context, *ingest.Batch) error { return nil }

// BenchmarkReceive sends requests of 1,000 small spans over this machine's own
// network, and empty ones, whose time is what a request costs by itself. The time
// is that of the sender, too.
func BenchmarkReceive(b *testing.B) {
	s, err := Listen(Config{GRPC: "127.0.0.1:0", HTTP: "127.0.0.1:0", Authorized: func(token string) bool { return token != "" }},
		dropped{}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	defer func() {
		if err := errors.Join(s.Shutdown(context.Background()), <-served); err != nil {
			b.Error(err)
		}
	}()
	conn, err := grpc.NewClient(s.GRPCAddr(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(bearer{}))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	spans := make([]trace.Span, 1000)
	for i := range spans {
		spans[i] = span(fmt.Sprintf("GET /%d", i%20), byte(i/10+1), byte(i%200+1))
		spans[i].Start, spans[i].End = int64(i)*1e6, int64(i)*1e6+5e5
	}
	for name, body := range map[string][]byte{"empty": nil, "1000 spans": protobuf(b, spans...)} {
		for _, compressor := range []string{"identity", "gzip", "zstd"} {
			b.Run("gRPC/"+name+"/"+compressor, func(b *testing.B) {
				for b.Loop() {
					if _, st := invoke(b.Context(), conn, exportMethod, body, grpc.UseCompressor(compressor)); st.Code() != codes.OK {
						b.Fatal(st)
					}
				}
			})
		}
		b.Run("HTTP/"+name, func(b *testing.B) {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			for b.Loop() {
				got, err := request{header: map[string]string{"Content-Type": protobufType, "Authorization": "Bearer x"}, body: body, over: transport}.send(s)
				if err != nil || got.code != http.StatusOK {
					b.Fatal(got, err)
				}
			}
		})
	}
}

// bearer brings a token.
type bearer struct{}

func (bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer x"}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }

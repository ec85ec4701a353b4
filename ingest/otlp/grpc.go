package otlp

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // lets senders compress with gzip
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"

	"headwater/ingest/wire"
)

// maxStreams bounds the requests that one gRPC connection has open at a time.
const maxStreams = 128

// minPing is how often senders may ping without being cut off.
const minPing = 10 * time.Second

func newGRPCServer(r *receiver, maxBody int64) *grpc.Server {
	s := grpc.NewServer(
		grpc.ForceServerCodecV2(rawCodec{}),
		grpc.MaxRecvMsgSize(int(maxBody)),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPing, PermitWithoutStream: true}),
		grpc.WaitForHandlers(true),
	)
	s.RegisterService(&traceService, r)
	return s
}

// traceService is OTLP's TraceService with requests left as bytes: a Batch
// keeps them, and wire reads the spans out of them.
var traceService = grpc.ServiceDesc{
	ServiceName: "opentelemetry.proto.collector.trace.v1.TraceService",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Export", Handler: export}},
}

func export(srv any, ctx context.Context, read func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	r := srv.(*receiver)
	var request []byte
	if err := read(&request); err != nil {
		return nil, err
	}
	refused, err := r.take(ctx, request, wire.NewBatch)
	if err != nil {
		return nil, r.explain(ctx, err).Err()
	}
	if len(refused) == 0 {
		return []byte(nil), nil
	}
	return partialSuccess(refused).MarshalProto()
}

// rawCodec hands messages through as bytes.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("can't send a %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

// Unmarshal copies the message, since gRPC uses its buffers again.
func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	b, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("can't receive a %T", v)
	}
	*b = data.Materialize()
	return nil
}

package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
)

// busyPause is how long a sender waits that was told to try again.
const busyPause = 200 * time.Millisecond

// export sends one request, again for as long as the receiver is busy.
func export(ctx context.Context, conn *grpc.ClientConn, request []byte) error {
	const method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	for {
		var answer []byte
		err := conn.Invoke(ctx, method, request, &answer, grpc.ForceCodecV2(bytesCodec{}), grpc.WaitForReady(true))
		switch status.Code(err) {
		case codes.OK:
			return nil
		case codes.ResourceExhausted, codes.Unavailable:
			if err := pause(ctx, busyPause); err != nil {
				return err
			}
		default:
			return fmt.Errorf("send spans: %w", err)
		}
	}
}

// pause waits, and returns an error when ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// bytesCodec sends requests that are encoded already.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "proto" }

func (bytesCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (bytesCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

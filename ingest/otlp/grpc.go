package otlp

import (
	"container/list"
	"context"
	"fmt"
	"math"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"headwater/ingest/wire"
)

// Pings: how often senders may ping without being cut off, and how we find out
// that a silent one is gone.
const (
	minPing  = 10 * time.Second
	pingTime = time.Minute
	pongTime = 20 * time.Second
)

const (
	traceServiceName = "opentelemetry.proto.collector.trace.v1.TraceService"
	exportMethod     = "/" + traceServiceName + "/Export"
)

func newGRPCServer(r *receiver) *grpc.Server {
	options := []grpc.ServerOption{
		grpc.ForceServerCodecV2(rawCodec{r}),
		grpc.MaxRecvMsgSize(int(min(r.MaxBody, math.MaxInt32))),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.ConnectionTimeout(r.HeaderTime),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPing, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: idleTimeGRPC, Time: pingTime, Timeout: pongTime}),
		grpc.InTapHandle(r.admit),
		grpc.StatsHandler(observer{r}),
		grpc.WaitForHandlers(true),
	}
	if r.TLS != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(r.TLS)))
	}
	s := grpc.NewServer(options...)
	s.RegisterService(&traceService, r)
	return s
}

// admit decides on a request by its header, before any of its body is kept. A
// request that is let in gets the time that a request may take.
func (r *receiver) admit(ctx context.Context, info *tap.Info) (context.Context, error) {
	refuse := func(result Result, err error) (context.Context, error) {
		r.Observe(Outcome{Protocol: GRPC, Result: result})
		return ctx, err
	}
	c := connOf(ctx)
	if !r.authorized(info.Header["authorization"]) {
		if c != nil {
			c.refuse()
		}
		return refuse(Unauthenticated, status.Error(codes.Unauthenticated, needsToken))
	}
	if info.FullMethodName != exportMethod {
		return refuse(Unsupported, status.Errorf(codes.Unimplemented, "%s is not served: Headwater takes traces alone, by %s", info.FullMethodName, exportMethod))
	}
	if c != nil && c.listener.full() {
		return refuse(Busy, tryLater(codes.ResourceExhausted, "too many requests are on their way").Err())
	}
	timed, cancel := context.WithTimeout(ctx, r.BodyTime)
	context.AfterFunc(ctx, cancel)
	return timed, nil
}

// connOf finds the connection of a request. There is none in some tests.
func connOf(ctx context.Context) *conn {
	if p, ok := peer.FromContext(ctx); ok {
		if a, ok := p.Addr.(peerAddr); ok {
			return a.conn
		}
	}
	return nil
}

// traceService is OTLP's TraceService with requests left as bytes: a Batch
// keeps them, and wire reads the spans out of them.
var traceService = grpc.ServiceDesc{
	ServiceName: traceServiceName,
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Export", Handler: export}},
}

func export(srv any, ctx context.Context, read func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	r := srv.(*receiver)
	var request message
	if err := read(&request); err != nil {
		return nil, err
	}
	defer r.inWork.Release(request.reserved)
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		c = new(call)
	}
	if request.noRoom {
		c.Result = Busy
		return nil, r.explain(ctx, errNoRoom).Err()
	}
	got, err := r.take(ctx, request.bytes, wire.NewBatch)
	c.Result = resultOf(ctx, err)
	if err != nil {
		return nil, r.explain(ctx, err).Err()
	}
	c.Spans, c.Refused = got.spans, got.refused
	if len(got.refused) == 0 {
		return []byte(nil), nil
	}
	return partialSuccess(got.refused).MarshalProto()
}

// message is a request as it comes out of gRPC.
type message struct {
	bytes    []byte
	reserved int64 // of receiver.inWork
	noRoom   bool  // it could not be reserved; there are no bytes
}

// rawCodec hands messages through as bytes.
type rawCodec struct{ r *receiver }

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("can't send a %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

// Unmarshal copies the message, since gRPC uses its buffers again, if there is
// room for it.
func (c rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*message)
	if !ok {
		return fmt.Errorf("can't receive a %T", v)
	}
	size := int64(data.Len())
	if !c.r.inWork.TryAcquire(size) {
		m.noRoom = true
		return nil
	}
	m.bytes, m.reserved = data.Materialize(), size
	return nil
}

// observer follows requests from their first byte to the answer.
type observer struct{ r *receiver }

// call is what is known of a request.
type call struct {
	Outcome
	conn *conn
	open *list.Element
}

type callKey struct{}

// TagConn implements stats.Handler.
func (observer) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (observer) HandleConn(context.Context, stats.ConnStats) {}

// TagRPC implements stats.Handler.
func (observer) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, callKey{}, &call{Outcome: Outcome{Protocol: GRPC}, conn: connOf(ctx)})
}

// HandleRPC implements stats.Handler.
func (o observer) HandleRPC(ctx context.Context, event stats.RPCStats) {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return
	}
	switch event := event.(type) {
	case *stats.Begin:
		if c.conn != nil {
			c.open = c.conn.begin()
		}
	case *stats.InPayload:
		c.Received, c.Bytes = event.CompressedLength, event.Length
	case *stats.End:
		if c.open != nil {
			c.conn.end(c.open)
		}
		if c.Result == "" {
			c.Result = beforeHandler(status.Code(event.Error))
		}
		c.Duration = event.EndTime.Sub(event.BeginTime)
		o.r.Observe(c.Outcome)
	}
}

// beforeHandler is the result of a request that gRPC itself answered.
func beforeHandler(code codes.Code) Result {
	switch code {
	case codes.ResourceExhausted:
		return TooLarge
	case codes.Unimplemented:
		return Unsupported
	case codes.DeadlineExceeded:
		return TimedOut
	case codes.Canceled, codes.Unavailable, codes.Unknown:
		return GoneAway
	}
	return Unreadable
}

package otlp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	protobufType = "application/x-protobuf"
	jsonType     = "application/json"
)

func dial(t *testing.T, s *Server, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(s.GRPCAddr(), append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, opts...)...)
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

// bytesCodec sends and receives messages as they are.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "proto" }

func (bytesCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (bytesCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// invoke sends a message to a method and gives the answer's bytes.
func invoke(ctx context.Context, conn *grpc.ClientConn, method string, body []byte, opts ...grpc.CallOption) ([]byte, *status.Status) {
	var answer []byte
	err := conn.Invoke(ctx, method, body, &answer, append(opts, grpc.ForceCodecV2(bytesCodec{}))...)
	return answer, status.Convert(err)
}

// sendGRPC exports a message.
func sendGRPC(t *testing.T, s *Server, body []byte, opts ...grpc.CallOption) ([]byte, *status.Status) {
	t.Helper()
	return invoke(t.Context(), dial(t, s), exportMethod, body, opts...)
}

// retryIn is the delay that a status asks for, or false.
func retryIn(st *status.Status) (time.Duration, bool) {
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.RetryInfo); ok {
			return info.RetryDelay.AsDuration(), true
		}
	}
	return 0, false
}

// describesBadData says whether a status has a BadRequest with some text.
func describesBadData(st *status.Status) bool {
	for _, d := range st.Details() {
		if bad, ok := d.(*errdetails.BadRequest); ok && len(bad.FieldViolations) > 0 && bad.FieldViolations[0].Description != "" {
			return true
		}
	}
	return false
}

// answer is what came back over HTTP.
type answer struct {
	code   int
	header http.Header
	body   []byte
}

// request is one over HTTP: POST to /v1/traces, if it does not say otherwise.
type request struct {
	method, path string
	header       map[string]string
	body         []byte
	over         *http.Transport // nil: a connection of its own
}

func (r request) send(s *Server) (answer, error) {
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.path == "" {
		r.path = tracesPath
	}
	req, err := http.NewRequest(r.method, "http://"+s.HTTPAddr()+r.path, bytes.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	if r.over == nil {
		r.over = &http.Transport{DisableKeepAlives: true}
	}
	return do(r.over, req)
}

func do(transport http.RoundTripper, req *http.Request) (answer, error) {
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, body}, err
}

func post(s *Server, contentType, contentEncoding string, body []byte) (answer, error) {
	header := map[string]string{"Content-Type": contentType}
	if contentEncoding != "" {
		header["Content-Encoding"] = contentEncoding
	}
	return request{header: header, body: body}.send(s)
}

// status reads the answer's body as a Status, in the form that it says it has.
func (a answer) status(t *testing.T) *status.Status {
	t.Helper()
	var st spb.Status
	var err error
	if a.header.Get("Content-Type") == jsonType {
		err = protojson.Unmarshal(a.body, &st)
	} else {
		err = proto.Unmarshal(a.body, &st)
	}
	if err != nil {
		t.Fatalf("%d %q is no Status: %v", a.code, a.body, err)
	}
	return status.FromProto(&st)
}

// export reads the answer's body as an ExportTraceServiceResponse.
func (a answer) export(t *testing.T) ptraceotlp.ExportResponse {
	t.Helper()
	response := ptraceotlp.NewExportResponse()
	read := response.UnmarshalProto
	if a.header.Get("Content-Type") == jsonType {
		read = response.UnmarshalJSON
	}
	if err := read(a.body); err != nil {
		t.Fatalf("%d %q: %v", a.code, a.body, err)
	}
	return response
}

func packGzip(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func packZstd(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

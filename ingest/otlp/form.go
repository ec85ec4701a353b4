package otlp

import (
	"mime"
	"net/http"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"headwater/ingest"
	"headwater/ingest/wire"
)

// form is one of the two forms of OTLP over HTTP. Answers have the form of
// their request.
type form struct {
	contentType string
	decode      func([]byte) (*ingest.Batch, error)
	nothing     []byte // the empty message
	partial     func(refused map[ingest.Reason]int) ([]byte, error)
	status      func(proto.Message) ([]byte, error)
}

var (
	inProtobuf = &form{
		contentType: "application/x-protobuf",
		decode:      wire.NewBatch,
		partial: func(refused map[ingest.Reason]int) ([]byte, error) {
			return partialSuccess(refused).MarshalProto()
		},
		status: proto.Marshal,
	}
	inJSON = &form{
		contentType: "application/json",
		decode:      wire.NewBatchJSON,
		nothing:     []byte("{}"),
		partial: func(refused map[ingest.Reason]int) ([]byte, error) {
			return partialSuccess(refused).MarshalJSON()
		},
		status: protojson.Marshal,
	}
)

// formOf gives nil for a content type that is not OTLP's.
func formOf(req *http.Request) *form {
	contentType, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil {
		return nil
	}
	for _, f := range []*form{inProtobuf, inJSON} {
		if f.contentType == contentType {
			return f
		}
	}
	return nil
}

// fail answers with a google.rpc.Status. One who asks in no form of OTLP can
// most likely read JSON.
func (f *form) fail(w http.ResponseWriter, code int, st *status.Status) {
	if f == nil {
		f = inJSON
	}
	body, err := f.status(st.Proto())
	if err != nil {
		http.Error(w, st.Message(), code)
		return
	}
	if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryDelay.Seconds())))
	}
	f.answer(w, code, body)
}

func (f *form) answer(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write(body) // the sender is gone; it will send again
}

// httpStatus is the HTTP form of a gRPC code: retryable where that is.
func httpStatus(code codes.Code) int {
	switch code {
	case codes.InvalidArgument:
		return http.StatusBadRequest
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	}
	return http.StatusServiceUnavailable
}

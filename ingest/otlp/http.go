package otlp

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"headwater/ingest"
	"headwater/ingest/wire"
)

// encoding is one of the two forms of OTLP over HTTP. Answers have the form of
// their request.
type encoding struct {
	contentType string
	decode      func([]byte) (*ingest.Batch, error)
	nothing     []byte // the empty message
	partial     func(refused map[ingest.Reason]int) ([]byte, error)
	status      func(proto.Message) ([]byte, error)
}

var (
	inProtobuf = &encoding{
		contentType: "application/x-protobuf",
		decode:      wire.NewBatch,
		partial: func(refused map[ingest.Reason]int) ([]byte, error) {
			return partialSuccess(refused).MarshalProto()
		},
		status: proto.Marshal,
	}
	inJSON = &encoding{
		contentType: "application/json",
		decode:      wire.NewBatchJSON,
		nothing:     []byte("{}"),
		partial: func(refused map[ingest.Reason]int) ([]byte, error) {
			return partialSuccess(refused).MarshalJSON()
		},
		status: protojson.Marshal,
	}
)

// newHandler answers POST /v1/traces. ServeMux answers other methods with 405
// and other paths with 404.
func newHandler(r *receiver, maxBody int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", func(w http.ResponseWriter, req *http.Request) {
		r.serveTraces(w, req, maxBody)
	})
	return mux
}

func (r *receiver) serveTraces(w http.ResponseWriter, req *http.Request, maxBody int64) {
	form := encodingOf(req)
	if form == nil {
		http.Error(w, fmt.Sprintf("Content-Type must be %s or %s", inProtobuf.contentType, inJSON.contentType),
			http.StatusUnsupportedMediaType)
		return
	}
	body, err := readBody(w, req, maxBody)
	switch {
	case errors.Is(err, errEncoding):
		form.fail(w, http.StatusUnsupportedMediaType, status.New(codes.InvalidArgument, printable(err)))
		return
	case errors.Is(err, errTooLarge):
		form.fail(w, http.StatusRequestEntityTooLarge, status.New(codes.InvalidArgument, printable(err)))
		return
	case err != nil:
		form.fail(w, http.StatusBadRequest, status.New(codes.InvalidArgument, printable(err)))
		return
	}
	refused, err := r.take(req.Context(), body, form.decode)
	if err != nil {
		st := r.explain(req.Context(), err)
		form.fail(w, httpStatus(st.Code()), st)
		return
	}
	answer := form.nothing
	if len(refused) > 0 {
		if answer, err = form.partial(refused); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	form.answer(w, http.StatusOK, answer)
}

// encodingOf gives nil for a content type that is not OTLP's.
func encodingOf(req *http.Request) *encoding {
	contentType, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil {
		return nil
	}
	for _, form := range []*encoding{inProtobuf, inJSON} {
		if form.contentType == contentType {
			return form
		}
	}
	return nil
}

var (
	errEncoding = errors.New("Content-Encoding must be gzip or identity")
	errTooLarge = errors.New("body is too large")
)

// readBody reads and decompresses the body, of at most maxBody bytes before and
// after.
func readBody(w http.ResponseWriter, req *http.Request, maxBody int64) ([]byte, error) {
	raw := http.MaxBytesReader(w, req.Body, maxBody)
	var plain io.Reader = raw
	switch strings.ToLower(req.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip":
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			return nil, fmt.Errorf("read gzip body: %w", err)
		}
		plain = unzipped
	default:
		return nil, errEncoding
	}
	body, err := io.ReadAll(io.LimitReader(plain, maxBody+1))
	var limit *http.MaxBytesError
	if errors.As(err, &limit) || int64(len(body)) > maxBody {
		return nil, fmt.Errorf("%w: more than %d bytes after decompression", errTooLarge, maxBody)
	}
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	return body, nil
}

func httpStatus(code codes.Code) int {
	switch code {
	case codes.InvalidArgument:
		return http.StatusBadRequest
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	}
	return http.StatusServiceUnavailable
}

// fail answers with a google.rpc.Status.
func (e *encoding) fail(w http.ResponseWriter, code int, st *status.Status) {
	body, err := e.status(st.Proto())
	if err != nil {
		http.Error(w, st.Message(), code)
		return
	}
	if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryDelay.Seconds())))
	}
	e.answer(w, code, body)
}

func (e *encoding) answer(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", e.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body) // the sender is gone; it will send again
}

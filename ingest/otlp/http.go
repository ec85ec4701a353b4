package otlp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/rs/cors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// tracesPath is where spans go.
const tracesPath = "/v1/traces"

// answerTime is how long an answer may take to be sent, after BodyTime.
const answerTime = 30 * time.Second

func newHTTPServer(r *receiver) *http.Server {
	return &http.Server{
		Handler:           newHandler(r),
		TLSConfig:         r.TLS,
		ReadHeaderTimeout: r.HeaderTime,
		ReadTimeout:       r.BodyTime,
		WriteTimeout:      r.BodyTime + answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog:          log.New(complaints{r.log}, "", 0),
	}
}

// complaints sorts what net/http has to say. Most of it is about what strangers
// send, such as plain text to a port with TLS, and must not fill the log.
type complaints struct{ log *slog.Logger }

func (c complaints) Write(line []byte) (int, error) {
	level := slog.LevelDebug
	if bytes.Contains(line, []byte("panic")) {
		level = slog.LevelError
	}
	c.log.Log(context.Background(), level, "OTLP over HTTP", "complaint", string(bytes.TrimSpace(line)))
	return len(line), nil
}

// newHandler answers POST /v1/traces, from senders who may.
func newHandler(r *receiver) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+tracesPath, r.serveTraces)
	mux.HandleFunc(tracesPath, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Allow", http.MethodPost)
		r.refuse(w, req, Unsupported, http.StatusMethodNotAllowed, status.New(codes.Unimplemented, "spans are sent with POST"))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		r.refuse(w, req, Unsupported, http.StatusNotFound, status.New(codes.NotFound, "there is nothing here: Headwater takes traces alone, at "+tracesPath))
	})
	authorized := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !r.authorized(req.Header.Values("Authorization")) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			r.refuse(w, req, Unauthenticated, http.StatusUnauthorized, status.New(codes.Unauthenticated, needsToken))
			return
		}
		mux.ServeHTTP(w, req)
	})
	// What a browser asks before it sends carries no token.
	return r.fromPages(authorized)
}

// fromPages lets scripts of the allowed web pages send, and no others: a page
// that can't read the answer could still send.
func (r *receiver) fromPages(next http.Handler) http.Handler {
	if len(r.Origins) == 0 {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Header.Get("Origin") != "" {
				r.refuse(w, req, Forbidden, http.StatusForbidden, status.New(codes.PermissionDenied, "this Headwater takes no spans from web pages: --cors-origin allows them"))
				return
			}
			next.ServeHTTP(w, req)
		})
	}
	allowed := cors.New(cors.Options{
		AllowedOrigins: r.Origins, AllowedMethods: []string{http.MethodPost}, AllowedHeaders: []string{"*"},
		ExposedHeaders: []string{"Retry-After"}, MaxAge: 600,
	})
	return allowed.Handler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Origin") != "" && !allowed.OriginAllowed(req) {
			r.refuse(w, req, Forbidden, http.StatusForbidden, status.New(codes.PermissionDenied, "this Headwater takes no spans from this web page: --cors-origin allows others"))
			return
		}
		next.ServeHTTP(w, req)
	}))
}

// refuse answers a request of which no more is looked at.
func (r *receiver) refuse(w http.ResponseWriter, req *http.Request, result Result, code int, st *status.Status) {
	r.Observe(Outcome{Protocol: HTTP, Result: result})
	formOf(req).fail(w, code, st)
}

func (r *receiver) serveTraces(w http.ResponseWriter, req *http.Request) {
	began := time.Now()
	o := Outcome{Protocol: HTTP}
	f := formOf(req)
	result, code, st, answer := r.traces(w, req, f, &o)
	if st != nil {
		f.fail(w, code, st)
	} else {
		f.answer(w, code, answer)
	}
	o.Result = result
	o.Duration = time.Since(began)
	r.Observe(o)
}

// traces takes the spans of a request. It gives the answer: a body, or the
// status of a failure.
func (r *receiver) traces(w http.ResponseWriter, req *http.Request, f *form, o *Outcome) (Result, int, *status.Status, []byte) {
	if f == nil {
		return Unsupported, http.StatusUnsupportedMediaType, status.Newf(codes.InvalidArgument,
			"Content-Type must be %s or %s", inProtobuf.contentType, inJSON.contentType), nil
	}
	b := body{room: r.inWork, most: r.MaxBody}
	defer b.release()
	from := http.MaxBytesReader(w, req.Body, r.MaxBody)
	if err := b.read(from, req.Header.Get("Content-Encoding")); err != nil {
		// A sender that is cut off while it writes never reads the answer, and
		// would send again what must not be sent again. The rest costs no memory.
		_, _ = io.Copy(io.Discard, from)
		return r.unread(req, err)
	}
	o.Received, o.Bytes = b.received, len(b.bytes)
	ctx := req.Context()
	got, err := r.take(ctx, b.bytes, f.decode)
	if err != nil {
		st := r.explain(ctx, err)
		return resultOf(ctx, err), httpStatus(st.Code()), st, nil
	}
	o.Spans, o.Refused = got.spans, got.refused
	answer := f.nothing
	if len(got.refused) > 0 {
		if answer, err = f.partial(got.refused); err != nil {
			return Taken, http.StatusInternalServerError, status.New(codes.Internal, printable(err)), nil
		}
	}
	return Taken, http.StatusOK, nil, answer
}

// unread is the answer to a body that could not be read.
func (r *receiver) unread(req *http.Request, err error) (Result, int, *status.Status, []byte) {
	switch {
	case errors.Is(err, errEncoding):
		return Unsupported, http.StatusUnsupportedMediaType, status.New(codes.InvalidArgument, printable(err)), nil
	case errors.Is(err, errTooLarge):
		return TooLarge, http.StatusRequestEntityTooLarge, status.New(codes.InvalidArgument, printable(err)), nil
	case errors.Is(err, errNoRoom):
		return Busy, http.StatusTooManyRequests, tryLater(codes.ResourceExhausted, printable(err)), nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		// 408 is what HTTP has for it, but to OTLP that is final.
		return TimedOut, http.StatusServiceUnavailable, tryLater(codes.DeadlineExceeded, fmt.Sprintf("the request did not come within %s", r.BodyTime)), nil
	case req.Context().Err() != nil:
		return GoneAway, http.StatusServiceUnavailable, status.FromContextError(req.Context().Err()), nil
	}
	return Unreadable, http.StatusBadRequest, badRequest(err), nil
}

// compressionOf gives nil for none.
func compressionOf(contentEncoding string) (*compression, error) {
	name := strings.ToLower(strings.TrimSpace(contentEncoding))
	if name == "" || name == "identity" {
		return nil, nil
	}
	for i := range compressions {
		if compressions[i].name == name {
			return &compressions[i], nil
		}
	}
	return nil, errEncoding
}

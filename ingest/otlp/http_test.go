package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"headwater/ingest"
)

type answer struct {
	code   int
	header http.Header
	body   []byte
}

func post(s *Server, contentType, contentEncoding string, body []byte) (answer, error) {
	req, err := http.NewRequest(http.MethodPost, "http://"+s.HTTPAddr()+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", contentType)
	if contentEncoding != "" {
		req.Header.Set("Content-Encoding", contentEncoding)
	}
	return do(req)
}

func do(req *http.Request) (answer, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, body}, err
}

func zip(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestHTTPTakesBothFormsPlainAndGzip(t *testing.T) {
	sink := &collector{}
	s := start(t, sink, 0)
	for _, c := range []struct {
		contentType, contentEncoding string
		body, want                   []byte
	}{
		{"application/x-protobuf", "", protobuf(t, span("s", 1, 1)), nil},
		{"application/x-protobuf", "identity", protobuf(t, span("s", 1, 2)), nil},
		{"application/x-protobuf", "gzip", zip(t, protobuf(t, span("s", 1, 3))), nil},
		{"application/json", "", jsonText(t, span("s", 1, 4)), []byte("{}")},
		{"application/json; charset=utf-8", "GZIP", zip(t, jsonText(t, span("s", 1, 5))), []byte("{}")},
		{"application/x-protobuf", "", nil, nil},
		{"application/json", "", []byte("{}"), []byte("{}")},
	} {
		got, err := post(s, c.contentType, c.contentEncoding, c.body)
		if err != nil {
			t.Fatal(err)
		}
		form, _, _ := strings.Cut(c.contentType, ";")
		if got.code != http.StatusOK || got.header.Get("Content-Type") != form || !bytes.Equal(got.body, c.want) {
			t.Errorf("%s %q: %d %s %q", c.contentType, c.contentEncoding, got.code, got.header.Get("Content-Type"), got.body)
		}
	}
	if got := len(sink.names()); got != 5 {
		t.Errorf("%d spans stored, want 5", got)
	}
}

func TestHTTPPartialSuccess(t *testing.T) {
	s := start(t, &collector{}, 0)
	read := map[string]func(ptraceotlp.ExportResponse, []byte) error{
		"application/x-protobuf": ptraceotlp.ExportResponse.UnmarshalProto,
		"application/json":       ptraceotlp.ExportResponse.UnmarshalJSON,
	}
	bodies := map[string][]byte{
		"application/x-protobuf": protobuf(t, span("kept", 1, 1), span("lost", 1, 0)),
		"application/json":       jsonText(t, span("kept", 1, 1), span("lost", 1, 0)),
	}
	for contentType, body := range bodies {
		got, err := post(s, contentType, "", body)
		if err != nil {
			t.Fatal(err)
		}
		response := ptraceotlp.NewExportResponse()
		if err := read[contentType](response, got.body); err != nil {
			t.Fatal(err)
		}
		if p := response.PartialSuccess(); got.code != http.StatusOK || p.RejectedSpans() != 1 ||
			p.ErrorMessage() != "spans refused: 1 with no span id" {
			t.Errorf("%s: %d, rejected %d, %q", contentType, got.code, p.RejectedSpans(), p.ErrorMessage())
		}
	}
}

func TestHTTPErrorsAreAnsweredInTheRequestsForm(t *testing.T) {
	const protobufType, jsonType = "application/x-protobuf", "application/json"
	whole := jsonText(t, span("s", 1, 1))
	zipped := zip(t, whole)
	s := start(t, &collector{}, 1<<20)
	for _, c := range []struct {
		name, contentType, contentEncoding string
		body                               []byte
		code                               int
		message                            string
	}{
		{"half a JSON body", jsonType, "", whole[:len(whole)/2], 400, "JSON ends in the middle"},
		{"no JSON", jsonType, "", []byte("hello"), 400, "not a JSON object"},
		{"empty JSON", jsonType, "", nil, 400, "not a JSON object"},
		{"no protobuf", protobufType, "", []byte("hello"), 400, "read OTLP protobuf"},
		{"truncated gzip", jsonType, "gzip", zipped[:len(zipped)-9], 400, "unexpected EOF"},
		{"no gzip", protobufType, "gzip", []byte("hello"), 400, "gzip"},
		{"unknown compression", protobufType, "br", []byte("hello"), 415, "Content-Encoding must be"},
		{"too large", protobufType, "", make([]byte, 1<<20+1), 413, "more than 1048576 bytes"},
		{"gzip bomb", jsonType, "gzip", zip(t, make([]byte, 64<<20)), 413, "more than 1048576 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := post(s, c.contentType, c.contentEncoding, c.body)
			if err != nil {
				t.Fatal(err)
			}
			var st spb.Status
			if c.contentType == jsonType {
				err = protojson.Unmarshal(got.body, &st)
			} else {
				err = proto.Unmarshal(got.body, &st)
			}
			if err != nil || got.code != c.code || got.header.Get("Content-Type") != c.contentType || !strings.Contains(st.Message, c.message) {
				t.Errorf("%d %s %q (%v), want %d %q", got.code, got.header.Get("Content-Type"), got.body, err, c.code, c.message)
			}
		})
	}
}

func TestHTTPContentTypeMethodAndPath(t *testing.T) {
	s := start(t, &collector{}, 0)
	for _, c := range []struct {
		method, path, contentType string
		code                      int
	}{
		{"POST", "/v1/traces", "text/plain", 415},
		{"POST", "/v1/traces", "", 415},
		{"GET", "/v1/traces", "application/json", 405},
		{"PUT", "/v1/traces", "application/json", 405},
		{"POST", "/v1/metrics", "application/json", 404},
		{"POST", "/", "application/json", 404},
	} {
		req, err := http.NewRequest(c.method, "http://"+s.HTTPAddr()+c.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", c.contentType)
		got, err := do(req)
		if err != nil {
			t.Fatal(err)
		}
		if got.code != c.code {
			t.Errorf("%s %s %q: %d, want %d", c.method, c.path, c.contentType, got.code, c.code)
		}
	}
}

func TestHTTPSinkErrorsAskToTryLater(t *testing.T) {
	for code, failure := range map[int]error{429: ingest.ErrBusy, 503: errors.New("disk on fire")} {
		s := start(t, &collector{fail: func(context.Context, int) error { return failure }}, 0)
		got, err := post(s, "application/json", "", jsonText(t, span("s", 1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got.code != code || got.header.Get("Retry-After") != "1" {
			t.Errorf("%v: %d, Retry-After %q", failure, got.code, got.header.Get("Retry-After"))
		}
	}
}

func TestRequestsInWorkAreBounded(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	sink := &collector{fail: func(context.Context, int) error {
		entered <- struct{}{}
		<-release
		return nil
	}}
	body := protobuf(t, span("s", 1, 1))
	s := start(t, sink, int64(len(body)))
	answers := make(chan int, requestsAtOnce)
	for range requestsAtOnce {
		go func() {
			got, err := post(s, "application/x-protobuf", "", body)
			if err != nil {
				t.Error(err)
			}
			answers <- got.code
		}()
		<-entered
	}
	got, err := post(s, "application/x-protobuf", "", body)
	if err != nil {
		t.Fatal(err)
	}
	if got.code != http.StatusTooManyRequests {
		t.Errorf("one request too many: %d, want 429", got.code)
	}
	close(release)
	for range requestsAtOnce {
		if code := <-answers; code != http.StatusOK {
			t.Errorf("accepted request: %d", code)
		}
	}
}

// FuzzHTTP sends any body in any of the forms. The answer must be one that OTLP
// knows, and only what was answered with 200 may have been written.
func FuzzHTTP(f *testing.F) {
	f.Add("application/json", "", jsonText(f, span("s", 1, 1)))
	f.Add("application/json", "gzip", zip(f, jsonText(f, span("s", 1, 1))))
	f.Add("application/x-protobuf", "", protobuf(f, span("s", 1, 1), span("lost", 0, 0)))
	f.Add("application/x-protobuf", "gzip", zip(f, protobuf(f, span("s", 1, 1))))
	f.Add("text/plain", "br", []byte("hello"))
	const maxBody = 1 << 16
	f.Fuzz(func(t *testing.T, contentType, contentEncoding string, body []byte) {
		sink := &collector{}
		handler := newHandler(newReceiver(sink, slog.New(slog.DiscardHandler), maxBody), maxBody)
		req := httptest.NewRequest(http.MethodPost, "/v1/traces", bytes.NewReader(body))
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Content-Encoding", contentEncoding)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		switch w.Code {
		case http.StatusOK:
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
			if sink.writes != 0 {
				t.Fatalf("answered %d, but wrote", w.Code)
			}
		default:
			t.Fatalf("answered %d: %s", w.Code, w.Body)
		}
	})
}

package otlp

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRequestsInWorkAreBounded(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	sink := &collector{fail: func(context.Context, int) error {
		entered <- struct{}{}
		<-release
		return nil
	}}
	body := protobuf(t, span("s", 1, 1))
	s := start(t, sink, Config{MaxBody: int64(len(body))})
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
	f.Add("application/json", "gzip", packGzip(f, jsonText(f, span("s", 1, 1))))
	f.Add("application/x-protobuf", "", protobuf(f, span("s", 1, 1), span("lost", 0, 0)))
	f.Add("application/x-protobuf", "gzip", packGzip(f, protobuf(f, span("s", 1, 1))))
	f.Add("application/x-protobuf", "zstd", packZstd(f, protobuf(f, span("s", 1, 1))))
	f.Add("application/json", "ZSTD", packZstd(f, make([]byte, 1<<20)))
	f.Add("text/plain", "br", []byte("hello"))
	const maxBody = 1 << 16
	f.Fuzz(func(t *testing.T, contentType, contentEncoding string, body []byte) {
		sink := &collector{}
		handler := newHandler(newReceiver(Config{MaxBody: maxBody}, sink, slog.New(slog.DiscardHandler)))
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

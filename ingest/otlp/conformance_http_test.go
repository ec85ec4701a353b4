package otlp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/status"

	"headwater/graph/trace"
	"headwater/ingest"
)

// forms are the two encodings of some spans.
func forms(t *testing.T, spans ...trace.Span) map[string][]byte {
	return map[string][]byte{protobufType: protobuf(t, spans...), jsonType: jsonText(t, spans...)}
}

// nothing is the empty message in the two encodings.
var nothing = map[string]string{protobufType: "", jsonType: "{}"}

// expect posts a body and wants an answer with a code in the request's form.
func expect(t *testing.T, s *Server, code int, contentType, contentEncoding string, body []byte) answer {
	t.Helper()
	got, err := post(s, contentType, contentEncoding, body)
	if err != nil {
		t.Fatal(err)
	}
	form, _, _ := strings.Cut(contentType, ";")
	if got.code != code || got.header.Get("Content-Type") != form {
		t.Errorf("%s %q: %d %s %.200q, want %d", contentType, contentEncoding, got.code, got.header.Get("Content-Type"), got.body, code)
	}
	return got
}

func TestConformanceHTTP(t *testing.T) {
	conform(t, []rule{
		{"Binary Protobuf Encoding", "request and answer are application/x-protobuf", func(t *testing.T) {
			sink := &collector{}
			expect(t, start(t, sink, Config{}), 200, protobufType, "", protobuf(t, span("s", 1, 1)))
			if len(sink.names()) != 1 {
				t.Errorf("stored %q", sink.names())
			}
		}},
		{"JSON Protobuf Encoding", "request and answer are application/json", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{})
			expect(t, s, 200, jsonType, "", jsonText(t, span("s", 1, 1)))
			expect(t, s, 200, jsonType+"; charset=utf-8", "", jsonText(t, span("s", 1, 2)))
			if len(sink.names()) != 2 {
				t.Errorf("stored %q", sink.names())
			}
		}},
		{"JSON Protobuf Encoding", "ids are hexadecimal in any case", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{})
			for _, id := range []string{"5B8EFFF798038103D269B633813FC60C", "5b8efff798038103d269b633813fc60c"} {
				expect(t, s, 200, jsonType, "", []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"`+id+`","spanId":"EEE19B7EC3C1B174"}]}]}]}`))
			}
			if len(sink.spans) != 2 || sink.spans[0].TraceID != sink.spans[1].TraceID || sink.spans[0].SpanID.String() != "eee19b7ec3c1b174" {
				t.Errorf("stored %+v", sink.spans)
			}
		}},
		{"JSON Protobuf Encoding", "64-bit integers are strings or numbers", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{})
			for _, n := range []string{`"1544712660000000123"`, `1544712660000000123`} {
				expect(t, s, 200, jsonType, "", []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","startTimeUnixNano":`+n+`}]}]}]}`))
			}
			if len(sink.spans) != 2 || sink.spans[0].Start != 1544712660000000123 || sink.spans[1].Start != 1544712660000000123 {
				t.Errorf("stored %+v", sink.spans)
			}
		}},
		{"JSON Protobuf Encoding", "enumerations are integers", func(t *testing.T) {
			sink := &collector{}
			expect(t, start(t, sink, Config{}), 200, jsonType, "", []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","kind":2}]}]}]}`))
			if len(sink.spans) != 1 || sink.spans[0].Kind != trace.KindServer {
				t.Errorf("stored %+v", sink.spans)
			}
		}},
		{"JSON Protobuf Encoding", "fields that are not known are passed over", func(t *testing.T) {
			sink := &collector{}
			expect(t, start(t, sink, Config{}), 200, jsonType, "", []byte(`{"new":[{"x":1}],"resourceSpans":[{"newer":null,"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"s","newest":{"a":[]}}]}]}]}`))
			if got := sink.names(); !slices.Equal(got, []string{"s"}) {
				t.Errorf("stored %q", got)
			}
		}},
		{"JSON Protobuf Encoding", "keys are lowerCamelCase: an original field name is not known", func(t *testing.T) {
			sink := &collector{}
			expect(t, start(t, sink, Config{}), 200, jsonType, "", []byte(`{"resource_spans":[{"scope_spans":[{"spans":[{"trace_id":"5b8efff798038103d269b633813fc60c"}]}]}]}`))
			if sink.writes != 0 {
				t.Errorf("stored %q", sink.names())
			}
		}},
		{"OTLP/HTTP Request", "gzip is taken; so are zstd and identity", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{})
			for contentType, body := range forms(t, span("s", 1, 1)) {
				expect(t, s, 200, contentType, "gzip", packGzip(t, body))
				expect(t, s, 200, contentType, "GZIP", packGzip(t, body))
				expect(t, s, 200, contentType, "zstd", packZstd(t, body))
				expect(t, s, 200, contentType, "identity", body)
			}
			if len(sink.names()) != 8 {
				t.Errorf("%d spans stored, want 8", len(sink.names()))
			}
		}},
		{"OTLP/HTTP Request", "a body above the limit is 413, before or after decompression", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{MaxBody: 1 << 20})
			bomb := make([]byte, 64<<20)
			for contentType := range nothing {
				for contentEncoding, body := range map[string][]byte{"": bomb[:1<<20+1], "gzip": packGzip(t, bomb), "zstd": packZstd(t, bomb)} {
					st := expect(t, s, 413, contentType, contentEncoding, body).status(t)
					if st.Message() != "body is too large: more than 1048576 bytes after decompression" {
						t.Errorf("message %q", st.Message())
					}
				}
			}
			if sink.writes != 0 {
				t.Error("something was written")
			}
		}},
		{"OTLP/HTTP Request", "the path is /v1/traces, the method POST; other signals are 404", func(t *testing.T) {
			s := start(t, &collector{}, Config{})
			for _, c := range []struct {
				method, path string
				code         int
			}{
				{"GET", "/v1/traces", 405}, {"PUT", "/v1/traces", 405}, {"OPTIONS", "/v1/traces", 405},
				{"POST", "/v1/metrics", 404}, {"POST", "/v1/logs", 404}, {"POST", "/v1development/profiles", 404}, {"POST", "/", 404},
			} {
				for contentType := range nothing {
					got, err := request{method: c.method, path: c.path, header: map[string]string{"Content-Type": contentType}}.send(s)
					if err != nil {
						t.Fatal(err)
					}
					if got.code != c.code || got.header.Get("Content-Type") != contentType || got.status(t).Message() == "" {
						t.Errorf("%s %s: %d %s %q, want %d", c.method, c.path, got.code, got.header, got.body, c.code)
					}
				}
			}
		}},
		{"OTLP/HTTP Response, Full Success", "200, with partial_success left unset", func(t *testing.T) {
			s := start(t, &collector{}, Config{})
			for contentType, body := range forms(t, span("s", 1, 1)) {
				if got := expect(t, s, 200, contentType, "", body); string(got.body) != nothing[contentType] {
					t.Errorf("%s: %q", contentType, got.body)
				}
			}
		}},
		{"OTLP/HTTP Response, Full Success", "an empty request succeeds", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{})
			for _, c := range []struct{ contentType, body string }{
				{protobufType, ""}, {jsonType, "{}"}, {jsonType, `{"resourceSpans":[]}`}, {jsonType, `{"resourceSpans":[{"scopeSpans":[{}]}]}`},
			} {
				if got := expect(t, s, 200, c.contentType, "", []byte(c.body)); string(got.body) != nothing[c.contentType] {
					t.Errorf("%s %s: %q", c.contentType, c.body, got.body)
				}
			}
			if sink.writes != 0 {
				t.Error("nothing was written as if it were something")
			}
		}},
		{"OTLP/HTTP Response, Partial Success", "200, with the number of rejected spans and the reason", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{})
			for contentType, body := range forms(t, span("kept", 1, 1), span("lost", 1, 0)) {
				p := expect(t, s, 200, contentType, "", body).export(t).PartialSuccess()
				if p.RejectedSpans() != 1 || p.ErrorMessage() != "spans refused: 1 with no span id" {
					t.Errorf("%s: rejected %d, %q", contentType, p.RejectedSpans(), p.ErrorMessage())
				}
			}
			if got := sink.names(); !slices.Equal(got, []string{"kept", "kept"}) {
				t.Errorf("stored %q", got)
			}
		}},
		{"OTLP/HTTP Response, Failures", "another content type is 415 with a Status", func(t *testing.T) {
			s := start(t, &collector{}, Config{})
			for _, contentType := range []string{"text/plain", "application/json-seq", ";"} {
				got, err := post(s, contentType, "", []byte("{}"))
				if err != nil {
					t.Fatal(err)
				}
				if got.code != 415 || got.header.Get("Content-Type") != jsonType || !strings.Contains(got.status(t).Message(), protobufType) {
					t.Errorf("%q: %d %s %q", contentType, got.code, got.header, got.body)
				}
			}
		}},
		{"OTLP/HTTP Response, Failures", "another compression is 415 with a Status", func(t *testing.T) {
			s := start(t, &collector{}, Config{})
			for contentType, body := range forms(t, span("s", 1, 1)) {
				if st := expect(t, s, 415, contentType, "br", body).status(t); !strings.Contains(st.Message(), "gzip") {
					t.Errorf("message %q", st.Message())
				}
			}
		}},
		{"OTLP/HTTP Response, Bad Data", "400, with a BadRequest that says what is wrong", badData},
		{"OTLP/HTTP Throttling", "a busy sink is 429 with Retry-After", func(t *testing.T) { throttled(t, ingest.ErrBusy, 429) }},
		{"OTLP/HTTP Throttling", "a sink that fails is 503 with Retry-After", func(t *testing.T) { throttled(t, errors.New("disk on fire"), 503) }},
		{"OTLP/HTTP Connection", "connections are kept, and both forms come on one", func(t *testing.T) {
			sink := &collector{}
			s := start(t, sink, Config{})
			dialled := 0
			transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				dialled++
				return new(net.Dialer).DialContext(ctx, network, address)
			}}
			defer transport.CloseIdleConnections()
			for range 3 {
				for contentType, body := range forms(t, span("s", 1, 1)) {
					req, err := http.NewRequest(http.MethodPost, "http://"+s.HTTPAddr()+tracesPath, bytes.NewReader(body))
					if err != nil {
						t.Fatal(err)
					}
					req.Header.Set("Content-Type", contentType)
					if got, err := do(transport, req); err != nil || got.code != 200 {
						t.Fatalf("%d %v", got.code, err)
					}
				}
			}
			if dialled != 1 || len(sink.names()) != 6 {
				t.Errorf("%d connections, want 1; %d spans, want 6", dialled, len(sink.names()))
			}
		}},
	})
}

func badData(t *testing.T) {
	whole := jsonText(t, span("s", 1, 1))
	gzipped, zstandard := packGzip(t, whole), packZstd(t, whole)
	sink := &collector{}
	s := start(t, sink, Config{})
	for _, c := range []struct {
		name, contentType, contentEncoding string
		body                               []byte
		message                            string
	}{
		{"half a JSON body", jsonType, "", whole[:len(whole)/2], "JSON ends in the middle"},
		{"no JSON", jsonType, "", []byte("hello"), "not a JSON object"},
		{"empty JSON", jsonType, "", nil, "not a JSON object"},
		{"no protobuf", protobufType, "", []byte("hello"), "read OTLP protobuf"},
		{"truncated gzip", jsonType, "gzip", gzipped[:len(gzipped)-9], "unexpected EOF"},
		{"no gzip", protobufType, "gzip", []byte("hello"), "gzip"},
		{"truncated zstd", jsonType, "zstd", zstandard[:len(zstandard)-5], "unexpected EOF"},
		{"no zstd", protobufType, "zstd", []byte("hello, this is no zstd"), "magic"},
	} {
		var st *status.Status
		if st = expect(t, s, 400, c.contentType, c.contentEncoding, c.body).status(t); !strings.Contains(st.Message(), c.message) || !describesBadData(st) {
			t.Errorf("%s: %q, details %v, want %q", c.name, st.Message(), st.Details(), c.message)
		}
	}
	if sink.writes != 0 {
		t.Error("something was written")
	}
}

func throttled(t *testing.T, failure error, code int) {
	s := start(t, failing(failure), Config{})
	for contentType, body := range forms(t, span("s", 1, 1)) {
		got := expect(t, s, code, contentType, "", body)
		if d, ok := retryIn(got.status(t)); got.header.Get("Retry-After") != "1" || !ok || d != retryDelay {
			t.Errorf("Retry-After %q, RetryInfo %v", got.header.Get("Retry-After"), d)
		}
	}
}

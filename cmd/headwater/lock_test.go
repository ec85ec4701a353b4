package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc/credentials"

	"headwater/cmd/headwater/door/doortest"
)

// locked serves with certificates, tokens and, if wanted, an authority of
// clients.
type lockedServer struct {
	*live
	authority *doortest.Authority
	lock      lock
}

const goodToken = "a-token-that-is-long-enough"

func servingLocked(t *testing.T, mutual bool) *lockedServer {
	t.Helper()
	dir := t.TempDir()
	put := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	s := &lockedServer{authority: doortest.New(t), lock: unlocked.lock}
	certificate, key := s.authority.Sign(t, "headwater.example", time.Hour)
	s.lock.TLSCert, s.lock.TLSKey, s.lock.TokenFile = put("cert.pem", certificate), put("key.pem", key), put("tokens", goodToken+"\n")
	if mutual {
		s.lock.TLSClientCA = put("ca.pem", s.authority.PEM)
	}
	locked, err := s.lock.open(quiet)
	if err != nil {
		t.Fatal(err)
	}
	s.live = servingWith(t, locked)
	return s
}

func (s *lockedServer) client(t *testing.T, withCertificate bool) *tls.Config {
	t.Helper()
	config := &tls.Config{RootCAs: s.authority.Pool, MinVersion: tls.VersionTLS12}
	if withCertificate {
		certificate, key := s.authority.Sign(t, "client", time.Hour)
		pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

// ask gets a path of the page's address and gives the status.
func (s *lockedServer) ask(t *testing.T, config *tls.Config, path, token string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.address()+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// TestEverythingIsBehindTheLock asks for everything with and without the token.
func TestEverythingIsBehindTheLock(t *testing.T) {
	s := servingLocked(t, false)
	client := s.client(t, false)
	for path, open := range map[string]bool{
		"/healthz": true, "/readyz": true, "/metrics": false, "/api/v1/status": false, "/api/v1/incidents": false, "/api/v1/events": false,
	} {
		want := http.StatusUnauthorized
		if open {
			want = http.StatusOK
		}
		for _, token := range []string{"", "a-token-that-is-not-known"} {
			if got := s.ask(t, client, path, token); got != want {
				t.Errorf("%s, token %q: %d, want %d", path, token, got, want)
			}
		}
		if path == "/api/v1/events" {
			continue // never ends
		}
		if got := s.ask(t, client, path, goodToken); got != http.StatusOK {
			t.Errorf("%s with the token: %d", path, got)
		}
	}
	if err := os.WriteFile(s.lock.TokenFile, []byte("another-token-after-a-change\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := s.ask(t, client, "/metrics", goodToken); got != http.StatusUnauthorized {
		t.Errorf("with a token that was taken away: %d", got)
	}
}

// TestSDKsComeThroughTheLock sends with OpenTelemetry's exporters, certificate
// and token.
func TestSDKsComeThroughTheLock(t *testing.T) {
	s := servingLocked(t, true)
	ctx := t.Context()
	header := map[string]string{"authorization": "Bearer " + goodToken}
	exporters := map[string]func(*tls.Config, map[string]string) (sdktrace.SpanExporter, error){
		"gRPC": func(c *tls.Config, header map[string]string) (sdktrace.SpanExporter, error) {
			return otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(s.otlp.GRPCAddr()), otlptracegrpc.WithTLSCredentials(credentials.NewTLS(c)),
				otlptracegrpc.WithHeaders(header), otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig{}))
		},
		"HTTP": func(c *tls.Config, header map[string]string) (sdktrace.SpanExporter, error) {
			return otlptracehttp.New(ctx, otlptracehttp.WithEndpoint(s.otlp.HTTPAddr()), otlptracehttp.WithTLSClientConfig(c),
				otlptracehttp.WithHeaders(header), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
		},
	}
	for name, exporter := range exporters {
		for _, c := range []struct {
			what        string
			certificate bool
			header      map[string]string
			in          bool
		}{
			{"certificate and token", true, header, true},
			{"no token", true, nil, false},
			{"no certificate", false, header, false},
		} {
			e, err := exporter(s.client(t, c.certificate), c.header)
			if err != nil {
				t.Fatal(err)
			}
			before := s.store.Stats().Spans
			p := provider(e, "cart")
			_, span := p.Tracer("").Start(ctx, "work")
			span.End()
			// Without a certificate gRPC goes on trying for as long as it may.
			patience := 2 * time.Second
			if c.in {
				patience = time.Minute
			}
			limited, cancel := context.WithTimeout(ctx, patience)
			err = p.Shutdown(limited)
			cancel()
			if arrived := s.store.Stats().Spans - before; arrived == 1 != c.in {
				t.Errorf("%s, %s: %d spans arrived, %v", name, c.what, arrived, err)
			}
		}
	}
}

// TestMutualTLSHoldsForThePageToo lets nobody without a certificate see more
// than health.
func TestMutualTLSHoldsForThePageToo(t *testing.T) {
	s := servingLocked(t, true)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 403, "/api/v1/status": 403, "/": 403} {
		if got := s.ask(t, s.client(t, false), path, goodToken); got != want {
			t.Errorf("%s without a certificate: %d, want %d", path, got, want)
		}
		if got := s.ask(t, s.client(t, true), path, goodToken); got != 200 {
			t.Errorf("%s with one: %d", path, got)
		}
	}
}

// TestHealthCommand asks as a container's health check does.
func TestHealthCommand(t *testing.T) {
	open, shut := serving(t), servingLocked(t, true)
	other, _ := shut.authority.Sign(t, "other", time.Hour)
	otherFile := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(otherFile, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	health := func(address string, args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"health", "--http", address}, args...), strings.NewReader(""), &out, io.Discard)
		return out.String(), err
	}
	if said, err := health(open.listener.Addr().String()); err != nil || said != "ready\n" {
		t.Errorf("%q, %v", said, err)
	}
	if said, err := health(shut.listener.Addr().String(), "--tls-cert", shut.lock.TLSCert); err != nil || said != "ready\n" {
		t.Errorf("TLS: %q, %v", said, err)
	}
	if _, err := health(shut.listener.Addr().String(), "--tls-cert", otherFile); err == nil {
		t.Error("another certificate was taken")
	}
	open.health.Ready(false)
	if _, err := health(open.listener.Addr().String()); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("not ready: %v", err)
	}
	if _, err := health("127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "not healthy") {
		t.Errorf("nothing there: %v", err)
	}
}

// TestOwnMetrics sends a span and finds it counted.
func TestOwnMetrics(t *testing.T) {
	l := serving(t)
	e, err := otlptracegrpc.New(t.Context(), otlptracegrpc.WithEndpoint(l.otlp.GRPCAddr()), otlptracegrpc.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	p := provider(e, "cart")
	_, span := p.Tracer("").Start(t.Context(), "work")
	span.End()
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(l.address() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`headwater_otlp_spans_total{protocol="grpc"} 1`, `headwater_otlp_requests_total{protocol="grpc",result="taken"} 1`,
		`headwater_store_spans 1`, `headwater_otlp_request_duration_seconds_count{protocol="grpc"} 1`,
	} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
}

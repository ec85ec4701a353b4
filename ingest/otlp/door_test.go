package otlp

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
)

const rightToken = "open-sesame"

// locked is a configuration that knows one token.
func locked() Config {
	return Config{Authorized: func(token string) bool { return token == rightToken }}
}

// selfSigned is a certificate for this machine, and the pool that trusts it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestOnlyTheRightTokenLetsIn(t *testing.T) {
	sink := &collector{}
	s := start(t, sink, locked())
	conn := dial(t, s)
	id := byte(0)
	for _, c := range []struct {
		header string
		in     bool
	}{
		{"", false}, {"Bearer wrong", false}, {"Bearer ", false}, {"Bearer", false}, {rightToken, false},
		{"Basic " + rightToken, false}, {"Bearer " + rightToken + "x", false},
		{"Bearer " + rightToken, true}, {"bearer " + rightToken, true},
	} {
		id++
		ctx := t.Context()
		header := map[string]string{"Content-Type": jsonType}
		if c.header != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", c.header)
			header["Authorization"] = c.header
		}
		code, httpCode := codes.Unauthenticated, http.StatusUnauthorized
		if c.in {
			code, httpCode = codes.OK, http.StatusOK
		}
		if _, st := invoke(ctx, conn, exportMethod, protobuf(t, span("grpc", 1, id))); st.Code() != code || strings.Contains(st.Message(), rightToken) {
			t.Errorf("gRPC, authorization %q: %v, want %v", c.header, st, code)
		}
		got, err := request{header: header, body: jsonText(t, span("http", 2, id))}.send(s)
		if err != nil {
			t.Fatal(err)
		}
		if got.code != httpCode || got.header.Get("Content-Type") != jsonType || strings.Contains(string(got.body), rightToken) {
			t.Errorf("HTTP, Authorization %q: %d %q, want %d", c.header, got.code, got.body, httpCode)
		}
		if !c.in && (got.header.Get("WWW-Authenticate") != "Bearer" || got.status(t).Code() != codes.Unauthenticated) {
			t.Errorf("HTTP, Authorization %q: %v %q", c.header, got.header, got.body)
		}
	}
	if len(sink.names()) != 4 {
		t.Errorf("stored %q, want two of each", sink.names())
	}
}

// TestStrangersLearnNothing asks without a token for what is not there.
func TestStrangersLearnNothing(t *testing.T) {
	s := start(t, &collector{}, locked())
	if _, st := invoke(t.Context(), dial(t, s), "/some.Service/Method", nil); st.Code() != codes.Unauthenticated {
		t.Errorf("gRPC: %v", st)
	}
	if got, err := (request{path: "/v1/logs"}).send(s); err != nil || got.code != http.StatusUnauthorized {
		t.Errorf("HTTP: %d %v", got.code, err)
	}
}

// TestStrangersCostNoMemory sends a large body without a token: the answer
// comes before the body was read.
func TestStrangersCostNoMemory(t *testing.T) {
	s := start(t, &collector{}, locked())
	endless, w := io.Pipe()
	defer w.Close()
	req, err := http.NewRequest(http.MethodPost, "http://"+s.HTTPAddr()+tracesPath, endless)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := do(&http.Transport{DisableKeepAlives: true}, req); err != nil || got.code != http.StatusUnauthorized {
		t.Errorf("HTTP: %d %v", got.code, err)
	}
	stream, err := dial(t, s).NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true}, exportMethod, grpc.ForceCodecV2(bytesCodec{}))
	if err != nil {
		t.Fatal(err)
	}
	var answer []byte
	if err := stream.RecvMsg(&answer); err == nil || !strings.Contains(err.Error(), "Unauthenticated") {
		t.Errorf("gRPC: %v", err)
	}
}

func TestAConnectionThatGuessesIsClosed(t *testing.T) {
	s := start(t, &collector{}, locked())
	dialled := 0
	conn := dial(t, s, grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
		dialled++
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}))
	for range 2 * maxRefusals {
		if _, st := invoke(t.Context(), conn, exportMethod, nil, grpc.WaitForReady(true)); st.Code() != codes.Unauthenticated && st.Code() != codes.Unavailable {
			t.Fatalf("%v", st)
		}
	}
	if dialled < 2 {
		t.Errorf("%d connection for %d guesses", dialled, 2*maxRefusals)
	}
}

func TestTLS(t *testing.T) {
	certificate, pool := selfSigned(t)
	sink := &collector{}
	s := start(t, sink, Config{
		TLS:        &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12},
		HeaderTime: time.Second,
	})
	client := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}

	t.Run("gRPC", func(t *testing.T) {
		conn := dial(t, s, grpc.WithTransportCredentials(credentials.NewTLS(client)))
		if _, st := invoke(t.Context(), conn, exportMethod, protobuf(t, span("grpc", 1, 1))); st.Code() != codes.OK {
			t.Error(st)
		}
	})
	t.Run("HTTP, 1.1 and 2", func(t *testing.T) {
		for _, two := range []bool{false, true} {
			transport := &http.Transport{TLSClientConfig: client.Clone(), DisableKeepAlives: true, ForceAttemptHTTP2: two}
			req, err := http.NewRequest(http.MethodPost, "https://"+s.HTTPAddr()+tracesPath, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", jsonType)
			if got, err := do(transport, req); err != nil || got.code != 200 {
				t.Errorf("HTTP/2 %v: %d %v", two, got.code, err)
			}
			transport.CloseIdleConnections()
		}
	})
	t.Run("plain text gets no further", func(t *testing.T) {
		if _, st := sendGRPC(t, s, protobuf(t, span("plain", 1, 2))); st.Code() != codes.Unavailable {
			t.Errorf("gRPC: %v, want Unavailable", st)
		}
		got, err := post(s, jsonType, "", jsonText(t, span("plain", 1, 3)))
		if err != nil || got.code != 400 || !strings.Contains(string(got.body), "HTTPS") {
			t.Errorf("HTTP: %d %q %v, want 400 that names HTTPS", got.code, got.body, err)
		}
	})
	if got := sink.names(); len(got) != 1 || got[0] != "grpc" {
		t.Errorf("stored %q", got)
	}
}

func TestTLSToPlainTextFails(t *testing.T) {
	_, pool := selfSigned(t)
	s := start(t, &collector{}, Config{HeaderTime: time.Second})
	conn := dial(t, s, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})))
	if _, st := invoke(t.Context(), conn, exportMethod, nil); st.Code() != codes.Unavailable {
		t.Errorf("gRPC: %v, want Unavailable", st)
	}
	req, err := http.NewRequest(http.MethodPost, "https://"+s.HTTPAddr()+tracesPath, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := do(&http.Transport{DisableKeepAlives: true}, req); err == nil {
		t.Errorf("HTTP: %d, want an error", got.code)
	}
}

func TestWebPages(t *testing.T) {
	const shop, evil = "https://shop.example", "https://evil.example"
	cfg := locked()
	cfg.Origins = []string{shop}
	sink := &collector{}
	s := start(t, sink, cfg)
	closed := start(t, sink, Config{})
	preflight := map[string]string{"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
	send := map[string]string{"Content-Type": jsonType, "Authorization": "Bearer " + rightToken}
	for _, c := range []struct {
		name, origin, method string
		header               map[string]string
		server               *Server
		code                 int
		allowed              string
	}{
		{"preflight of an allowed page needs no token", shop, "OPTIONS", preflight, s, 204, shop},
		{"preflight of another page", evil, "OPTIONS", preflight, s, 204, ""},
		{"preflight where no page may send", shop, "OPTIONS", preflight, closed, 403, ""},
		{"spans of an allowed page", shop, "POST", send, s, 200, shop},
		{"spans of an allowed page without a token", shop, "POST", map[string]string{"Content-Type": jsonType}, s, 401, shop},
		{"spans of another page", evil, "POST", send, s, 403, ""},
		{"spans of a page where none may send", shop, "POST", send, closed, 403, ""},
		{"spans of no page", "", "POST", send, s, 200, ""},
	} {
		header := map[string]string{"Origin": c.origin}
		if c.origin == "" {
			header = map[string]string{}
		}
		for k, v := range c.header {
			header[k] = v
		}
		got, err := request{method: c.method, path: tracesPath, header: header, body: jsonText(t, span("s", 1, 1))}.send(c.server)
		if err != nil {
			t.Fatal(err)
		}
		if got.code != c.code || got.header.Get("Access-Control-Allow-Origin") != c.allowed {
			t.Errorf("%s: %d, allowed %q, want %d %q", c.name, got.code, got.header.Get("Access-Control-Allow-Origin"), c.code, c.allowed)
		}
		if c.allowed != "" && c.method == "OPTIONS" && !strings.Contains(strings.ToLower(got.header.Get("Access-Control-Allow-Headers")), "authorization") {
			t.Errorf("%s: headers %q", c.name, got.header.Get("Access-Control-Allow-Headers"))
		}
	}
	if len(sink.names()) != 2 {
		t.Errorf("stored %q", sink.names())
	}
}

func tlsOf(certificate tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
}

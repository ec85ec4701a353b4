package door

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headwater/cmd/headwater/door/doortest"
)

const (
	first  = "first-token-of-the-file"
	second = "second-token-of-the-file"
)

// logged is a log that can be read.
func logged() (*slog.Logger, *bytes.Buffer) {
	var text bytes.Buffer
	return slog.New(slog.NewTextHandler(&text, nil)), &text
}

// write puts a file in place as a whole, as whoever rotates secrets should.
func write(t *testing.T, name string, data string) {
	t.Helper()
	next := name + ".next"
	if err := errors.Join(os.WriteFile(next, []byte(data), 0o600), os.Rename(next, name)); err != nil {
		t.Fatal(err)
	}
}

func TestTokensRotate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	log, text := logged()
	write(t, file, "# senders\n\n  "+first+"  \r\n")
	tokens, err := LoadTokens(file, log)
	if err != nil {
		t.Fatal(err)
	}
	want := func(when string, good ...bool) {
		t.Helper()
		for i, token := range []string{first, second, "", "# senders", first + " ", first[:len(first)-1]} {
			if got := tokens.Good(token); got != (i < len(good) && good[i]) {
				t.Errorf("%s: Good(%q) = %v", when, token, got)
			}
		}
	}
	want("at first", true, false)
	write(t, file, first+"\n"+second+"\n")
	want("with both", true, true)
	write(t, file, second+"\n")
	want("with the second", false, true)
	write(t, file, "")
	want("with an empty file", false, true)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	want("without a file", false, true)
	if n := strings.Count(text.String(), "level=ERROR"); n != 2 {
		t.Errorf("%d complaints, want one for each change that can't be used:\n%s", n, text)
	}
	write(t, file, first+"\n")
	want("with the first again", true, false)
	if strings.Contains(text.String(), "token-of") {
		t.Errorf("a token was logged:\n%s", text)
	}
}

func TestTokenFilesThatCantBeUsed(t *testing.T) {
	for content, want := range map[string]string{
		"":                       "no token",
		"# only a comment":       "no token",
		"short":                  "at least 16",
		first + "\nshort\n":      "line 2",
		"Bearer " + first:        "no spaces",
		strings.Repeat("x", 1e5): "too long",
	} {
		file := filepath.Join(t.TempDir(), "tokens")
		write(t, file, content)
		if _, err := LoadTokens(file, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "short") {
			t.Errorf("%.40q: %v, want %q", content, err, want)
		}
	}
	if _, err := LoadTokens(filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// handshake connects to a server with a configuration. It gives the name of the
// server's certificate, and what became of the client's.
func handshake(t *testing.T, server *tls.Config, client *tls.Config) (name string, verified bool, err error) {
	t.Helper()
	here, there := net.Pipe()
	defer here.Close()
	done := make(chan error, 1)
	accepted := tls.Server(there, server)
	go func() {
		err := accepted.Handshake()
		if err == nil {
			_, err = accepted.Write([]byte("x"))
		}
		if err != nil {
			there.Close()
		}
		done <- err
	}()
	c := tls.Client(here, client)
	if err := c.Handshake(); err != nil {
		here.Close()
		return "", false, errors.Join(err, <-done)
	}
	// In TLS 1.3 the client learns of a refusal when it reads.
	_, err = io.ReadFull(c, make([]byte, 1))
	serverError := <-done
	return c.ConnectionState().PeerCertificates[0].Subject.CommonName, len(accepted.ConnectionState().VerifiedChains) > 0, errors.Join(err, serverError)
}

func TestCertificatesReload(t *testing.T) {
	dir := t.TempDir()
	files := Files{Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	a := doortest.New(t)
	put := func(name string) {
		certificate, key := a.Sign(t, name, time.Hour)
		write(t, files.Certificate, certificate)
		write(t, files.Key, key)
	}
	put("one.example")
	log, text := logged()
	c, err := LoadCertificates(files, log)
	if err != nil {
		t.Fatal(err)
	}
	server := c.Config(false)
	want := func(name string) {
		t.Helper()
		if got, _, err := handshake(t, server, &tls.Config{RootCAs: a.Pool, ServerName: name}); err != nil || got != name {
			t.Errorf("served with %q, %v, want %q", got, err, name)
		}
	}
	want("one.example")
	put("two.example")
	want("two.example")
	// A certificate whose key has not come yet.
	certificate, key := a.Sign(t, "three.example", time.Hour)
	write(t, files.Certificate, certificate)
	want("two.example")
	write(t, files.Key, key)
	want("three.example")
	expired, _ := a.Sign(t, "late.example", -time.Hour)
	write(t, files.Certificate, expired)
	want("three.example")
	if strings.Count(text.String(), "level=ERROR") != 2 || strings.Contains(text.String(), "PRIVATE") {
		t.Errorf("log:\n%s", text)
	}
}

func TestMutualTLS(t *testing.T) {
	dir := t.TempDir()
	files := Files{Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), ClientCA: filepath.Join(dir, "ca.pem")}
	ours, clients, strangers := doortest.New(t), doortest.New(t), doortest.New(t)
	certificate, key := ours.Sign(t, "server.example", time.Hour)
	write(t, files.Certificate, certificate)
	write(t, files.Key, key)
	write(t, files.ClientCA, clients.PEM)
	c, err := LoadCertificates(files, slog.New(slog.DiscardHandler))
	if err != nil || !c.Mutual() {
		t.Fatal(c, err)
	}
	client := func(a *doortest.Authority) *tls.Config {
		config := &tls.Config{RootCAs: ours.Pool, ServerName: "server.example"}
		if a != nil {
			certificate, key := a.Sign(t, "client.example", time.Hour)
			pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
			if err != nil {
				t.Fatal(err)
			}
			// Even one that the server does not ask for is sent.
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
		}
		return config
	}
	want := func(when string, a *doortest.Authority, ask, in, known bool) {
		t.Helper()
		if _, verified, err := handshake(t, c.Config(ask), client(a)); (err == nil) != in || verified != known {
			t.Errorf("%s: %v, verified %v", when, err, verified)
		}
	}
	want("with a certificate", clients, false, true, true)
	want("without one", nil, false, false, false)
	want("with a stranger's", strangers, false, false, false)
	want("asked, with a certificate", clients, true, true, true)
	want("asked, without one", nil, true, true, false)
	want("asked, with a stranger's", strangers, true, false, false)
	write(t, files.ClientCA, strangers.PEM)
	want("after a change, with the old authority's", clients, false, false, false)
	want("after a change, with the new authority's", strangers, false, true, true)
}

func TestCertificatesThatCantBeUsed(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	a := doortest.New(t)
	certificate, key := a.Sign(t, "x", time.Hour)
	_, otherKey := a.Sign(t, "x", time.Hour)
	expired, expiredKey := a.Sign(t, "x", -time.Hour)
	for name, content := range map[string]string{
		"cert": certificate, "key": key, "other": otherKey, "expired": expired, "expired-key": expiredKey, "empty": "",
	} {
		write(t, at(name), content)
	}
	for _, c := range []struct {
		files Files
		want  string
	}{
		{Files{Certificate: at("cert")}, "both"},
		{Files{Key: at("key")}, "both"},
		{Files{Certificate: at("cert"), Key: at("other")}, "does not match"},
		{Files{Certificate: at("cert"), Key: at("none")}, "no such file"},
		{Files{Certificate: at("empty"), Key: at("key")}, "empty"},
		{Files{Certificate: at("expired"), Key: at("expired-key")}, "expired"},
		{Files{Certificate: at("cert"), Key: at("key"), ClientCA: at("empty")}, "no certificate in it"},
	} {
		if _, err := LoadCertificates(c.files, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.files, err, c.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	at := func(address string) []Place { return []Place{{"the page", address, "read it"}} }
	for address, open := range map[string]bool{
		"127.0.0.1:1": false, "[::1]:1": false, "localhost:1": false, "127.1.2.3:1": false,
		"0.0.0.0:1": true, "[::]:1": true, ":1": true, "10.0.0.1:1": true, "db.example:1": true,
	} {
		for _, c := range []struct {
			encrypted, locked bool
			want              int
		}{{false, false, 2}, {true, false, 1}, {false, true, 1}, {true, true, 0}} {
			want := c.want
			if !open {
				want = 0
			}
			if got := Warnings(at(address), c.encrypted, c.locked); len(got) != want {
				t.Errorf("%s, TLS %v, token %v: %q, want %d", address, c.encrypted, c.locked, got, want)
			}
		}
	}
}

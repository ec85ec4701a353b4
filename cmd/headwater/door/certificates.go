package door

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"
)

// Files are the PEM files that TLS is served with. Without ClientCA, senders
// need no certificate of their own.
type Files struct {
	Certificate string // with the chain that leads to what senders trust
	Key         string
	ClientCA    string // who signs the certificates of senders
}

// Certificates are what TLS is served with.
type Certificates struct {
	now    *watched[*tls.Config]
	mutual bool
}

// LoadCertificates reads the files. It fails when they don't fit each other or
// the certificate has expired.
func LoadCertificates(files Files, log *slog.Logger) (*Certificates, error) {
	if files.Certificate == "" || files.Key == "" {
		return nil, errors.New("TLS needs both a certificate and its key")
	}
	names := slices.DeleteFunc([]string{files.Certificate, files.Key, files.ClientCA}, func(name string) bool { return name == "" })
	now, err := watch(log, "certificates", names, func() (*tls.Config, error) { return readCertificates(files) })
	if err != nil {
		return nil, err
	}
	return &Certificates{now, files.ClientCA != ""}, nil
}

// Mutual reports whether senders need certificates.
func (c *Certificates) Mutual() bool { return c.mutual }

// Config is for a server; every connection is served with the newest
// certificates. With ask, a client's certificate is wanted but not needed: the
// handler decides by what it finds in the connection's VerifiedChains.
func (c *Certificates) Config(ask bool) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: protocols,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			newest := c.now.get()
			if ask && newest.ClientAuth == tls.RequireAndVerifyClientCert {
				newest = newest.Clone()
				newest.ClientAuth = tls.VerifyClientCertIfGiven
			}
			return newest, nil
		},
	}
}

var protocols = []string{"h2", "http/1.1"}

func readCertificates(files Files) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate %q with key %q: %w", files.Certificate, files.Key, err)
	}
	if end := pair.Leaf.NotAfter; time.Now().After(end) {
		return nil, fmt.Errorf("TLS certificate %q expired at %s", files.Certificate, end.UTC().Format(time.RFC3339))
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: protocols}
	if files.ClientCA == "" {
		return config, nil
	}
	pem, err := os.ReadFile(files.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("read the authority of clients: %w", err)
	}
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("client authority %q has no certificate in it", files.ClientCA)
	}
	return config, nil
}

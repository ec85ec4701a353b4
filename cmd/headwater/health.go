package main

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// healthTime bounds a health check.
const healthTime = 5 * time.Second

// healthCmd reads the same environment as serve, so that a container's health
// check needs no arguments.
type healthCmd struct {
	HTTP    string `name:"http" default:"127.0.0.1:7317" env:"HEADWATER_HTTP" placeholder:"HOST:PORT" help:"Where the page is served. Default: ${default} (${env})."`
	TLSCert string `name:"tls-cert" env:"HEADWATER_TLS_CERT" type:"path" placeholder:"FILE" help:"The certificate that it is served with, if it is (${env})."`
}

func (c *healthCmd) Run(ctx context.Context, t *terminal) error {
	host, port, err := net.SplitHostPort(c.HTTP)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	transport := &http.Transport{DisableKeepAlives: true}
	url := "http://" + net.JoinHostPort(host, port) + "/readyz"
	if c.TLSCert != "" {
		url = strings.Replace(url, "http:", "https:", 1)
		if transport.TLSClientConfig, err = trusting(c.TLSCert); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return fmt.Errorf("not healthy: %w", err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if err != nil {
		return fmt.Errorf("not healthy: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not healthy: %s: %s", answer.Status, strings.TrimSpace(string(said)))
	}
	_, err = t.out.Write(said)
	return err
}

// trusting takes the one certificate of a file and no other, whatever name it
// bears: the check comes from the same machine.
func trusting(file string) (*tls.Config, error) {
	want, err := certificateIn(file)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection is stricter
		VerifyConnection: func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 || !slices.Equal(state.PeerCertificates[0].Raw, want) {
				return errors.New("it is served with another certificate")
			}
			return nil
		},
	}, nil
}

// certificateIn gives the first certificate of a PEM file.
func certificateIn(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			return block.Bytes, nil
		}
	}
	return nil, fmt.Errorf("there is no certificate in %q", file)
}

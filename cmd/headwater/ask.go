package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"headwater/analysis/whatif"
)

// server is a running Headwater that is asked.
type server struct {
	HTTP    string `name:"http" default:"127.0.0.1:7317" env:"HEADWATER_HTTP" placeholder:"HOST:PORT" help:"Where a running Headwater serves its page. Default: ${default} (${env})."`
	TLSCert string `name:"tls-cert" env:"HEADWATER_TLS_CERT" type:"path" placeholder:"FILE" help:"The certificate that it is served with, if it is (${env})."`
	Token   string `env:"HEADWATER_TOKEN" placeholder:"TOKEN" help:"What opens its page, where it is locked (${env})."`
}

// largestAnswer bounds what is read of an answer.
const largestAnswer = 32 << 20

// whatif asks for an answer.
func (s *server) whatif(ctx context.Context, incident string, all []whatif.Setting, runs int) (*whatif.WhatIf, error) {
	query := url.Values{"runs": {strconv.Itoa(runs)}}
	for i := range all {
		query.Add("change", all[i].Query())
		if all[i].At != nil {
			query.Set("at", strconv.FormatFloat(*all[i].At, 'g', -1, 64))
		}
	}
	var a whatif.WhatIf
	return &a, s.get(ctx, "/api/v1/incidents/"+url.PathEscape(incident)+"/whatif?"+query.Encode(), &a)
}

// get asks for JSON.
func (s *server) get(ctx context.Context, path string, into any) error {
	host, port, err := net.SplitHostPort(s.HTTP)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	transport := &http.Transport{DisableKeepAlives: true}
	where := "http://" + net.JoinHostPort(host, port)
	if s.TLSCert != "" {
		where = strings.Replace(where, "http:", "https:", 1)
		if transport.TLSClientConfig, err = trusting(s.TLSCert); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, where+path, http.NoBody)
	if err != nil {
		return err
	}
	if s.Token != "" {
		request.Header.Set("Authorization", "Bearer "+s.Token)
	}
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return fmt.Errorf("no Headwater answers at %s: %w (name a recording, or set --http)", s.HTTP, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer))
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if answer.StatusCode != http.StatusOK {
		var problem struct {
			Detail string `json:"detail"`
		}
		if json.Unmarshal(body, &problem) != nil || problem.Detail == "" {
			problem.Detail = strings.TrimSpace(string(body))
		}
		return fmt.Errorf("%s answers %s: %.500s", s.HTTP, answer.Status, problem.Detail)
	}
	return json.Unmarshal(body, into)
}

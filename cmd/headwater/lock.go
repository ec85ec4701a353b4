package main

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"headwater/cmd/headwater/door"
	"headwater/ingest/otlp"
)

// lock is who may come in, how, and with how much.
type lock struct {
	TLSCert        string   `name:"tls-cert" env:"HEADWATER_TLS_CERT" type:"path" placeholder:"FILE" help:"Serve everything over TLS with this certificate and its chain, in PEM. Read again when it changes (${env})."`
	TLSKey         string   `name:"tls-key" env:"HEADWATER_TLS_KEY" type:"path" placeholder:"FILE" help:"The certificate's key, in PEM (${env})."`
	TLSClientCA    string   `name:"tls-client-ca" env:"HEADWATER_TLS_CLIENT_CA" type:"path" placeholder:"FILE" help:"Let in only who brings a certificate signed by one of these, in PEM (${env})."`
	TokenFile      string   `name:"token-file" env:"HEADWATER_TOKEN_FILE" type:"path" placeholder:"FILE" help:"Let in only who brings one of these bearer tokens, one a line. Read again when it changes (${env})."`
	CORSOrigin     []string `name:"cors-origin" env:"HEADWATER_CORS_ORIGIN" placeholder:"ORIGIN" help:"Take spans from scripts of this web page, such as https://shop.example. May be given again (${env})."`
	MaxRequest     byteSize `name:"max-request" env:"HEADWATER_MAX_REQUEST" default:"64MiB" placeholder:"SIZE" help:"Refuse OTLP requests above this size, after decompression. Default: ${default} (${env})."`
	MaxConnections int      `name:"max-connections" env:"HEADWATER_MAX_CONNECTIONS" default:"1024" placeholder:"N" help:"Connections that may be open at a time, for each address. Default: ${default} (${env})."`
}

// check finds what does not go together.
func (l lock) check() error {
	switch {
	case l.MaxRequest < 1<<20 || l.MaxRequest > 1<<30:
		return errors.New("--max-request is from 1MiB to 1GiB")
	case l.MaxConnections < 1:
		return errors.New("--max-connections is at least 1")
	case (l.TLSCert == "") != (l.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key need each other")
	case l.TLSClientCA != "" && l.TLSCert == "":
		return errors.New("--tls-client-ca needs --tls-cert and --tls-key")
	}
	return nil
}

// opened is a lock with its files read. A nil field is a lock that is not there.
type opened struct {
	lock
	certificates *door.Certificates
	tokens       *door.Tokens
}

// unlocked lets in whoever reaches it, with the usual limits.
var unlocked = &opened{lock: lock{MaxRequest: otlp.DefaultMaxBody, MaxConnections: otlp.DefaultMaxConnections}}

func (l lock) open(log *slog.Logger) (*opened, error) {
	o, err := &opened{lock: l}, l.check()
	if err != nil {
		return nil, err
	}
	if l.TLSCert != "" {
		if o.certificates, err = door.LoadCertificates(door.Files{Certificate: l.TLSCert, Key: l.TLSKey, ClientCA: l.TLSClientCA}, log); err != nil {
			return nil, err
		}
	}
	if l.TokenFile != "" {
		if o.tokens, err = door.LoadTokens(l.TokenFile, log); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// receivers is the lock as receivers take it.
func (o *opened) receivers(at addresses, observe func(otlp.Outcome)) otlp.Config {
	cfg := otlp.Config{
		GRPC: at.OTLPGRPC, HTTP: at.OTLPHTTP, Authorized: o.authorized(), Origins: o.CORSOrigin,
		MaxBody: int64(o.MaxRequest), MaxConnections: o.MaxConnections, Observe: observe,
	}
	if o.certificates != nil {
		cfg.TLS = o.certificates.Config(false)
	}
	return cfg
}

// authorized is nil where no token is needed.
func (o *opened) authorized() func(token string) bool {
	if o.tokens == nil {
		return nil
	}
	return o.tokens.Good
}

// pageTLS is nil where the page is served in plain text. Clients without a
// certificate get as far as known lets them: health checks have none.
func (o *opened) pageTLS() *tls.Config {
	if o.certificates == nil {
		return nil
	}
	return o.certificates.Config(true)
}

// scheme is that of the page's address.
func (o *opened) scheme() string {
	if o.certificates == nil {
		return "http"
	}
	return "https"
}

// known lets in who has brought a certificate, where one is needed.
func (o *opened) known(next http.Handler) http.Handler {
	if o.certificates == nil || !o.certificates.Mutual() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
			http.Error(w, "a client certificate is needed", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// bearer lets in who brings a token, where one is needed.
func (o *opened) bearer(next http.Handler) http.Handler {
	authorized := o.authorized()
	if authorized == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || !authorized(strings.TrimSpace(token)) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "a bearer token is needed", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// warn says what stands open to other machines.
func (o *opened) warn(log *slog.Logger, at addresses) {
	places := []door.Place{
		{What: "OTLP over gRPC", Address: at.OTLPGRPC, Risk: "send spans"},
		{What: "OTLP over HTTP", Address: at.OTLPHTTP, Risk: "send spans"},
		{What: "the page", Address: at.HTTP, Risk: "read what is known about your system"},
	}
	locked := o.tokens != nil || o.certificates != nil && o.certificates.Mutual()
	for _, text := range door.Warnings(places, o.certificates != nil, locked) {
		log.Warn("open to others", "warning", text)
	}
}

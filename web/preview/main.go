package main

import (
	"bufio"
	"flag"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"headwater/analysis"
	"headwater/web"
	"headwater/web/webtest"
)

func main() {
	addr := flag.String("addr", "localhost:7317", "address to listen on, host:port")
	state := flag.String("state", "outage", "what to begin with: silent, healthy or outage")
	services := flag.Int("services", 0, "so many services more than the shop has")
	flag.Parse()
	first := map[string]func() *analysis.Report{
		"silent": webtest.Silent, "healthy": webtest.Healthy, "outage": webtest.Report,
	}[*state]
	if first == nil {
		log.Fatalf("state %q is none of silent, healthy, outage", *state)
	}
	source := webtest.NewSource(first(), 10_000)
	source.Grow(*services)
	server, err := web.New(web.Config{
		Incidents: source, Traces: source, Windows: source, Spans: source, Log: slog.Default(),
		Version: "preview", Addr: *addr,
		Receivers: web.Receivers{GRPC: "localhost:4317", HTTP: "localhost:4318"},
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			source.Publish(webtest.Report())
		}
	}()
	log.Printf("http://%s", *addr)
	log.Fatal((&http.Server{Addr: *addr, Handler: server.Handler(), ReadHeaderTimeout: 10 * time.Second}).ListenAndServe())
}

package web_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"headwater/web"
	"headwater/web/webtest"
)

// listen opens the event stream and gives its lines.
func listen(t *testing.T, url string) <-chan string {
	t.Helper()
	answer, err := http.Get(url + "/api/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q", got)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(answer.Body); in.Scan(); {
			if in.Text() != "" {
				lines <- in.Text()
			}
		}
	}()
	return lines
}

func TestEvents(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	source := webtest.NewSource(webtest.Healthy(), 1)
	server, err := web.New(config(source))
	if err != nil {
		t.Fatal(err)
	}
	httpServer := httptest.NewServer(server.Handler())
	lines := listen(t, httpServer.URL)
	expect := func(prefix string) string {
		t.Helper()
		line := <-lines
		if !strings.HasPrefix(line, prefix) {
			t.Fatalf("line %q, want %q", line, prefix)
		}
		return line
	}
	expect("retry:")
	expect("event: change")
	first := expect("data: {\"revision\":")

	source.Publish(webtest.Healthy()) // the same in another place: no event
	source.Publish(webtest.Report())
	expect("event: change")
	if second := expect("data: {\"revision\":"); second == first {
		t.Errorf("the revision did not change: %s", second)
	}

	server.Close()
	server.Close()
	if line, open := <-lines; open {
		t.Errorf("after the server's end: %q", line)
	}
	http.DefaultClient.CloseIdleConnections()
	httpServer.Close()
}

// A stream without news says now and then that it is there.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, err := web.New(config(webtest.NewSource(webtest.Healthy(), 1)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(ctx, "GET", "/api/v1/events", nil)
		r.Host = "localhost"
		done := make(chan struct{})
		go func() {
			defer close(done)
			server.Handler().ServeHTTP(w, r)
		}()
		time.Sleep(time.Minute)
		cancel()
		<-done
		if got := strings.Count(w.Body.String(), ": still here"); got < 3 {
			t.Errorf("%d heartbeats in a minute:\n%s", got, w.Body)
		}
		if got := strings.Count(w.Body.String(), "event: change"); got != 1 {
			t.Errorf("%d changes in a minute:\n%s", got, w.Body)
		}
	})
}

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"headwater/graph/trace"
	"headwater/ingest/wire"
)

// hostility is by how much TestHostileMix is heavier than in ordinary runs: 25
// are a million service names and ten thousand connections.
func hostility(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("HEADWATER_HOSTILITY"))
	if err != nil {
		return 1
	}
	return n
}

// TestHostileMix lets many at once do their worst to a running Headwater:
// requests that unpack to gigabytes, senders that stop in the middle, attributes
// of megabytes, ever new names of services and operations, connections that say
// nothing. Memory stays bounded, and an honest sender is heard, then and
// afterwards.
func TestHostileMix(t *testing.T) {
	const bound = 1000 << 20 // of the heap, the senders of this test included
	l := servingWith(t, unlocked)
	by := hostility(t)
	url := "http://" + l.otlp.HTTPAddr() + "/v1/traces"
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()

	var senders sync.WaitGroup
	hostile := func(copies int, do func(n int)) {
		for n := range copies {
			senders.Go(func() { do(n) })
		}
	}
	bomb := packedZeros(t, 1<<30)
	hostile(4, func(int) { post(ctx, url, bomb, "gzip") })
	hostile(400*by, func(n int) { mute(ctx, l.otlp.HTTPAddr(), n%2 == 0) })
	hostile(8, func(int) { half(ctx, url) })
	hostile(4, func(n int) {
		s := strange(n, 0)
		s.Attrs = []trace.Attr{{Key: "huge", Value: trace.String(strings.Repeat("x", 8<<20))}}
		post(ctx, url, encoded(t, []trace.Span{s}), "")
	})
	hostile(4*by, func(n int) {
		for part := range 5 { // made as they are sent: the senders' memory counts too
			spans := make([]trace.Span, 2000)
			for i := range spans {
				spans[i] = strange(n, part*len(spans)+i)
			}
			post(ctx, url, encoded(t, spans), "")
		}
	})

	most := uint64(0)
	watching := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-watching:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
	}()
	honest := encoded(t, []trace.Span{strange(-1, 0)})
	for {
		if code := post(ctx, url, honest, ""); code == http.StatusOK {
			break
		} else if ctx.Err() != nil {
			t.Fatalf("an honest sender was not heard among hostile ones: %d", code)
		}
	}
	senders.Wait()
	close(watching)
	<-watched
	if most > bound {
		t.Errorf("the heap grew to %d MB, over %d MB", most>>20, bound>>20)
	}
	l.settle(t)
	if code := post(t.Context(), url, honest, ""); code != http.StatusOK {
		t.Errorf("afterwards an honest sender is answered %d", code)
	}
	resp, err := http.Get(l.address() + "/api/v1/incidents")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards the page is answered %d", resp.StatusCode)
	}
	t.Logf("the heap grew to %d MB", most>>20)
}

// strange is a span of a service and an operation that nobody has heard of.
func strange(sender, n int) trace.Span {
	s := trace.Span{
		Name: fmt.Sprintf("operation %d of %d", n, sender), Kind: trace.KindServer, Start: time.Now().UnixNano(),
		Resource: trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String(fmt.Sprintf("service-%d-%d", sender, n))}}),
	}
	s.End = s.Start + 1e6
	binary.BigEndian.PutUint64(s.TraceID[:], uint64(sender+2))
	binary.BigEndian.PutUint64(s.TraceID[8:], uint64(n+1))
	binary.BigEndian.PutUint64(s.SpanID[:], uint64(n+1))
	return s
}

func encoded(t *testing.T, spans []trace.Span) []byte {
	t.Helper()
	request, err := wire.Encode(spans)
	if err != nil {
		t.Error(err)
	}
	return request
}

// packedZeros is so many zeros in gzip.
func packedZeros(t *testing.T, n int64) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.CopyN(w, zeros{}, n); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// post sends a request and gives the status, 0 where there was no answer.
func post(ctx context.Context, url string, body []byte, encoding string) int {
	return send(ctx, url, bytes.NewReader(body), encoding)
}

func send(ctx context.Context, url string, body io.Reader, encoding string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// half sends the beginning of a request, and then nothing for a while.
func half(ctx context.Context, url string) {
	r, w := io.Pipe()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	context.AfterFunc(ctx, func() { w.CloseWithError(ctx.Err()) })
	go func() { _, _ = w.Write([]byte("\x0a\xff\xff\xff\x0f")) }()
	send(ctx, url, r, "")
}

// mute opens a connection and says nothing, or begins to say something, until
// it is closed or 3 seconds have passed.
func mute(ctx context.Context, addr string, begins bool) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return
	}
	defer c.Close()
	if begins {
		_, _ = io.WriteString(c, "POST /v1/traces HTTP/1.1\r\nHost: ")
	}
	if err := c.SetReadDeadline(time.Now().Add(3 * time.Second)); err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, c)
}

package otlp

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// short is a time limit that tests can wait for.
const short = 50 * time.Millisecond

// ledger keeps outcomes.
type ledger struct {
	mu       sync.Mutex
	outcomes []Outcome
	news     chan struct{}
}

func newLedger() *ledger { return &ledger{news: make(chan struct{}, 1000)} }

func (l *ledger) observe(o Outcome) {
	l.mu.Lock()
	l.outcomes = append(l.outcomes, o)
	l.mu.Unlock()
	l.news <- struct{}{}
}

// await waits until there is an outcome of a kind, and takes it away.
func (l *ledger) await(t *testing.T, p Protocol, r Result) Outcome {
	t.Helper()
	for {
		l.mu.Lock()
		i := slices.IndexFunc(l.outcomes, func(o Outcome) bool { return o.Protocol == p && o.Result == r })
		var o Outcome
		if i >= 0 {
			o = l.outcomes[i]
			l.outcomes = slices.Delete(l.outcomes, i, i+1)
		}
		l.mu.Unlock()
		if i >= 0 {
			return o
		}
		<-l.news
	}
}

// open connects and sends some bytes.
func open(t *testing.T, address, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

// cutOff waits until the other side closes.
func cutOff(t *testing.T, c net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, c); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
}

// TestSendersThatSayNothingAreCutOff covers half-open connections, and headers
// that never end.
func TestSendersThatSayNothingAreCutOff(t *testing.T) {
	s := start(t, &collector{}, Config{HeaderTime: short})
	for name, address := range map[string]string{"gRPC": s.GRPCAddr(), "HTTP": s.HTTPAddr()} {
		for _, text := range []string{"", "POST /v1/traces HTTP/1.1\r\nHost: x\r\nX-Slow: ", "PRI * HTTP/2.0\r\n"} {
			t.Run(name+" "+text, func(t *testing.T) { cutOff(t, open(t, address, text)) })
		}
	}
}

// TestTLSHandshakesThatStopAreCutOff does so before anything was said in TLS.
func TestTLSHandshakesThatStopAreCutOff(t *testing.T) {
	certificate, _ := selfSigned(t)
	s := start(t, &collector{}, Config{HeaderTime: short, TLS: tlsOf(certificate)})
	cutOff(t, open(t, s.GRPCAddr(), "\x16\x03\x01"))
	cutOff(t, open(t, s.HTTPAddr(), "\x16\x03\x01"))
}

// TestSlowBodiesAreToldToComeBack sends a body that stops.
func TestSlowBodiesAreToldToComeBack(t *testing.T) {
	l := newLedger()
	s := start(t, &collector{}, Config{BodyTime: short, Observe: l.observe})
	t.Run("HTTP", func(t *testing.T) {
		c := open(t, s.HTTPAddr(), "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
			t.Errorf("%d %v, want 503 with Retry-After", resp.StatusCode, resp.Header)
		}
		l.await(t, HTTP, TimedOut)
	})
	t.Run("gRPC", func(t *testing.T) {
		stream, err := dial(t, s).NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true}, exportMethod, grpc.ForceCodecV2(bytesCodec{}))
		if err != nil {
			t.Fatal(err)
		}
		var answer []byte
		if err := stream.RecvMsg(&answer); !strings.Contains(err.Error(), codes.DeadlineExceeded.String()) {
			t.Errorf("%v, want DeadlineExceeded", err)
		}
		l.await(t, GRPC, TimedOut)
	})
}

// TestAnnouncedLengthsAreNotBelieved opens many requests that announce much and
// send little: they reserve little, and others are served.
func TestAnnouncedLengthsAreNotBelieved(t *testing.T) {
	const maxBody = 1 << 20
	s := start(t, &collector{}, Config{MaxBody: maxBody})
	for range 8 * requestsAtOnce {
		open(t, s.HTTPAddr(), fmt.Sprintf("POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", maxBody))
	}
	expect(t, s, 200, jsonType, "", jsonText(t, span("s", 1, 1)))
}

func TestConnectionsAreBounded(t *testing.T) {
	l := newLedger()
	s := start(t, &collector{}, Config{MaxConnections: 2, Observe: l.observe})
	for p, address := range map[Protocol]string{GRPC: s.GRPCAddr(), HTTP: s.HTTPAddr()} {
		first, second := open(t, address, ""), open(t, address, "")
		cutOff(t, open(t, address, ""))
		l.await(t, p, Crowded)
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		// The place is free again once the server has noticed. gRPC speaks first;
		// over HTTP a connection that is not closed stays silent.
		patience := map[Protocol]time.Duration{GRPC: 10 * time.Second, HTTP: 10 * short}[p]
		for {
			c := open(t, address, "")
			if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			_, err := c.Read(make([]byte, 1))
			if p == HTTP && os.IsTimeout(err) || p == GRPC && err == nil {
				break
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := second.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStreamsAreBounded reads what the servers say of themselves when an HTTP/2
// connection begins.
func TestStreamsAreBounded(t *testing.T) {
	certificate, pool := selfSigned(t)
	encrypted := tlsOf(certificate)
	encrypted.NextProtos = []string{"h2", "http/1.1"}
	s := start(t, &collector{}, Config{TLS: encrypted})
	for name, address := range map[string]string{"gRPC": s.GRPCAddr(), "HTTP": s.HTTPAddr()} {
		c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
		if err != nil {
			t.Fatal(name, err)
		}
		t.Cleanup(func() { c.Close() })
		framer := http2.NewFramer(c, c)
		_, err = io.WriteString(c, http2.ClientPreface)
		if err := errors.Join(err, framer.WriteSettings()); err != nil {
			t.Fatal(name, err)
		}
		frame, err := framer.ReadFrame()
		if err != nil {
			t.Fatal(name, err)
		}
		settings, ok := frame.(*http2.SettingsFrame)
		if !ok {
			t.Fatalf("%s begins with %v", name, frame)
		}
		if n, ok := settings.Value(http2.SettingMaxConcurrentStreams); !ok || n != maxStreams {
			t.Errorf("%s: %d streams at a time, want %d", name, n, maxStreams)
		}
		if n, ok := settings.Value(http2.SettingMaxHeaderListSize); !ok || n > 2*maxHeader {
			t.Errorf("%s: headers of %d bytes, want %d", name, n, maxHeader)
		}
	}
}

// TestUnfinishedMessagesAreBounded has gRPC connections send messages without
// their ends.
func TestUnfinishedMessagesAreBounded(t *testing.T) {
	const maxBody, connections = 1 << 20, 8 // requestsAtOnce is the budget
	l := newLedger()
	s := start(t, &collector{}, Config{MaxBody: maxBody, MaxConnections: 64, Observe: l.observe})
	held := s.grpcListener.(*listener)
	var open []net.Conn
	for range connections {
		c, err := unfinished(t, s.GRPCAddr(), maxBody)
		if err == nil {
			open = append(open, c)
		}
		if got := held.held.Load(); got > held.budget+held.share+64<<10 {
			t.Errorf("%d bytes are held, the budget is %d", got, held.budget)
		}
	}
	for _, c := range open {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	ended, turnedAway := 0, 0
	for ended < connections { // each has one outcome, and those that were closed one more
		<-l.news
		l.mu.Lock()
		ended, turnedAway = 0, 0
		for _, o := range l.outcomes {
			switch o.Result {
			case GoneAway:
				ended++
			case Busy:
				ended++
				turnedAway++
			case Crowded:
				turnedAway++
			}
		}
		l.mu.Unlock()
	}
	if turnedAway < connections-requestsAtOnce-1 {
		t.Errorf("%d of %d were turned away", turnedAway, connections)
	}
	if _, st := sendGRPC(t, s, protobuf(t, span("s", 1, 1))); st.Code() != codes.OK {
		t.Errorf("afterwards: %v", st)
	}
}

// unfinished sends all of a gRPC message but its last byte. The error says that
// the connection was closed on the way.
func unfinished(t *testing.T, address string, size int) (net.Conn, error) {
	t.Helper()
	message := binary.BigEndian.AppendUint32([]byte{0}, uint32(size)) // not compressed
	c := open(t, address, http2.ClientPreface)
	_, err := sendFrames(t, c, append(message, make([]byte, size-1)...))
	return c, err
}

// sendFrames sends a request of gRPC as it is on the wire, as HTTP/2 allows it to,
// and leaves the stream open.
func sendFrames(t *testing.T, c net.Conn, message []byte, header ...[2]string) (*http2.Framer, error) {
	t.Helper()
	framer := http2.NewFramer(c, c)
	var block bytes.Buffer
	fields := hpack.NewEncoder(&block)
	for _, f := range append([][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", exportMethod}, {":authority", "x"},
		{"content-type", "application/grpc"}, {"te", "trailers"},
	}, header...) {
		if err := fields.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(framer.WriteSettings(), framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true}))
	if err != nil {
		return nil, err
	}
	window := map[uint32]int{0: 65535, 1: 65535}
	for len(message) > 0 {
		n := min(len(message), window[0], window[1], 16<<10)
		if n > 0 {
			if err := framer.WriteData(1, false, message[:n]); err != nil {
				return nil, err
			}
			window[0], window[1], message = window[0]-n, window[1]-n, message[n:]
			continue
		}
		frame, err := framer.ReadFrame()
		if err != nil {
			return nil, err
		}
		switch frame := frame.(type) {
		case *http2.WindowUpdateFrame:
			window[frame.StreamID] += int(frame.Increment)
		case *http2.RSTStreamFrame:
			return nil, errors.New("refused")
		}
	}
	return framer, nil
}

// TestBombsAtOnceAreBounded sends many small requests that unpack to 128 MiB each:
// 8 GiB together, of which little may be in memory.
func TestBombsAtOnceAreBounded(t *testing.T) {
	const bombs, maxBody, most = 32, 4 << 20, 256 << 20
	l := newLedger()
	s := start(t, &collector{}, Config{MaxBody: maxBody, Observe: l.observe})
	bomb := packGzip(t, make([]byte, 128<<20))
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var g errgroup.Group
	message := append(binary.BigEndian.AppendUint32([]byte{1}, uint32(len(bomb))), bomb...)
	for range bombs {
		g.Go(func() error {
			got, err := post(s, protobufType, "gzip", bomb)
			if err == nil && got.code != http.StatusRequestEntityTooLarge && got.code != http.StatusTooManyRequests {
				err = fmt.Errorf("HTTP: %d", got.code)
			}
			return err
		})
		g.Go(func() error {
			c, err := net.Dial("tcp", s.GRPCAddr())
			if err != nil {
				return err
			}
			defer c.Close()
			if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
				return err
			}
			framer, err := sendFrames(t, c, message, [2]string{"grpc-encoding", "gzip"})
			if err != nil {
				return err
			}
			if err := framer.WriteData(1, true, nil); err != nil {
				return err
			}
			for {
				frame, err := framer.ReadFrame()
				if err != nil {
					return err
				}
				if h, ok := frame.(*http2.HeadersFrame); ok && h.StreamEnded() {
					return nil
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.Sys) - int64(before.Sys); grown > most {
		t.Errorf("the process grew by %d MiB, at most %d MiB are well", grown>>20, most>>20)
	}
	for range bombs {
		l.await(t, GRPC, TooLarge)
	}
}

// TestOutcomes checks what is told to whoever counts.
func TestOutcomes(t *testing.T) {
	l := newLedger()
	s := start(t, &collector{}, Config{Observe: l.observe})
	body := protobuf(t, span("kept", 1, 1), span("lost", 0, 1))
	sendGRPC(t, s, body, grpc.UseCompressor("gzip"))
	if _, err := post(s, protobufType, "gzip", packGzip(t, body)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []Protocol{GRPC, HTTP} {
		o := l.await(t, p, Taken)
		if o.Spans != 1 || o.Refused["no trace id"] != 1 || o.Bytes != len(body) || o.Received == 0 || o.Received == len(body) || o.Duration <= 0 {
			t.Errorf("%s: %+v", p, o)
		}
	}
	sendGRPC(t, s, []byte("no protobuf"))
	l.await(t, GRPC, Unreadable)
	invoke(t.Context(), dial(t, s), "/none/Such", nil)
	l.await(t, GRPC, Unsupported)
}

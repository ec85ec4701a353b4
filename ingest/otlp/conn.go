package otlp

import (
	"container/list"
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

// requestsAtOnce is how many of the largest requests may be held in memory at
// one time; of smaller ones as many as have that size together. It holds once
// for what gRPC connections have sent of requests that are not complete, and
// once for the requests that are being read over HTTP, decoded and written.
const requestsAtOnce = 4

// maxRefusals is how many requests without a right token a gRPC connection may
// make before it is closed.
const maxRefusals = 100

var errCrowded = errors.New("too much is on its way at once")

// listener bounds the connections that are open at a time; one too many is
// closed as soon as it is accepted, which tells the sender at once to come back.
//
// It also bounds what gRPC connections hold of unfinished requests: gRPC
// gathers a message's bytes before anybody sees them. What was read since the
// oldest open request of a connection began is held for it. When all hold more
// than the budget together, connections that go on sending and hold more than
// their share are closed: their memory is free then, and their senders try
// again.
type listener struct {
	net.Listener
	protocol Protocol
	observe  func(Outcome)
	places   chan struct{}
	budget   int64
	share    int64 // of the budget, for each connection
	held     atomic.Int64
}

func limit(l net.Listener, p Protocol, cfg Config) *listener {
	budget := requestsAtOnce * cfg.MaxBody
	return &listener{
		Listener: l, protocol: p, observe: cfg.Observe,
		places: make(chan struct{}, cfg.MaxConnections),
		budget: budget, share: budget / int64(cfg.MaxConnections),
	}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.places <- struct{}{}:
			return &conn{Conn: c, listener: l}, nil
		default:
			l.observe(Outcome{Protocol: l.protocol, Result: Crowded})
			_ = c.Close() // it is of no use any more, whatever happened to it
		}
	}
}

// full reports whether senders should wait before they send more.
func (l *listener) full() bool { return l.held.Load() > l.budget }

// conn counts what it holds for open requests.
type conn struct {
	net.Conn
	listener *listener

	mu      sync.Mutex
	closed  bool
	read    int64     // in all
	open    list.List // for each open request, the value of read when it began (int64)
	held    int64     // part of listener.held
	refused int
}

// peerAddr is the address of a conn, by which gRPC's handlers find it.
type peerAddr struct {
	net.Addr
	conn *conn
}

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return peerAddr{c.Conn.RemoteAddr(), c} }

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	c.read += int64(n)
	c.count()
	crowded := c.held > c.listener.share && c.listener.full()
	c.mu.Unlock()
	if crowded {
		c.listener.observe(Outcome{Protocol: c.listener.protocol, Result: Crowded})
		return 0, errors.Join(errCrowded, c.Close())
	}
	return n, err
}

// count brings held up to date.
func (c *conn) count() {
	held := int64(0)
	if oldest := c.open.Front(); oldest != nil && !c.closed {
		held = c.read - oldest.Value.(int64)
	}
	c.listener.held.Add(held - c.held)
	c.held = held
}

// begin notes a request; end takes what it returns.
func (c *conn) begin() *list.Element {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open.PushBack(c.read)
}

func (c *conn) end(request *list.Element) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open.Remove(request)
	c.count()
}

// refuse counts a request without a right token, and closes the connection when
// they are too many.
func (c *conn) refuse() {
	c.mu.Lock()
	c.refused++
	enough := c.refused >= maxRefusals
	c.mu.Unlock()
	if enough {
		_ = c.Close() // the sender learns it from the next read
	}
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	c.count()
	c.mu.Unlock()
	if first {
		<-c.listener.places
	}
	return c.Conn.Close()
}

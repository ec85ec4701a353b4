package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	// heartbeat keeps proxies from closing a silent stream and lets the server
	// notice that a reader has gone.
	heartbeat = 15 * time.Second
	// streamWrite bounds one write to a reader that does not read.
	streamWrite = 10 * time.Second
)

// Change is the data of an event "change" on /api/v1/events. One is sent at
// once, and then one whenever the report differs.
type Change struct {
	Revision string `json:"revision"` // as in IncidentList
}

func (s *Server) events(c *gin.Context) {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		problem(c, http.StatusServiceUnavailable, "Too many pages listen for changes.")
		return
	}
	ctx, cancel := context.WithCancel(c.Request.Context())
	defer cancel()
	changes := s.cfg.Incidents.Subscribe(ctx)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()

	c.Writer.Header().Set("Content-Type", "text/event-stream")
	c.Status(http.StatusOK)
	out := stream{c.Writer, http.NewResponseController(c.Writer)}
	if out.send("retry: 1000\n\n") != nil {
		return
	}
	sent := ""
	for {
		if now := s.news.latest().list.Revision; now != sent {
			data, err := json.Marshal(Change{now})
			if err != nil || out.send("event: change\ndata: "+string(data)+"\n\n") != nil {
				return
			}
			sent = now
		}
		select {
		case <-ctx.Done():
			return
		case <-s.closing:
			return
		case _, ok := <-changes:
			if !ok {
				return
			}
		case <-beat.C:
			if s.door != nil && !s.door.open(c) {
				return // its token is no longer good
			}
			if out.send(": still here\n\n") != nil {
				return
			}
		}
	}
}

// stream writes to a reader that may have gone.
type stream struct {
	w    http.ResponseWriter
	ctrl *http.ResponseController
}

func (s stream) send(text string) error {
	// Writers that know no deadline (in tests) can't get stuck either.
	_ = s.ctrl.SetWriteDeadline(time.Now().Add(streamWrite))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("event stream: %w", err)
	}
	return s.ctrl.Flush()
}

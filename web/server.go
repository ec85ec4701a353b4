package web

import (
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/gin-gonic/gin"
)

// Server answers the page's requests. Its methods are safe for concurrent use.
type Server struct {
	cfg     Config
	handler http.Handler
	news    newsroom

	streams chan struct{} // a place for each open event stream
	closing chan struct{}
	close   sync.Once
}

// maxStreams bounds the event streams that are open at a time.
const maxStreams = 256

// New makes a server. It fails when the configuration lacks something or the
// embedded page is broken.
func New(cfg Config) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	page, err := loadPage()
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg:     cfg,
		streams: make(chan struct{}, maxStreams),
		closing: make(chan struct{}),
	}
	s.news.source = cfg.Incidents

	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false
	r.Use(s.recovered, secured)
	if isLoopback(cfg.Addr) {
		r.Use(onlyLocalHost)
	}
	api := r.Group("/api/v1", unstored)
	api.GET("/status", s.status)
	api.GET("/incidents", s.incidents)
	api.GET("/incidents/:id", s.incident)
	api.GET("/traces/:id", s.trace)
	api.GET("/graph", s.graph)
	api.GET("/events", s.events)
	r.NoRoute(page.serve)
	r.NoMethod(func(c *gin.Context) {
		problem(c, http.StatusMethodNotAllowed, "Only GET is answered here.")
	})
	s.handler = r
	return s, nil
}

// Handler gives the handler for an http.Server.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends the open event streams, which would otherwise hold up an orderly
// shutdown: give it to http.Server.RegisterOnShutdown. It may be called again.
func (s *Server) Close() { s.close.Do(func() { close(s.closing) }) }

// recovered turns a panic into an answer, so that one bad request can't end the
// process.
func (s *Server) recovered(c *gin.Context) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			s.cfg.Log.Error("request panicked", "path", c.Request.URL.Path, "panic", v, "stack", string(debug.Stack()))
			if !c.Writer.Written() {
				problem(c, http.StatusInternalServerError, "Something in Headwater is broken; its log says more.")
			}
		}
	}()
	c.Next()
}

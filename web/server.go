package web

import (
	"net/http"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// Server answers the page's requests. Its methods are safe for concurrent use.
type Server struct {
	cfg     Config
	handler http.Handler
	news    newsroom
	graphs  gallery
	door    *door // nil where all may come in
	desk    *whatifDesk
	judging *judging

	streams chan struct{} // a place for each open event stream
	looking *Turn         // for risks
	// rehearsed is the system that was fitted last, whoever has the place above.
	rehearsed *rehearsal
	closing   chan struct{}
	close     sync.Once
}

// maxStreams bounds the event streams that are open at a time.
const maxStreams = 256

// New makes a server. It fails when the configuration lacks something or the
// embedded page is broken.
func New(cfg Config) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Turn == nil {
		cfg.Turn = NewTurn()
	}
	page, err := loadPage()
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg:     cfg,
		streams: make(chan struct{}, maxStreams),
		looking: NewTurn(),
		closing: make(chan struct{}),
		desk:    newDesk(),
		judging: &judging{turn: cfg.Turn},
	}
	s.news.source = cfg.Incidents

	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false
	r.Use(s.recovered, secured)
	loopback := isLoopback(cfg.Addr)
	if loopback {
		r.Use(onlyLocalHost)
	}
	r.Use(onlyOwnOrigin(loopback))
	if cfg.Authorized != nil {
		s.door = newDoor(cfg.Authorized, cfg.Secure)
		r.GET("/login", s.door.form)
		r.POST("/login", s.door.enter)
		r.POST("/logout", s.door.leave)
		r.Use(s.door.guard)
	}
	api := r.Group("/api/v1", unstored)
	for _, e := range Endpoints() {
		api.GET(ginPath(e.Path), e.handle(s))
	}
	r.NoRoute(page.serve)
	r.NoMethod(func(c *gin.Context) {
		problem(c, http.StatusMethodNotAllowed, "Only GET is answered here.")
	})
	if s.handler, err = packed(r); err != nil {
		return nil, err
	}
	return s, nil
}

// ginPath writes the parameters of a path as gin does.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
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

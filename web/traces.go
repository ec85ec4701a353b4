package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/graph/trace"
)

// readTimeout bounds one reading of the store.
const readTimeout = 30 * time.Second

func (s *Server) trace(c *gin.Context) {
	id, err := trace.ParseTraceID(c.Param("id"))
	if err != nil {
		problem(c, http.StatusBadRequest, "This is no trace id: 32 hexadecimal digits are expected, or 16.")
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	spans, err := s.cfg.Traces.Trace(ctx, id)
	if err != nil {
		s.unreadable(c, fmt.Errorf("trace %s: %w", id, err))
		return
	}
	if len(spans) == 0 {
		problem(c, http.StatusNotFound, fmt.Sprintf("There is no trace %s. It may be older than what is kept.", id))
		return
	}
	c.JSON(http.StatusOK, viewTrace(trace.Assemble(spans)))
}

// unreadable answers that the store failed, and logs why, unless the reader has
// gone.
func (s *Server) unreadable(c *gin.Context, err error) {
	switch {
	case c.Request.Context().Err() != nil:
		c.Abort()
	case errors.Is(err, context.DeadlineExceeded):
		problem(c, http.StatusGatewayTimeout, "Reading the store took too long.")
	default:
		s.cfg.Log.Error("store not readable", "path", c.Request.URL.Path, "error", err)
		problem(c, http.StatusInternalServerError, "The store could not be read; the log says more.")
	}
}

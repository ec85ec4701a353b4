package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/graph"
)

// windowsOf reads the windows of the range that a request names. It answers by
// itself, and reports false, where that fails.
func (s *Server) windowsOf(c *gin.Context, longest time.Duration) ([]*graph.Window, bool) {
	from, to, err := s.stretch(c, longest)
	if err != nil {
		problem(c, http.StatusBadRequest, err.Error())
		return nil, false
	}
	return s.windowsWithin(c, from, to)
}

// windowsWithin reads the windows of a range. It answers by itself, and reports
// false, where that fails.
func (s *Server) windowsWithin(c *gin.Context, from, to time.Time) ([]*graph.Window, bool) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	windows, err := s.cfg.Windows.Windows(ctx, from.UnixNano(), to.UnixNano())
	if err != nil {
		s.unreadable(c, fmt.Errorf("windows from %s to %s: %w", from, to, err))
		return nil, false
	}
	return windows, true
}

func (s *Server) node(c *gin.Context) {
	id, err := graph.ParseNodeID(c.Query("id"))
	if err != nil {
		problem(c, http.StatusBadRequest, "id is no node's id, like service:prod/checkout.")
		return
	}
	windows, ok := s.windowsOf(c, courseLongest)
	if !ok {
		return
	}
	v, found := viewNode(id, windows)
	if !found {
		problem(c, http.StatusNotFound, fmt.Sprintf("%.80s was not seen in this time range.", id.Name))
		return
	}
	c.JSON(http.StatusOK, v)
}

func (s *Server) edge(c *gin.Context) {
	caller, err := graph.ParseNodeID(c.Query("caller"))
	if err != nil {
		problem(c, http.StatusBadRequest, "caller is no node's id, like service:prod/checkout.")
		return
	}
	callee, err := graph.ParseNodeID(c.Query("callee"))
	if err != nil {
		problem(c, http.StatusBadRequest, "callee is no node's id, like service:prod/checkout.")
		return
	}
	async, err := strconv.ParseBool(c.DefaultQuery("async", "false"))
	if err != nil {
		problem(c, http.StatusBadRequest, "async is true or false.")
		return
	}
	windows, ok := s.windowsOf(c, courseLongest)
	if !ok {
		return
	}
	v, found := viewEdge(graph.EdgeID{Caller: caller, Callee: callee, Async: async}, windows)
	if !found {
		problem(c, http.StatusNotFound, fmt.Sprintf("%.80s did not call %.80s in this time range.", caller.Name, callee.Name))
		return
	}
	c.JSON(http.StatusOK, v)
}

// about gives of each window only what touches the nodes: to merge the rest would
// be for nothing.
func about(windows []*graph.Window, ids ...graph.NodeID) []*graph.Window {
	out := make([]*graph.Window, len(windows))
	for i, w := range windows {
		x := graph.NewWindow(w.Start, w.Length)
		for _, id := range ids {
			if n := w.Nodes[id]; n != nil {
				x.Nodes[id] = n
			}
		}
		for e, s := range w.Edges {
			if slices.Contains(ids, e.Caller) || slices.Contains(ids, e.Callee) {
				x.Edges[e] = s
			}
		}
		for r, s := range w.Routes {
			if slices.Contains(ids, r.Node) {
				x.Routes[r] = s
			}
		}
		out[i] = x
	}
	return out
}

// sum merges windows, which are ordered by time and of one length.
func sum(windows []*graph.Window) (all *graph.Window, seconds float64) {
	first, last := windows[0], windows[len(windows)-1]
	all = graph.NewWindow(first.Start, first.Length)
	for _, w := range windows {
		all.Merge(w)
	}
	return all, time.Duration(last.Start + last.Length - first.Start).Seconds()
}

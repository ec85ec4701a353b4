package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
	"headwater/analysis/whatif"
	"headwater/graph"
)

// Bounds of one answer with a replay: a picture draws fewer nodes.
const (
	mostReplayNodes = 120
	mostReplayEdges = 240
)

// ReplayView is the answer of /api/v1/incidents/{id}/whatif/frames: an incident as it
// was and as it would have been with changes, frame by frame. Both begin before it,
// and go on after its end. Lists within nodes and edges run parallel to Times.
type ReplayView struct {
	// Known is set where the incident can be played; Why says what is lacking.
	Known    bool        `json:"known"`
	Why      string      `json:"why,omitempty"`
	FrameSec float64     `json:"frame_seconds"`
	Times    []time.Time `json:"times"` // begins of the frames
	Happened ReplaySide  `json:"happened"`
	Changed  ReplaySide  `json:"changed"` // one run, that of the seed
}

// ReplaySide is what nodes and edges did: the most pressed of the incident.
type ReplaySide struct {
	Nodes []NodeFrames `json:"nodes"` // by id
	Edges []EdgeFrames `json:"edges"` // by caller, callee
}

// NodeFrames is one node, frame by frame.
type NodeFrames struct {
	Node       graph.NodeID `json:"node"`
	Own        []float64    `json:"own"`       // occupancy above the baseline, its own
	Inherited  []float64    `json:"inherited"` // the same, of what it waits for
	ErrorShare []float64    `json:"error_share"`
}

// replay answers with the picture of an incident played again.
func (s *Server) replay(c *gin.Context) {
	in, ok := s.cfg.Incidents.Incident(c.Param("id"))
	if !ok {
		problem(c, http.StatusNotFound, fmt.Sprintf("There is no incident %.80q.", c.Param("id")))
		return
	}
	changes, _, err := askedChanges(c)
	if err != nil {
		problem(c, http.StatusBadRequest, err.Error())
		return
	}
	seed := uint64(1)
	if text := c.Query("seed"); text != "" {
		if seed, err = strconv.ParseUint(text, 10, 32); err != nil {
			problem(c, http.StatusBadRequest, "seed: a whole number is expected")
			return
		}
	}
	ctx, done, err := s.takeTurn(c)
	if err != nil {
		s.unreadable(c, fmt.Errorf("replay of incident %s: %w", in.ID, err))
		return
	}
	defer done()
	fit, why, err := s.fitted(ctx, in)
	switch {
	case err != nil:
		s.unreadable(c, fmt.Errorf("replay of incident %s: %w", in.ID, err))
		return
	case why != nil:
		v := viewReplay(in, nil, nil)
		v.Why = whatif.Unknown(why).Why
		c.JSON(http.StatusOK, v)
		return
	}
	changed, err := fit.Play(ctx, changes, seed)
	var wrong *whatif.ChangeError
	switch {
	case errors.As(err, &wrong):
		problem(c, http.StatusBadRequest, err.Error())
		return
	case err != nil:
		s.unreadable(c, fmt.Errorf("replay of incident %s: %w", in.ID, err))
		return
	}
	c.JSON(http.StatusOK, viewReplay(in, fit, changed))
}

// viewReplay tells of both runs what the incident's nodes and edges did in them.
func viewReplay(in *analysis.Incident, fit *whatif.Fit, changed []*graph.Window) ReplayView {
	empty := ReplaySide{Nodes: []NodeFrames{}, Edges: []EdgeFrames{}}
	v := ReplayView{Times: []time.Time{}, Happened: empty, Changed: empty}
	if fit == nil {
		return v
	}
	was, now := gathered(fit.Windows(), mostFrames), gathered(changed, mostFrames)
	v.Known, v.FrameSec = true, float64(was[0].Length)/1e9
	for _, f := range was {
		v.Times = append(v.Times, time.Unix(0, f.Start).UTC())
	}
	usual := fit.Usual()
	for _, n := range mostPressedNodes(in.Nodes, mostReplayNodes) {
		v.Happened.Nodes = append(v.Happened.Nodes, nodeFrames(n.ID, usual, was))
		v.Changed.Nodes = append(v.Changed.Nodes, nodeFrames(n.ID, usual, now))
	}
	for _, e := range mostPressed(in.Edges, mostReplayEdges) {
		id := graph.EdgeID{Caller: e.Caller, Callee: e.Callee, Async: e.Async}
		before := 0.0
		if s := usual.Edges[id]; s != nil {
			before = float64(s.Time.Sum) / float64(usual.Length)
		}
		v.Happened.Edges = append(v.Happened.Edges, edgeFrames(id, before, was))
		v.Changed.Edges = append(v.Changed.Edges, edgeFrames(id, before, now))
	}
	return v
}

// nodeFrames is one node in frames.
func nodeFrames(id graph.NodeID, usual *graph.Window, frames []*graph.Window) NodeFrames {
	ownOf := func(w *graph.Window) (own, all float64, failed, visits int64) {
		n := w.Nodes[id]
		if n == nil {
			return 0, 0, 0, 0
		}
		return float64(n.All.Self.Sum) / float64(w.Length), float64(n.All.Time.Sum) / float64(w.Length), n.All.Failed, n.All.Visits
	}
	x := NodeFrames{Node: id}
	own0, all0, _, _ := ownOf(usual)
	for _, f := range frames {
		own, all, failed, visits := ownOf(f)
		x.Own = append(x.Own, micro(own-own0))
		x.Inherited = append(x.Inherited, micro(all-own-(all0-own0)))
		x.ErrorShare = append(x.ErrorShare, micro(share(failed, visits)))
	}
	return x
}

// mostPressedNodes takes causes, and then the nodes that carry most, in the order
// given.
func mostPressedNodes(nodes []analysis.NodeView, most int) []analysis.NodeView {
	if len(nodes) <= most {
		return nodes
	}
	cause := func(n analysis.NodeView) int { return min(n.Cause, 1) }
	out := slices.Clone(nodes)
	slices.SortStableFunc(out, func(a, b analysis.NodeView) int {
		return cmp.Or(cmp.Compare(cause(b), cause(a)), cmp.Compare(b.Own+b.Inherited, a.Own+a.Inherited), strings.Compare(a.ID.String(), b.ID.String()))
	})
	out = out[:most]
	slices.SortFunc(out, func(a, b analysis.NodeView) int { return a.ID.Compare(b.ID) })
	return out
}

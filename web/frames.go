package web

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
	"headwater/graph"
)

// Bounds of one answer with frames.
const (
	mostFrames     = 360
	mostFrameEdges = 600
	frameTail      = 6 // frames of the time before the incident
)

// FramesView is the answer of /api/v1/incidents/{id}/frames: how the calls of an
// incident went, frame by frame. A frame is a window, or several as one where an
// incident is long. Lists within edges run parallel to Times.
type FramesView struct {
	FrameSec float64      `json:"frame_seconds"`
	Times    []time.Time  `json:"times"` // begins of the frames; empty where the windows are no longer kept
	Edges    []EdgeFrames `json:"edges"` // the most pressed, by caller, callee
	// Shared is what ties nodes together and is no node of the graph itself.
	Shared []analysis.Shared `json:"shared"`
}

// EdgeFrames is one edge, frame by frame.
type EdgeFrames struct {
	Caller        graph.NodeID `json:"caller"`
	Callee        graph.NodeID `json:"callee"`
	Async         bool         `json:"async"`
	Pressure      []float64    `json:"pressure"` // occupancy above the baseline
	Rate          []float64    `json:"rate"`     // calls a second
	Mean          []float64    `json:"mean"`     // seconds of an attempt, at the caller
	ErrorShare    []float64    `json:"error_share"`
	Amplification []float64    `json:"amplification"` // attempts per call
}

func (s *Server) frames(c *gin.Context) {
	in, ok := s.cfg.Incidents.Incident(c.Param("id"))
	if !ok {
		problem(c, http.StatusNotFound, fmt.Sprintf("There is no incident %.80q.", c.Param("id")))
		return
	}
	report := s.cfg.Incidents.Report()
	length := time.Duration(report.WindowSec * float64(time.Second))
	from := in.Start.Add(-frameTail * length)
	to := report.Range.End
	if in.End != nil {
		to = *in.End
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	windows, err := s.cfg.Windows.Windows(ctx, from.UnixNano(), to.UnixNano())
	if err != nil {
		s.unreadable(c, fmt.Errorf("windows from %s to %s: %w", from, to, err))
		return
	}
	c.JSON(http.StatusOK, viewFrames(in, windows))
}

// viewFrames tells of the windows what the incident's edges did in them.
func viewFrames(in *analysis.Incident, windows []*graph.Window) FramesView {
	v := FramesView{Times: []time.Time{}, Edges: []EdgeFrames{}, Shared: sharedBy(in, windows)}
	frames := gathered(windows, mostFrames)
	if len(frames) == 0 {
		return v
	}
	v.FrameSec = float64(frames[0].Length) / 1e9
	for _, f := range frames {
		v.Times = append(v.Times, time.Unix(0, f.Start).UTC())
	}
	for _, e := range mostPressed(in.Edges, mostFrameEdges) {
		// Occupancy at the baseline: attempts a second times their duration.
		usual := e.BaselineRate * max(1, e.BaselineAmplified) * e.BaselineMean
		v.Edges = append(v.Edges, edgeFrames(graph.EdgeID{Caller: e.Caller, Callee: e.Callee, Async: e.Async}, usual, frames))
	}
	return v
}

// edgeFrames is one edge in frames; usual is its occupancy at the baseline.
func edgeFrames(id graph.EdgeID, usual float64, frames []*graph.Window) EdgeFrames {
	x := EdgeFrames{Caller: id.Caller, Callee: id.Callee, Async: id.Async}
	for _, f := range frames {
		s := f.Edges[id]
		if s == nil {
			s = &graph.EdgeStats{}
		}
		seconds := float64(f.Length) / 1e9
		x.Pressure = append(x.Pressure, micro(float64(s.Time.Sum)/float64(f.Length)-usual))
		x.Rate = append(x.Rate, micro(float64(s.Calls)/seconds))
		x.Mean = append(x.Mean, micro(s.Time.Mean()/1e9))
		x.ErrorShare = append(x.ErrorShare, micro(share(s.Failed, s.Calls)))
		x.Amplification = append(x.Amplification, micro(max(1, share(s.Attempts, s.Calls))))
	}
	return x
}

// micro rounds to a millionth: more digits would be noise, and longer to send.
func micro(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// mostPressed takes the edges that carry most, in the order given.
func mostPressed(edges []analysis.EdgeView, most int) []analysis.EdgeView {
	if len(edges) <= most {
		return edges
	}
	order := make([]int, len(edges))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(edges[b].Pressure, edges[a].Pressure), cmp.Compare(a, b))
	})
	order = order[:most]
	slices.Sort(order)
	out := make([]analysis.EdgeView, len(order))
	for i, at := range order {
		out[i] = edges[at]
	}
	return out
}

// sharedBy finds what the incident's nodes share. On a host stand all that the
// windows saw there, and not only those that suffered.
func sharedBy(in *analysis.Incident, windows []*graph.Window) []analysis.Shared {
	out := analysis.SharedBy(in)
	for i := range out {
		if out[i].Kind != "host" {
			continue
		}
		members := map[graph.NodeID]bool{}
		for _, w := range windows {
			for id, n := range w.Nodes {
				for copy := range n.Instances {
					if copy.Host == out[i].Name {
						members[id] = true
					}
				}
			}
		}
		if len(members) > 0 {
			out[i].Members = slices.SortedFunc(maps.Keys(members), graph.NodeID.Compare)
		}
	}
	return out
}

// gathered merges windows, ordered by time and of one length, into at most so
// many of one longer length, which begin at multiples of it.
func gathered(windows []*graph.Window, most int) []*graph.Window {
	if len(windows) == 0 {
		return nil
	}
	length := windows[0].Length
	first, last := windows[0].Start, windows[len(windows)-1].Start
	span := (last-first)/length + 1
	each := (span + int64(most) - 1) / int64(most)
	if each == 1 {
		return windows
	}
	// One frame may be cut by the alignment to multiples.
	each = (span + int64(most) - 2) / int64(most-1)
	long := each * length
	var out []*graph.Window
	for _, w := range windows {
		start := w.Start - w.Start%long
		if len(out) == 0 || out[len(out)-1].Start != start {
			out = append(out, graph.NewWindow(start, long))
		}
		out[len(out)-1].Merge(w)
	}
	return out
}

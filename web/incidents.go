package web

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
)

// IncidentList is the answer of /api/v1/incidents.
type IncidentList struct {
	Revision  string            `json:"revision"` // changes when the report does
	Range     analysis.Interval `json:"range"`
	Data      analysis.Data     `json:"data"`
	Incidents []IncidentSummary `json:"incidents"` // newest first
	Notes     []string          `json:"notes"`
}

// IncidentSummary is one incident as a list shows it.
type IncidentSummary struct {
	ID         string           `json:"id"`
	State      analysis.State   `json:"state"`
	Start      time.Time        `json:"start"`
	End        *time.Time       `json:"end"` // null while it runs
	Sentence   string           `json:"sentence"`
	Confidence float64          `json:"confidence"` // 0 to 1
	Worst      *analysis.Impact `json:"worst"`      // the route hurt most; null where none is
	Routes     int              `json:"routes"`     // how many routes are hurt
	Cause      *CauseSummary    `json:"cause"`      // the first; null where none was found
}

// CauseSummary names a cause.
type CauseSummary struct {
	ID   string             `json:"id"`
	Kind analysis.CauseKind `json:"kind"`
	Name string             `json:"name"`
}

// IncidentView is the answer of /api/v1/incidents/{id}.
type IncidentView struct {
	Revision  string            `json:"revision"`
	WindowSec float64           `json:"window_seconds"`
	Incident  analysis.Incident `json:"incident"`
}

func (s *Server) incidents(c *gin.Context) {
	c.JSON(http.StatusOK, s.news.latest().list)
}

func (s *Server) incident(c *gin.Context) {
	in, ok := s.cfg.Incidents.Incident(c.Param("id"))
	if !ok {
		problem(c, http.StatusNotFound, fmt.Sprintf("There is no incident %.80q.", c.Param("id")))
		return
	}
	e := s.news.latest()
	c.JSON(http.StatusOK, IncidentView{e.list.Revision, e.report.WindowSec, *in})
}

// newsroom keeps what is derived from the newest report, so that it is made
// once a report and not once a request.
type newsroom struct {
	source Incidents
	mu     sync.Mutex
	last   edition
}

// edition is a report and its list.
type edition struct {
	report *analysis.Report
	list   IncidentList
}

func (n *newsroom) latest() edition {
	r := n.source.Report()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last.report != r {
		n.last = edition{r, listOf(r)}
	}
	return n.last
}

func listOf(r *analysis.Report) IncidentList {
	l := IncidentList{
		Revision: revisionOf(r), Range: r.Range, Data: r.Data, Notes: r.Notes,
		Incidents: make([]IncidentSummary, 0, len(r.Incidents)),
	}
	for _, in := range slices.Backward(r.Incidents) {
		s := IncidentSummary{
			ID: in.ID, State: in.State, Start: in.Start, End: in.End,
			Sentence: in.Sentence, Confidence: in.Confidence, Routes: len(in.Impact),
		}
		if len(in.Impact) > 0 {
			s.Worst = &in.Impact[0]
		}
		if len(in.Causes) > 0 {
			first := &in.Causes[0]
			s.Cause = &CauseSummary{first.ID, first.Kind, first.Name}
		}
		l.Incidents = append(l.Incidents, s)
	}
	return l
}

// revisionOf is a hash of all that the report says, so that a restart with the
// same report is no change.
func revisionOf(r *analysis.Report) string {
	h := fnv.New64a()
	if err := json.NewEncoder(h).Encode(r); err != nil {
		return "unknown: " + err.Error() // a number that JSON can't carry
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis/risk"
	"headwater/analysis/whatif"
	"headwater/graph"
)

const (
	// playedAtMost is how many dependencies are played in one answer, playedUsually
	// how many where none is named.
	playedAtMost, playedUsually = 20, 6
	// playTimeout bounds one answer; a server gives itself a minute to write it.
	playTimeout = 50 * time.Second
)

// RiskPlays is what replays say of slowing dependencies down.
type RiskPlays struct {
	Room []risk.RiskRoom `json:"room"` // those that were played
	// Risks are all risks, with those that only replays show, of all that were played
	// of this time up to now; empty where nothing could be fitted.
	Risks []risk.Risk `json:"risks"`
	// Why says why nothing could be fitted; empty where something was.
	Why string `json:"why,omitempty"`
}

// rehearsal is a system that was fitted, and what was played of it. One is kept:
// the page asks for one dependency after the other.
type rehearsal struct {
	key    string
	report *risk.RiskReport
	fit    *whatif.Healthy // nil where there is none
	why    string
}

// risksPlayed plays the traffic again with dependencies slowed down.
func (s *Server) risksPlayed(c *gin.Context) {
	from, to, critical, ok := s.askedRisks(c)
	if !ok {
		return
	}
	var nodes []graph.NodeID
	for _, text := range c.QueryArray("node") {
		id, err := graph.ParseNodeID(text)
		if err != nil || len(nodes) == playedAtMost {
			problem(c, http.StatusBadRequest, fmt.Sprintf("node is the id of a node, as the risks have it, at most %d times.", playedAtMost))
			return
		}
		nodes = append(nodes, id)
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), playTimeout)
	defer cancel()
	if !s.look(ctx, c) {
		return
	}
	defer s.looking.Give()
	r := s.rehearse(ctx, c, from, to, critical)
	if r == nil {
		return
	}
	out := RiskPlays{Room: []risk.RiskRoom{}, Risks: []risk.Risk{}, Why: r.why}
	if r.fit != nil {
		if err := r.report.Play(ctx, r.fit, nodes, playedUsually, nil); err != nil {
			s.unreadable(c, fmt.Errorf("play risks: %w", err))
			return
		}
		for i := range r.report.Room {
			if row := r.report.Room[i]; row.Played != nil && (len(nodes) == 0 || slices.Contains(nodes, row.Node)) {
				out.Room = append(out.Room, row)
			}
		}
		out.Risks = r.report.Risks
	}
	c.JSON(http.StatusOK, out)
}

// rehearse fits a system, or gives the one that was asked for last; nil where that
// went wrong and was answered. Who calls it has the turn.
func (s *Server) rehearse(ctx context.Context, c *gin.Context, from, to time.Time, critical []string) *rehearsal {
	key := fmt.Sprint(from.UnixNano(), to.UnixNano(), strings.Join(critical, "\n"), s.trouble())
	if s.rehearsed != nil && s.rehearsed.key == key {
		return s.rehearsed
	}
	reader := s.readRisks(ctx, c, from, to, critical)
	if reader == nil {
		return nil
	}
	r := &rehearsal{key: key, report: reader.Report()}
	fit, err := whatif.NewHealthy(ctx, whatif.Well(reader.Seen()))
	switch {
	case ctx.Err() != nil:
		s.unreadable(c, fmt.Errorf("play risks: %w", ctx.Err()))
		return nil
	case err != nil:
		r.why = strings.ToUpper(err.Error()[:1]) + err.Error()[1:] + "."
	default:
		r.fit = fit
	}
	s.rehearsed = r
	return r
}

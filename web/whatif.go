package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
	"headwater/analysis/whatif"
)

const (
	// fitBefore is how long before an incident its fit looks for what is usual, and
	// playAfter how long after its end it is played on.
	fitBefore = 11 * time.Minute
	playAfter = 4 * time.Minute
	// whatifTimeout bounds one answer, mostChanges and mostRuns what it may ask for.
	whatifTimeout = 2 * time.Minute
	mostChanges   = 8
	mostRuns      = 20
	// keptAnswers are kept for readers who ask again.
	keptAnswers = 64
)

// whatifDesk answers one question at a time: each takes a processor for seconds.
// Answers are kept as long as the incident stays as it is, and so is the last fit.
type whatifDesk struct {
	turn  *Turn
	fitOf string // the incident as it was when it was fitted
	fit   *whatif.Fit
	kept  map[string]*whatif.WhatIf // by what was asked, whoever has the turn
	order []string
}

func newDesk() *whatifDesk {
	return &whatifDesk{turn: NewTurn(), kept: map[string]*whatif.WhatIf{}}
}

// keep keeps an answer in place of the oldest.
func (d *whatifDesk) keep(key string, a *whatif.WhatIf) {
	if len(d.order) == keptAnswers {
		delete(d.kept, d.order[0])
		d.order = d.order[1:]
	}
	d.kept[key] = a
	d.order = append(d.order, key)
}

// whatif answers with what a change would have made of an incident.
func (s *Server) whatif(c *gin.Context) {
	in, ok := s.cfg.Incidents.Incident(c.Param("id"))
	if !ok {
		problem(c, http.StatusNotFound, fmt.Sprintf("There is no incident %.80q.", c.Param("id")))
		return
	}
	changes, runs, err := askedChanges(c)
	if err != nil {
		problem(c, http.StatusBadRequest, err.Error())
		return
	}
	ctx, done, err := s.takeTurn(c)
	if err != nil {
		s.unreadable(c, fmt.Errorf("what-if of incident %s: %w", in.ID, err))
		return
	}
	defer done()
	key := fmt.Sprint(s.asItIs(in), c.QueryArray("change"), c.Query("at"), runs)
	if a := s.desk.kept[key]; a != nil {
		c.JSON(http.StatusOK, a)
		return
	}
	a, err := s.ask(ctx, in, changes, runs)
	var wrong *whatif.ChangeError
	switch {
	case errors.As(err, &wrong):
		problem(c, http.StatusBadRequest, err.Error())
		return
	case err != nil:
		s.unreadable(c, fmt.Errorf("what-if of incident %s: %w", in.ID, err))
		return
	}
	s.desk.keep(key, a)
	c.JSON(http.StatusOK, a)
}

// takeTurn waits until no other question is answered; done gives the turn back.
func (s *Server) takeTurn(c *gin.Context) (ctx context.Context, done func(), err error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), whatifTimeout)
	if err := s.desk.turn.Take(ctx); err != nil {
		cancel()
		return nil, nil, err
	}
	return ctx, func() { s.desk.turn.Give(); cancel() }, nil
}

// asItIs names an incident in its present state.
func (s *Server) asItIs(in *analysis.Incident) string {
	return fmt.Sprint(in.ID, in.Start, in.End, s.endOf(in))
}

// endOf is when an incident ended, or until when it is known.
func (s *Server) endOf(in *analysis.Incident) time.Time {
	end := s.cfg.Incidents.Report().Range.End
	if in.End != nil {
		end = *in.End
	}
	return end
}

// fitted fits the engine to an incident. Where that can't be done, why says what is
// lacking. It is for who has the turn.
func (s *Server) fitted(ctx context.Context, in *analysis.Incident) (fit *whatif.Fit, why, err error) {
	key := s.asItIs(in)
	if s.desk.fit != nil && s.desk.fitOf == key {
		return s.desk.fit, nil, nil
	}
	windows, err := s.cfg.Windows.Windows(ctx, in.Start.Add(-fitBefore).UnixNano(), s.endOf(in).Add(playAfter).UnixNano())
	if err != nil {
		return nil, nil, fmt.Errorf("windows: %w", err)
	}
	when := analysis.Interval{Start: in.Start}
	if in.End != nil {
		when.End = *in.End
	}
	if fit, why = whatif.New(whatif.Input{Windows: windows, Incident: when}); why != nil {
		return nil, why, nil
	}
	s.desk.fitOf, s.desk.fit = key, fit
	return fit, nil, nil
}

func (s *Server) ask(ctx context.Context, in *analysis.Incident, changes []whatif.Setting, runs int) (*whatif.WhatIf, error) {
	fit, why, err := s.fitted(ctx, in)
	switch {
	case err != nil:
		return nil, err
	case why != nil:
		return whatif.Unknown(why), nil
	}
	return fit.Ask(ctx, changes, whatif.Options{Runs: runs})
}

// askedChanges reads the changes of a query.
func askedChanges(c *gin.Context) (changes []whatif.Setting, runs int, err error) {
	asked := c.QueryArray("change")
	if len(asked) > mostChanges {
		return nil, 0, fmt.Errorf("at most %d changes can be made at once", mostChanges)
	}
	for _, text := range asked {
		change, err := whatif.ParseQuery(text)
		if err != nil {
			return nil, 0, fmt.Errorf("change: %s", strings.TrimPrefix(err.Error(), "--"))
		}
		changes = append(changes, change)
	}
	if text := c.Query("at"); text != "" {
		at, err := strconv.ParseFloat(text, 64)
		if err != nil || !(at >= -3600 && at <= 86400) {
			return nil, 0, errors.New("at: seconds after the incident's begin are expected")
		}
		for i := range changes {
			changes[i].At = &at
		}
	}
	if text := c.Query("runs"); text != "" {
		if runs, err = strconv.Atoi(text); err != nil || runs < 1 || runs > mostRuns {
			return nil, 0, fmt.Errorf("runs: from 1 to %d", mostRuns)
		}
	}
	return changes, runs, nil
}

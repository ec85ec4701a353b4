package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/analysis"
	"headwater/analysis/workflow"
)

const (
	// workflowsTimeout bounds one answer, csvTimeout a whole list.
	workflowsTimeout = 2 * time.Minute
	csvTimeout       = 15 * time.Minute
	// judgedAtOnce is about how many spans are judged for an answer on the page, so that it
	// comes within seconds; for the rest it is asked again.
	judgedAtOnce = 600_000
	// answerWrite bounds the writing of an answer that took long to make.
	answerWrite = time.Minute

	maxKeys    = 16
	longestKey = 256
)

// workflows answers with what became of the workflows that began in an incident.
func (s *Server) workflows(c *gin.Context) {
	in, ask, ok := s.askedWorkflows(c)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), workflowsTimeout)
	defer cancel()
	ask.Most = cmp.Or(ask.Most, judgedAtOnce)
	a, err := s.judging.answer(ctx, ask)
	if err != nil {
		s.unreadable(c, fmt.Errorf("workflows of incident %s: %w", in.ID, err))
		return
	}
	if !a.next.IsZero() {
		c.Header("Link", fmt.Sprintf("<%s>; rel=\"next\"", nextFrom(c, a.next)))
	}
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(answerWrite))
	c.Data(http.StatusOK, "application/json; charset=utf-8", a.json)
}

// workflowsCSV answers with the same for a job that puts them right: with all of them,
// one piece after the other. Where that can't be done the answer is broken off, so that
// nobody takes a part for the whole.
func (s *Server) workflowsCSV(c *gin.Context) {
	in, ask, ok := s.askedWorkflows(c)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), csvTimeout)
	defer cancel()
	writing := http.NewResponseController(c.Writer)
	for pieces := 0; ; pieces++ {
		r, err := s.judging.judge(ctx, ask)
		var text bytes.Buffer
		if err == nil {
			err = workflow.CSV(&text, r)
		}
		switch {
		case err != nil && pieces == 0:
			s.unreadable(c, fmt.Errorf("workflows of incident %s: %w", in.ID, err))
			return
		case err != nil:
			s.cfg.Log.Error("list of workflows broken off", "incident", in.ID, "error", err)
			panic(http.ErrAbortHandler)
		case pieces == 0:
			c.Header("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "workflows-"+in.ID+".csv"))
			c.Header("Content-Type", "text/csv; charset=utf-8")
			if ask.Keys = r.Keys; len(ask.Keys) == 0 {
				ask.Keys = []string{noKey} // what later pieces find has no column
			}
		default:
			_, rows, _ := bytes.Cut(text.Bytes(), []byte("\n"))
			text = *bytes.NewBuffer(rows)
		}
		_ = writing.SetWriteDeadline(time.Now().Add(answerWrite))
		if _, err := c.Writer.Write(text.Bytes()); err != nil || !r.Rest {
			return
		}
		c.Writer.Flush()
		ask.From = r.Judged.End
	}
}

// noKey is the name of no attribute.
const noKey = "="

// askedWorkflows reads a question. It is not ok where the answer is given already.
func (s *Server) askedWorkflows(c *gin.Context) (in *analysis.Incident, ask workflow.Around, ok bool) {
	keys := c.QueryArray("key")
	if len(keys) > maxKeys || slices.ContainsFunc(keys, func(k string) bool { return k == "" || strings.Contains(k, "=") || len(k) > longestKey }) {
		problem(c, http.StatusBadRequest, "key: the name of an attribute is expected, such as order.id, without a value; at most 16 of them.")
		return nil, ask, false
	}
	in, ok = s.cfg.Incidents.Incident(c.Param("id"))
	switch {
	case !ok:
		problem(c, http.StatusNotFound, fmt.Sprintf("There is no incident %.80q.", c.Param("id")))
		return nil, ask, false
	case s.cfg.Spans == nil:
		problem(c, http.StatusNotImplemented, "This store can't be read by time.")
		return nil, ask, false
	}
	ask = workflow.Around{Incident: analysis.Interval{Start: in.Start}, Trouble: s.trouble(), Until: s.cfg.Incidents.Report().Range.End, Store: s.cfg.Spans, Keys: keys, Most: s.cfg.JudgeSpans}
	if in.End != nil {
		ask.Incident.End = *in.End
	}
	if text := c.Query("from"); text != "" {
		var err error
		if ask.From, err = time.Parse(time.RFC3339Nano, text); err != nil {
			problem(c, http.StatusBadRequest, fmt.Sprintf("from: %.40q is no time of RFC 3339, such as %s.", text, in.Start.UTC().Format(time.RFC3339)))
			return nil, ask, false
		}
		if ask.From.Before(in.Start) || in.End != nil && !ask.From.Before(*in.End) {
			problem(c, http.StatusBadRequest, "from: a time within the incident is expected.")
			return nil, ask, false
		}
	}
	return in, ask, true
}

// nextFrom is the address of the same question, from a time on.
func nextFrom(c *gin.Context, from time.Time) string {
	next := *c.Request.URL
	query := next.Query()
	query.Set("from", from.Format(time.RFC3339Nano))
	next.RawQuery = query.Encode()
	return next.RequestURI()
}

// judging answers one question on workflows at a time, since each takes much memory.
// Who asks what was just answered gets the same answer.
type judging struct {
	turn *Turn
	kept []judged // whoever has the turn; the newest last
}

// judged is an answer as it goes out.
type judged struct {
	key  string
	json []byte
	next time.Time // where the rest begins; zero where there is none
}

// keptJudged bounds the bytes of the answers that are kept.
const keptJudged = 16 << 20

// judge waits for the turn.
func (j *judging) judge(ctx context.Context, ask workflow.Around) (*workflow.WorkflowReport, error) {
	if err := j.turn.Take(ctx); err != nil {
		return nil, err
	}
	defer j.turn.Give()
	return ask.Judge(ctx)
}

func (j *judging) answer(ctx context.Context, ask workflow.Around) (judged, error) {
	if err := j.turn.Take(ctx); err != nil {
		return judged{}, err
	}
	defer j.turn.Give()
	a := judged{key: keyOf(ask)}
	if at := slices.IndexFunc(j.kept, func(k judged) bool { return k.key == a.key }); at >= 0 {
		return j.kept[at], nil
	}
	r, err := ask.Judge(ctx)
	if err != nil {
		return a, err
	}
	if a.json, err = json.Marshal(r); err != nil {
		return a, fmt.Errorf("write workflows: %w", err)
	}
	if r.Rest {
		a.next = r.Judged.End
	}
	j.keep(a)
	return a, nil
}

// keep keeps an answer, in place of the oldest.
func (j *judging) keep(a judged) {
	j.kept = append(j.kept, a)
	size := 0
	for i, k := range slices.Backward(j.kept) {
		if size += len(k.json); size > keptJudged {
			j.kept = slices.Clone(j.kept[i+1:])
			return
		}
	}
}

// keyOf names a question. Of an incident that is long over, what comes later changes
// nothing.
func keyOf(ask workflow.Around) string {
	until := ask.Until
	if end := ask.Incident.End; !end.IsZero() && end.Add(workflow.WaitAfter).Before(until) {
		until = end.Add(workflow.WaitAfter)
	}
	return fmt.Sprintf("%v %v %v %v %q", ask.Incident, ask.Trouble, ask.From, until, ask.Keys)
}

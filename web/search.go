package web

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"headwater/graph/trace"
)

// Bounds of one search.
const (
	searchTraces = 100_000                // traces that are kept track of
	searchTime   = 400 * time.Millisecond // after which it answers with what it has
	searchMust   = 8 * time.Second        // in which it must have come to an answer
	searchLimit  = 50
	searchMost   = 200
)

// statusChoices are the ways in which a span may be asked to have ended.
var statusChoices = []string{"ok", "failed", "error", "timed-out", "cancelled", "rejected", "refused"}

// condition is what a span must fit.
type condition struct {
	from, to   int64 // Unix nanoseconds, of the start
	service    string
	operation  string // in lower case
	least      int64  // nanoseconds
	most       int64  // 0 for any
	status     string // empty for any
	attributes []attribute
	longest    bool // sort by duration
	limit      int
	before     int64 // what starts then or later was looked at already
}

// attribute is a key that must be there, with a value where one was given.
type attribute struct {
	key, value string
	valued     bool
}

// readCondition reads the query of a search. Its error is for the person who asked.
func (s *Server) readCondition(c *gin.Context) (condition, error) {
	q := condition{limit: searchLimit}
	from, to, err := s.stretch(c, courseLongest)
	if err != nil {
		return q, err
	}
	q.from, q.to = from.UnixNano(), to.UnixNano()
	q.before = q.to
	if text := c.Query("before"); text != "" {
		before, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || before.After(to) {
			return q, fmt.Errorf("before %.40q is no time like 2006-01-02T15:04:05Z, up to the end of the range", text)
		}
		q.before = before.UnixNano()
	}
	q.service, q.operation = c.Query("service"), strings.ToLower(c.Query("operation"))
	if q.least, err = readSeconds(c, "min"); err != nil {
		return q, err
	}
	if q.most, err = readSeconds(c, "max"); err != nil {
		return q, err
	}
	if q.status = c.Query("status"); q.status != "" && !slices.Contains(statusChoices, q.status) {
		return q, fmt.Errorf("status %.20q is none of %s", q.status, strings.Join(statusChoices, ", "))
	}
	for _, text := range c.QueryArray("attribute") {
		a := attribute{}
		if a.key, a.value, a.valued = strings.Cut(text, "="); a.key == "" {
			return q, fmt.Errorf("attribute %.40q is neither key=value nor a key", text)
		}
		q.attributes = append(q.attributes, a)
	}
	switch order := c.DefaultQuery("sort", "newest"); order {
	case "newest":
	case "longest":
		q.longest = true
	default:
		return q, fmt.Errorf("sort %.20q is neither newest nor longest", order)
	}
	if text := c.Query("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > searchMost {
			return q, fmt.Errorf("limit %.20q is no number from 1 to %d", text, searchMost)
		}
		q.limit = n
	}
	return q, nil
}

func readSeconds(c *gin.Context, name string) (int64, error) {
	text := c.Query(name)
	if text == "" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0 && v < trace.MaxDuration/1e9) {
		return 0, fmt.Errorf("%s %.20q is no duration in seconds", name, text)
	}
	return int64(v * 1e9), nil
}

// fits reports whether a span is what was asked for.
func (q *condition) fits(s *trace.Span) bool {
	d := s.Duration()
	switch {
	case q.service != "" && (s.Resource == nil || s.Resource.Service != q.service):
		return false
	case d < q.least || q.most > 0 && d > q.most:
		return false
	case q.operation != "" && !strings.Contains(strings.ToLower(s.Name), q.operation):
		return false
	case q.status != "" && !ended(q.status, trace.OutcomeOf(s)):
		return false
	}
	for _, a := range q.attributes {
		if !a.of(s) {
			return false
		}
	}
	return true
}

// ended reports whether an outcome is the status asked for: "failed" is any that
// is not good, "error" the plain failure alone.
func ended(status string, o trace.Outcome) bool {
	switch status {
	case "failed":
		return o != trace.OK
	case "error":
		return o == trace.Failed
	}
	return o.String() == status
}

func (a *attribute) of(s *trace.Span) bool {
	if v, ok := s.Attr(a.key); ok && (!a.valued || v.Text() == a.value) {
		return true
	}
	if s.Resource == nil {
		return false
	}
	for i := range s.Resource.Attrs {
		r := &s.Resource.Attrs[i]
		if r.Key == a.key && (!a.valued || r.Value.Text() == a.value) {
			return true
		}
	}
	return false
}

// sieve is what of the condition a store can tell before it reads all of a span.
func (q *condition) sieve() *Sieve {
	by := &Sieve{Service: q.service, Least: q.least, Most: q.most, Failing: q.status != "" && q.status != trace.OK.String()}
	for _, a := range q.attributes {
		by.Texts = append(by.Texts, a.key)
		if a.valued && onlyText(a.value) {
			by.Texts = append(by.Texts, a.value)
		}
	}
	return by
}

// onlyText reports whether a value that reads like this can be nothing but a
// string: no number, truth, list or map, and no bytes.
func onlyText(v string) bool {
	if _, err := strconv.ParseFloat(v, 64); err == nil || strings.HasPrefix(v, "[") || strings.HasPrefix(v, "{") {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(v) // "true" as well
	return err != nil && v != "false"
}

func (s *Server) traces(c *gin.Context) {
	if s.cfg.Spans == nil {
		problem(c, http.StatusNotImplemented, "This store can't be searched; open a trace by its id.")
		return
	}
	q, err := s.readCondition(c)
	if err != nil {
		problem(c, http.StatusBadRequest, err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), searchMust)
	defer cancel()
	list, err := newFinder(q).find(ctx, s.cfg.Spans)
	if err != nil {
		s.unreadable(c, fmt.Errorf("search: %w", err))
		return
	}
	c.JSON(http.StatusOK, list)
}

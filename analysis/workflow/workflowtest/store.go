package workflowtest

import (
	"bytes"
	"context"
	"hash/crc32"
	"slices"

	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

// Spans are all that is stored, in any order.
type Spans []trace.Span

// Counts implements workflow.Store.
func (s Spans) Counts(from, to, each int64) []int {
	out := make([]int, max(0, (to-from+each-1)/each))
	for i := range s {
		if at := s[i].Start; at >= from && at < to {
			out[(at-from)/each]++
		}
	}
	return out
}

// Each implements workflow.Store.
func (s Spans) Each(ctx context.Context, q workflow.Selection, yield func(*trace.Trace) bool) error {
	of := map[trace.TraceID][]trace.Span{}
	wanted := map[trace.TraceID]bool{}
	for i := range s {
		if s[i].Start < q.From || s[i].Start >= q.To {
			continue
		}
		id := s[i].TraceID
		of[id] = append(of[id], s[i])
		lot := q.Share <= 1 || crc32.ChecksumIEEE(id[:])%q.Share == 0
		wanted[id] = wanted[id] || lot || s[i].Start >= q.CoreFrom && s[i].Start < q.CoreTo
	}
	ids := make([]trace.TraceID, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b trace.TraceID) int { return bytes.Compare(a[:], b[:]) })
	for more := true; more; { // links may lead from one to the next
		more = false
		for _, id := range ids {
			if !wanted[id] && slices.ContainsFunc(of[id], func(s trace.Span) bool {
				return slices.ContainsFunc(s.Links, func(l trace.Link) bool { return wanted[l.TraceID] })
			}) {
				wanted[id], more = true, true
			}
		}
	}
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		if wanted[id] && !yield(trace.Assemble(of[id])) {
			return nil
		}
	}
	return nil
}

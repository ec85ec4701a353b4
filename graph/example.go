package graph

import (
	"bytes"
	"cmp"
	"slices"

	"headwater/graph/trace"
)

// examplesKept is how many traces of each sort are kept.
const examplesKept = 3

// Example is a trace that shows something, by one visit in it.
type Example struct {
	TraceID  trace.TraceID
	Start    int64 // Unix nanoseconds
	Duration int64 // nanoseconds, of the visit
}

// Examples are a few traces of each sort. Which are kept depends on the set of
// traces alone: the longest, and else those with the smallest ids, which is a
// random choice where ids are random.
type Examples struct {
	Typical, Worst, Failed []Example
}

func (e *Examples) add(x Example, failed bool) {
	if n := len(e.Typical); n < examplesKept || bytes.Compare(x.TraceID[:], e.Typical[n-1].TraceID[:]) <= 0 {
		e.Typical = keep(e.Typical, x, byID)
	}
	if n := len(e.Worst); n < examplesKept || x.Duration >= e.Worst[n-1].Duration {
		e.Worst = keep(e.Worst, x, byDuration)
	}
	if failed {
		e.Failed = keep(e.Failed, x, byID)
	}
}

func (e *Examples) merge(o *Examples) {
	for _, x := range o.Typical {
		e.Typical = keep(e.Typical, x, byID)
	}
	for _, x := range o.Worst {
		e.Worst = keep(e.Worst, x, byDuration)
	}
	for _, x := range o.Failed {
		e.Failed = keep(e.Failed, x, byID)
	}
}

func byID(a, b Example) int {
	return cmp.Or(slices.Compare(a.TraceID[:], b.TraceID[:]), cmp.Compare(b.Duration, a.Duration), cmp.Compare(a.Start, b.Start))
}

func byDuration(a, b Example) int {
	return cmp.Or(cmp.Compare(b.Duration, a.Duration), byID(a, b))
}

// keep inserts x into the ordered list, one entry a trace, and cuts the list.
func keep(list []Example, x Example, order func(a, b Example) int) []Example {
	if len(list) == examplesKept && order(list[len(list)-1], x) <= 0 {
		return list
	}
	if i := slices.IndexFunc(list, func(e Example) bool { return e.TraceID == x.TraceID }); i >= 0 {
		if order(list[i], x) <= 0 {
			return list
		}
		list = slices.Delete(list, i, i+1)
	}
	at, _ := slices.BinarySearchFunc(list, x, order)
	list = slices.Insert(list, at, x)
	return list[:min(len(list), examplesKept)]
}

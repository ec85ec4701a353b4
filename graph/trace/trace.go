package trace

// Trace is one assembled trace.
//
// Spans holds each span once, ordered by start, then span id, kind and service.
// Nodes is parallel to Spans and says where each stands in the tree and what
// times are computed with. Indexes into both are int32; -1 is "none".
type Trace struct {
	ID    TraceID
	Spans []Brief
	Nodes []Node
	Roots []int32 // nodes without a parent in this trace, in order
	// Full is parallel to Spans: the spans with all that they say. It is nil where
	// the trace was assembled from Briefs.
	Full []Span
}

// Node is a span's place in its trace.
type Node struct {
	Parent   int32   // index of the parent, or -1
	Children []int32 // by start, then index
	Depth    int32   // 0 for a root

	// Start and End are what is computed with: the raw times, mended where
	// Notes says so. Start <= End always holds.
	Start, End int64
	// RawEnd is the end with skew undone but not clamped into the parent: a
	// server may work on after its caller has left.
	RawEnd int64
	// Shift is what was added to the raw times to undo clock skew, in ns.
	Shift int64
	// Async is set where the parent does not wait for this span (a consumer
	// below a producer): it takes no part of the parent's time.
	Async bool
	// Self is the time within [Start, End] covered by no synchronous child, in
	// nanoseconds.
	Self int64

	Notes Note
}

// Note is a set of remarks about how a span was read.
type Note uint16

// The remarks.
const (
	// NoteOrphan: the span names a parent that is not in the trace.
	NoteOrphan Note = 1 << iota
	// NoteCycle: the parents led in a circle; the link to the parent was cut.
	NoteCycle
	// NoteBackwards: the span ended before it started; it is read as empty.
	NoteBackwards
	// NoteSkew: the times were shifted to undo clock skew between hosts.
	NoteSkew
	// NoteOutlives: the span runs on after its parent has ended.
	NoteOutlives
	// NoteEarly: the span starts before its parent, even after correction.
	NoteEarly
	// NoteTooLong: the span claims to last longer than MaxDuration and is cut.
	NoteTooLong
)

// MaxDuration is the longest time, in nanoseconds, that a span is believed to
// last: 7 days. It keeps sums of broken times from overflowing.
const MaxDuration = 7 * 24 * 3600 * 1_000_000_000

var noteNames = []struct {
	note Note
	name string
}{
	{NoteOrphan, "orphan"},
	{NoteCycle, "cycle"},
	{NoteBackwards, "backwards"},
	{NoteSkew, "skew"},
	{NoteOutlives, "outlives-parent"},
	{NoteEarly, "before-parent"},
	{NoteTooLong, "too-long"},
}

// Names lists the remarks in a fixed order.
func (n Note) Names() []string {
	var out []string
	for _, e := range noteNames {
		if n&e.note != 0 {
			out = append(out, e.name)
		}
	}
	return out
}

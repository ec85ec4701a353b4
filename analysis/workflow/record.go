package workflow

import (
	"headwater/graph"
	"headwater/graph/trace"
)

// The bounds on what is kept.
const (
	defaultMaxTraces = 400_000
	maxVisits        = 128 // of one trace
	maxEvents        = 128
	maxKeys          = 16
	maxValue         = 128 // bytes of a key's value
	maxSites         = 4096
	maxPlaces        = 1 << 14
	maxKeyNames      = 256
)

// none is the number of nothing.
const none = int32(-1)

// place is where work is done: an operation of a service.
type place struct {
	service   graph.NodeID
	operation string
}

// siteKind is the way in which a site changes state.
type siteKind uint8

const (
	databaseSite siteKind = iota
	cacheSite
	publishSite
	requestSite // a request of which nothing deeper is seen
	servedSite  // a request served by a service of which no calls are ever seen
)

// site is a kind of step: where in the code something is changed, and what.
type site struct {
	home   place
	cut    bool // the span that would tell the operation at home was not seen
	kind   siteKind
	target graph.NodeID
	call   string // "INSERT orders", "POST /v1/charges"
}

// state is how an attempt to change something ended.
type state uint8

const (
	committed state = iota
	failed
	unknown // given up on: it may have been done
)

// event is one attempt at a step.
type event struct {
	site          int32
	visit         int32
	call, attempt int32 // of the trace's calls; call is none where it is a visit of its own
	state         state
	span          trace.SpanID
	start, end    int64
}

// visit is a stay of a request, or of a message, at a service.
type visit struct {
	place         int32
	parent        int32
	call, attempt int32
	failed        bool
	cut           bool // its first span is not the one that entered the service
	root          bool
	consumes      bool
	start, end    int64
	messages      []trace.Ref // that it consumes, or was linked to
}

// keyValue is a business key of a trace, or a candidate for one.
type keyValue struct {
	name  int32
	spans int32 // that carry it
	value string
}

// record is what is kept of a trace.
type record struct {
	id       trace.TraceID
	baseline bool
	failed   bool // something in it failed
	safe     bool // its entry is a request that promises to change nothing
	start    int64
	end      int64 // of the last span
	entry    int32 // its first visit that is a root of its own, or none
	weight   int64
	visits   []visit
	events   []event
	keys     []keyValue
}

// numbered gives each value a number, up to a bound.
type numbered[T comparable] struct {
	of    map[T]int32
	list  []T
	bound int
}

func (n *numbered[T]) number(v T) int32 {
	if i, ok := n.of[v]; ok {
		return i
	}
	if len(n.list) >= n.bound {
		return none
	}
	if n.of == nil {
		n.of = map[T]int32{}
	}
	i := int32(len(n.list))
	n.of[v] = i
	n.list = append(n.list, v)
	return i
}

package graph

// Window holds the statistics of the calls that started in one fixed span of
// time. Windows merge: see Merge.
type Window struct {
	Start  int64 // Unix nanoseconds, a multiple of Length
	Length int64 // nanoseconds

	Spans   int64 // that started in the window
	Orphans int64 // spans whose parent never came

	Routes map[RouteID]*RouteStats
	Nodes  map[NodeID]*NodeStats
	Edges  map[EdgeID]*EdgeStats

	// Addresses are the services that were seen to answer at an address. The
	// zero NodeID stands at one at which several answered.
	Addresses map[Address]NodeID

	// Fallen says what fell over the bounds on cardinality; nil where nothing did.
	Fallen map[Fallen]*FallenStats
}

// Address is where a client sent a request, as its span says.
type Address struct{ Host, Port string }

// RouteID names an entry: the operation by which requests come in.
type RouteID struct {
	Node      NodeID
	Operation string
}

// RouteStats are the requests of one entry that started in the window.
type RouteStats struct {
	Requests int64
	Failed   int64
	// Weight is how many requests these stand for, in millionths, where traces
	// were sampled and say at what rate; else Requests, in millionths. FailedWeight
	// is how many failed ones, and WeightedTime how long all of them took, in
	// nanoseconds. What is tested goes by what was recorded: Requests, Failed, Time.
	Weight       int64
	FailedWeight int64
	WeightedTime int64
	// Source is the queue whose messages the requests are; zero where users or
	// other callers make them.
	Source   NodeID
	Time     Moments // of a request; a consumer's includes the age of its message
	Latency  Sketch
	Accounts map[AccountID]*AccountStats
	// Shapes are what the traces of this route are normally made of: which spans
	// stand below which, in how many requests, and how soon.
	Shapes   map[Shape]ShapeStats
	Examples Examples
}

// Shape is a span at its place: its name and that of the span above it.
type Shape struct {
	Node   NodeID
	Name   string
	Above  NodeID // zero for the root
	Parent string
}

// ShapeStats count a shape in the requests of a route.
type ShapeStats struct {
	Requests int64 // in which it occurs
	Spans    int64 // of this shape
	// After sums, over those requests, the nanoseconds from the request's start to
	// that of the first such span: the order of the calls.
	After int64
}

// AccountKind says what sort of time an account books.
type AccountKind uint8

// The kinds of accounts (DESIGN section 5a).
const (
	// Own is a node's own time: in a visit, with no call open.
	Own AccountKind = iota + 1
	// Gap is the time of a call at the caller's side with the callee's side
	// seen but not open: network, waiting for a connection or for a worker.
	Gap
	// Backoff is the time between the attempts of a call.
	Backoff
	// Unpaired is the time of a call of which only the caller's side was seen.
	Unpaired
)

var accountKindNames = [...]string{"", "own", "gap", "backoff", "unpaired"}

// String gives the kind's name in lower case.
func (k AccountKind) String() string { return accountKindNames[k] }

// AccountID names an account. Own has no Caller; Operation is the visit's for
// Own and what was asked for with Unpaired.
type AccountID struct {
	Kind      AccountKind
	Caller    NodeID
	Node      NodeID
	Operation string
}

// Millionth is the unit of Logical and Failures: fractions that sum exactly.
const Millionth = 1_000_000

// AccountStats are what the requests of one route have in one account.
type AccountStats struct {
	Time     int64 // nanoseconds, exact: over all accounts the route's Time
	Visits   int64 // visits or attempts that the account books
	Logical  int64 // of them, in millionths, were no call repeated
	Roots    int64 // requests in which the account occurs
	Failures int64 // in millionths: over all accounts the route's Failed
}

// NodeStats are the visits to one node that started in the window.
type NodeStats struct {
	All        VisitStats
	Operations map[string]*VisitStats
	Instances  map[Instance]*VisitStats
}

// Instance is one running copy of a service and where it runs.
type Instance struct {
	Name, Host, Zone, Version string
}

// VisitStats are visits to a node, or to a part of it. For an inferred node a
// visit is an attempt at it, as its caller saw it.
type VisitStats struct {
	Visits int64
	Failed int64
	// FailedOwn are failed visits that no failing callee explains.
	FailedOwn int64
	Time      Moments // of a visit
	Self      Moments // of it, own: covered by no call, nor by a wait between attempts
	First     Moments // of it, own before the first call
	GapIn     Moments // wait at the caller before and after a visit
	// TimeOK and SelfOK are Time and Self of the visits that did not fail: to
	// fail can be quick, or slow.
	TimeOK, SelfOK Moments
	// Occupancy is the time of visits that lies in the window, wherever they
	// started, in nanoseconds: divided by the window's length, how many were in
	// flight. Time is what started in the window, wherever it ended.
	Occupancy int64
	// Orphan is work done after the caller had left, in nanoseconds; Repeated the
	// time of visits after which the caller asked once more.
	Orphan, Repeated int64
	Latency          Sketch
	Examples         Examples
}

// EdgeStats are the calls of one edge that started in the window.
type EdgeStats struct {
	Calls    int64
	Failed   int64 // calls whose last attempt failed
	Attempts int64
	Outcomes [Refused + 1]int64 // attempts, by Outcome
	// Paired are attempts with both sides seen, Expected those that should have
	// both (a call to a service).
	Paired, Expected int64
	// Unseen are attempts that clients say they had made before, and of which no
	// span came. They are not among Attempts.
	Unseen int64
	// Abandoned are attempts that the callee worked on after the caller had left,
	// for Orphan nanoseconds; InVain those of them that it ended well.
	Abandoned, InVain int64
	Orphan            int64
	// Occupancy is the time of attempts that lies in the window, wherever they
	// started, in nanoseconds, as the caller saw it.
	Occupancy int64
	Time      Moments // of an attempt at the caller
	Gap       Moments // of a paired attempt: the caller's side minus the callee's
	Before    Moments // the caller's own time right before the call
	Wait      Moments // of a message: from being sent until it was taken
	Backoff   int64   // nanoseconds
	Latency   Sketch  // of an attempt at the caller
}

// NewWindow makes an empty window.
func NewWindow(start, length int64) *Window {
	return &Window{
		Start: start, Length: length,
		Routes:    map[RouteID]*RouteStats{},
		Nodes:     map[NodeID]*NodeStats{},
		Edges:     map[EdgeID]*EdgeStats{},
		Addresses: map[Address]NodeID{},
	}
}

// Entries is how many things the window tells apart, each with statistics of its
// own: a measure of the memory that it takes.
func (w *Window) Entries() int {
	n := len(w.Edges)
	for _, s := range w.Nodes {
		n += 1 + len(s.Operations) + len(s.Instances)
	}
	for _, s := range w.Routes {
		n += 1 + len(s.Accounts) + len(s.Shapes)
	}
	return n
}

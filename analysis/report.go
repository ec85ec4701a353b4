package analysis

import (
	"time"

	"headwater/graph"
	"headwater/graph/trace"
)

// ReportVersion is the version of the Report's JSON form. It rises when a field
// changes its meaning or goes away; new fields don't raise it.
const ReportVersion = 1

// Report is everything that Headwater has to say about a stretch of time. Text,
// page and API show this struct and nothing else. Lists are never null in JSON.
type Report struct {
	Version   int        `json:"version"`
	Range     Interval   `json:"range"`
	WindowSec float64    `json:"window_seconds"`
	Data      Data       `json:"data"`
	Incidents []Incident `json:"incidents"` // by start, then id
	Notes     []string   `json:"notes"`     // what limits the answer, in plain sentences
}

// Interval is a stretch of time, from Start up to, not including, End.
type Interval struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Data counts what the report was made from.
type Data struct {
	Windows  int   `json:"windows"` // settled windows with at least one span
	Spans    int64 `json:"spans"`
	Requests int64 `json:"requests"` // roots of traces: what users asked for
	Services int   `json:"services"`
	Nodes    int   `json:"nodes"`
	Edges    int   `json:"edges"`
	// Orphans are spans whose parent never came.
	Orphans int64 `json:"orphans"`
	// Paired is the share of calls with both sides seen, of those that should
	// have both.
	Paired float64 `json:"paired"`
	// Malformed counts input that could not be read, by what was wrong.
	Malformed []Malformed `json:"malformed"`
	// Mended counts what was wrong in the input and could be put right.
	Mended []Malformed `json:"mended"`
}

// Malformed is one kind of trouble with the input.
type Malformed struct {
	What  string `json:"what"`
	Count int64  `json:"count"`
	First string `json:"first"` // where it was seen first: file:line (byte)
}

// State is where an incident stands.
type State string

// The states of an incident.
const (
	Building   State = "building"   // nodes left their baseline, users not yet
	Outage     State = "outage"     // users are hurt
	Recovering State = "recovering" // the worst is over, users still hurt
	Over       State = "over"
)

// Incident is one stretch of time in which users or nodes left their baseline,
// and its explanation.
type Incident struct {
	ID         string     `json:"id"`
	State      State      `json:"state"`
	Start      time.Time  `json:"start"`
	End        *time.Time `json:"end"` // null while it runs
	Sentence   string     `json:"sentence"`
	Confidence float64    `json:"confidence"` // of the first cause, 0 to 1
	Baseline   BaselineOf `json:"baseline"`
	Impact     []Impact   `json:"impact"`   // worst first
	Causes     []Cause    `json:"causes"`   // best first
	Nodes      []NodeView `json:"nodes"`    // the graph of the incident, by id
	Edges      []EdgeView `json:"edges"`    // by caller, callee
	Timeline   []Row      `json:"timeline"` // nodes by onset
	Phases     []Phase    `json:"phases"`   // in order, without gaps
	// Metastable is set where the pressure stays up though what set it off is
	// gone; Sustained says what keeps it up.
	Metastable bool   `json:"metastable"`
	Sustained  string `json:"sustained,omitempty"`
	// Order is how the incident spread, the first node first.
	Order []Hop `json:"order"`
	// Containment is where it could have been cut; null where that can't be said.
	Containment *Containment `json:"containment"`
	// Forecast says when users will be well again, while a running incident
	// recovers; else null.
	Forecast *Forecast `json:"forecast"`
	// Recovery says what still presses after what set the incident off is gone;
	// null before.
	Recovery *Recovery `json:"recovery"`
	// Left is what it left half done or done twice; null where workflows were not
	// looked at, or not yet.
	Left *Left `json:"left"`
	// Balance is how the ledger adds up: users' excess seconds and failures,
	// and the part that no account explains.
	Balance Balance  `json:"balance"`
	Notes   []string `json:"notes"`
}

// Left counts the workflows that began in an incident and what became of them.
type Left struct {
	Workflows    int `json:"workflows"` // that changed something, or tried to
	HalfDone     int `json:"half_done"`
	DoneTwice    int `json:"done_twice"`
	PerhapsTwice int `json:"perhaps_twice"`
	Running      int `json:"running"`
	// Until is set where there were too many: only those that began before were
	// looked at.
	Until    *time.Time `json:"until"`
	Sentence string     `json:"sentence"`
	Command  string     `json:"command"` // that lists them; empty where there is nothing
}

// Any reports whether something is left to put right, or may be.
func (l *Left) Any() bool { return l != nil && l.HalfDone+l.DoneTwice+l.PerhapsTwice+l.Running > 0 }

// BaselineOf says what an incident was compared with.
type BaselineOf struct {
	Source  string   `json:"source"` // "before", "file", "contrast", "yesterday", "week-ago"
	Range   Interval `json:"range"`
	Windows int      `json:"windows"`
	// Why says in a sentence why it was taken, or why the same time of an earlier
	// day was not; empty where there was no choice.
	Why string `json:"why,omitempty"`
}

// Impact is what one entry route suffered. Durations are seconds. Where traces were
// sampled and say at what rate, its counts, rates and shares are those of all that
// the recorded requests stand for; percentiles are of what was recorded.
type Impact struct {
	Node           graph.NodeID `json:"node"`
	Service        string       `json:"service"`
	Route          string       `json:"route"`
	Requests       int64        `json:"requests"`
	Failed         int64        `json:"failed"`
	BaselineFailed float64      `json:"baseline_failed_share"`
	BaselineRate   float64      `json:"baseline_rate"` // requests a second
	Rate           float64      `json:"rate"`
	BaselineP50    float64      `json:"baseline_p50"`
	P50            float64      `json:"p50"`
	BaselineP95    float64      `json:"baseline_p95"`
	P95            float64      `json:"p95"`
	ExcessSeconds  float64      `json:"excess_seconds"` // added waiting, summed over requests
}

// CauseKind says what sort of thing a cause is.
type CauseKind string

// The kinds of causes.
const (
	CauseService     CauseKind = "service"
	CauseInstance    CauseKind = "instance"
	CauseOperation   CauseKind = "operation"
	CauseDatabase    CauseKind = "database"
	CauseCache       CauseKind = "cache"
	CauseQueue       CauseKind = "queue"
	CauseHost        CauseKind = "host"
	CauseExternal    CauseKind = "external"
	CauseEdge        CauseKind = "edge"
	CauseRetryPolicy CauseKind = "retry-policy"
	CauseLoad        CauseKind = "load"
)

// Cause is one ranked candidate.
type Cause struct {
	Rank int `json:"rank"` // from 1
	// ID is the NodeID for nodes, caller->callee for edges, and the node's id
	// with a fragment (#instance=..., #operation=...) for parts of a node.
	ID   string    `json:"id"`
	Kind CauseKind `json:"kind"`
	Name string    `json:"name"` // as the data writes it
	// Parent is the node that the cause is a part of or stands at; equal to ID
	// for a node.
	Parent string `json:"parent"`
	// Trigger is its share of what set the incident off, Sustaining of what
	// keeps it up; 0 to 1 each, over all causes at most 1.
	Trigger    float64        `json:"trigger"`
	Sustaining float64        `json:"sustaining"`
	Confidence float64        `json:"confidence"`
	Onset      *time.Time     `json:"onset"` // of its own part
	Sentence   string         `json:"sentence"`
	Evidence   []Evidence     `json:"evidence"`
	Examples   []Example      `json:"examples"`
	Ledger     []Line         `json:"ledger"`
	Narrowed   []Narrowed     `json:"narrowed"` // drill-down, best first
	Without    *Counterfact   `json:"without"`  // null where it can't be said
	Path       []graph.NodeID `json:"path"`     // from the hurt entry to the cause
}

// Evidence is one number behind a cause: what was compared, and what it was.
type Evidence struct {
	Metric   string  `json:"metric"` // stable short name, e.g. "self_time"
	Subject  string  `json:"subject"`
	Unit     string  `json:"unit"` // "s", "1/s", "share", "1"
	Baseline float64 `json:"baseline"`
	Incident float64 `json:"incident"`
	Sentence string  `json:"sentence"`
	// Series is the metric window by window over baseline and incident.
	Series []Point `json:"series"`
}

// Point is a value of one window.
type Point struct {
	Time  time.Time `json:"t"`
	Value float64   `json:"v"`
}

// Example is a trace worth looking at.
type Example struct {
	TraceID  trace.TraceID `json:"trace_id"`
	Role     string        `json:"role"`     // "baseline", "typical", "worst", "failed"
	Duration float64       `json:"duration"` // seconds
	Start    time.Time     `json:"start"`
}

// Line is one line of a cause's ledger: an account, what it cost the users
// and why it grew. Seconds are summed over the incident.
type Line struct {
	Account string  `json:"account"`
	Route   string  `json:"route"`
	Time    float64 `json:"time"`    // seconds: slower per attempt
	Retries float64 `json:"retries"` // seconds: more attempts per call
	FanOut  float64 `json:"fan_out"` // seconds: more calls per request
	Demand  float64 `json:"demand"`  // seconds: more requests
}

// Narrowed is a part of a cause that explains it: an operation, an instance.
type Narrowed struct {
	Dimension string  `json:"dimension"`
	Value     string  `json:"value"`
	Share     float64 `json:"share"` // of the cause's excess
	Sentence  string  `json:"sentence"`
}

// Counterfact says what users would have seen with the cause at its baseline.
type Counterfact struct {
	Route    string  `json:"route"`
	P95      float64 `json:"p95"`      // seconds; 0 where it can't be said
	Mean     float64 `json:"mean"`     // seconds
	Incident float64 `json:"incident"` // seconds, the mean as it was
	Failed   float64 `json:"failed_share"`
	Sentence string  `json:"sentence"`
}

// NodeView is a node of the incident's graph.
type NodeView struct {
	ID        graph.NodeID `json:"id"`
	Kind      string       `json:"kind"`
	Name      string       `json:"name"`
	Entry     bool         `json:"entry"`     // users enter here
	Own       float64      `json:"own"`       // excess occupancy of its own
	Inherited float64      `json:"inherited"` // excess occupancy from its callees
	Rate      float64      `json:"rate"`
	ErrorRate float64      `json:"error_share"`
	Baseline  float64      `json:"baseline_mean"` // seconds a visit
	Mean      float64      `json:"mean"`
	Onset     *time.Time   `json:"onset"`
	Cause     int          `json:"cause"` // rank of the best cause here, 0 for none
}

// EdgeView is an edge of the incident's graph.
type EdgeView struct {
	Caller            graph.NodeID `json:"caller"`
	Callee            graph.NodeID `json:"callee"`
	Async             bool         `json:"async"`
	Pressure          float64      `json:"pressure"` // excess occupancy carried from callee to caller
	Rate              float64      `json:"rate"`     // calls a second
	BaselineRate      float64      `json:"baseline_rate"`
	ErrorShare        float64      `json:"error_share"`
	BaselineErrors    float64      `json:"baseline_error_share"`
	Amplification     float64      `json:"amplification"` // attempts per call
	BaselineAmplified float64      `json:"baseline_amplification"`
	Mean              float64      `json:"mean"` // seconds a call, at the client
	BaselineMean      float64      `json:"baseline_mean"`
	P95               float64      `json:"p95"`
	BaselineP95       float64      `json:"baseline_p95"`
	Paired            float64      `json:"paired"`
}

// Row is one node of the timeline.
type Row struct {
	Node  graph.NodeID `json:"node"`
	Name  string       `json:"name"`
	Onset *time.Time   `json:"onset"` // of its own part; null if it was only pressed
	Cells []Cell       `json:"cells"` // one per window, baseline's tail included
}

// Cell is one node in one window: excess occupancy, own and inherited, and the
// share of failed visits.
type Cell struct {
	Time      time.Time `json:"t"`
	Own       float64   `json:"own"`
	Inherited float64   `json:"inherited"`
	Failed    float64   `json:"failed_share"`
}

// Balance is the ledger's sum. Explained plus Unattributed is Excess, to 1e-9.
type Balance struct {
	ExcessSeconds  float64 `json:"excess_seconds"`
	ExcessFailures float64 `json:"excess_failures"`
	Explained      float64 `json:"explained"`    // shares: reached a cause
	Unattributed   float64 `json:"unattributed"` // shares: no account explains it
}

package risk

import (
	"time"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
)

// RiskKind says what sort of weakness a risk is.
type RiskKind string

// The kinds of risks.
const (
	Amplification RiskKind = "amplification" // attempts multiply along a path
	LateDeadline  RiskKind = "late-deadline" // a callee is waited for longer than the caller's own caller waits
	NoTimeout     RiskKind = "no-timeout"    // nobody gives up on a call
	CallPerItem   RiskKind = "call-per-item" // a dependency is called once for each item
	SharedByMinor RiskKind = "shared"        // critical and unimportant requests use one thing
	NearlyFull    RiskKind = "nearly-full"   // a pool has few free places left
	LittleRoom    RiskKind = "little-room"   // a dependency may hardly slow down
	NoReturn      RiskKind = "no-return"     // after a slowdown the system does not come back by itself; told by replay alone
)

// RiskReport is what may break. Lists are in a total order and never null in JSON.
type RiskReport struct {
	Version int               `json:"version"` // 1
	Range   analysis.Interval `json:"range"`   // of the spans and windows that it was made from
	Traces  int64             `json:"traces"`
	Spans   int64             `json:"spans"`
	Windows int               `json:"windows"`
	Risks   []Risk            `json:"risks"` // worst first
	// Room is how much slower each dependency may get, the least first.
	Room   []RiskRoom  `json:"room"`
	Routes []RiskRoute `json:"routes"` // by requests, the most first
	// LeftOut counts what fell over the bounds.
	LeftOut int64    `json:"left_out"`
	Notes   []string `json:"notes"`
}

// Risk is one weakness.
type Risk struct {
	Rank    int      `json:"rank"` // from 1
	Kind    RiskKind `json:"kind"`
	Subject string   `json:"subject"`
	// Path is what it concerns, from callers to callees.
	Path []graph.NodeID `json:"path"`
	// Others are further paths to the same calls, where several callers retry them.
	Others []RiskWay `json:"others"`
	// Score is what the order is by, 0 to 1: how much harm is to be expected.
	Score float64 `json:"score"`
	// Sure is how sure it is that the weakness is there, 0 to 1.
	Sure float64 `json:"sure"`
	// Users is the share of users' requests that pass there.
	Users    float64        `json:"users"`
	Sentence string         `json:"sentence"`
	Remedy   string         `json:"remedy"`
	Evidence []RiskEvidence `json:"evidence"`
	Examples []RiskExample  `json:"examples"`
}

// RiskWay is a path on which attempts multiply.
type RiskWay struct {
	Path     []graph.NodeID `json:"path"`     // from callers to callees
	Attempts float64        `json:"attempts"` // at its end, for one request
}

// RiskEvidence is one number behind a risk.
type RiskEvidence struct {
	Metric   string  `json:"metric"` // stable short name, e.g. "attempts"
	Unit     string  `json:"unit"`   // "s", "1/s", "share", "1"
	Value    float64 `json:"value"`
	Sentence string  `json:"sentence"`
}

// RiskExample is a trace that shows a risk.
type RiskExample struct {
	TraceID  trace.TraceID `json:"trace_id"`
	Start    time.Time     `json:"start"`
	Duration float64       `json:"duration"` // seconds, of what it shows
}

// RiskRoom says by what factor a dependency may slow down before users feel it.
type RiskRoom struct {
	Node graph.NodeID `json:"node"`
	// Factor is 0 where nothing sets a limit that was seen.
	Factor float64 `json:"factor"`
	// AtLeast is set where the limit was not seen, only that so much was borne.
	AtLeast  bool    `json:"at_least"`
	By       string  `json:"by"` // "timeout", "places" or empty
	Users    float64 `json:"users"`
	Sentence string  `json:"sentence"`
	// Played is what a replay says; null where none was made.
	Played *RiskPlayed `json:"played"`
}

// RiskRoute is an entry, and whether it was taken for critical.
type RiskRoute struct {
	Service  string `json:"service"`
	Route    string `json:"route"`
	Requests int64  `json:"requests"`
	Critical bool   `json:"critical"`
	// Background routes are not asked for by users: they take messages.
	Background bool `json:"background"`
}

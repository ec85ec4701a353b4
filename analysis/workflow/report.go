package workflow

import (
	"time"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
)

// WorkflowState is what became of a workflow.
type WorkflowState string

// The states. Workflows that are done, or that changed nothing, are counted and
// not listed.
const (
	HalfDone  WorkflowState = "half-done"  // a step was done, one that belongs to it never came, nothing undid it
	DoneTwice WorkflowState = "done-twice" // a step was done in more than one attempt
	// PerhapsTwice is a step at a system that sends no spans, whose caller gave up
	// waiting and tried again: the other side may have done it both times.
	PerhapsTwice WorkflowState = "perhaps-twice"
	Undone       WorkflowState = "undone"  // what was done was taken back
	Running      WorkflowState = "running" // not over yet: in work, or waiting in a queue
)

// WorkflowReport is what became of the workflows. Lists are in a total order and never
// null in JSON.
type WorkflowReport struct {
	Version int `json:"version"` // 1
	// Until is the end of the newest span: what had not come by then may still
	// come.
	Until  time.Time `json:"until"`
	Counts Counts    `json:"counts"`
	// Workflows are those of the states above, by start, then trace id.
	Workflows []Workflow `json:"workflows"`
	// Routes are what was learned of each entry that changes state, by name.
	Routes []Route `json:"routes"`
	// Undoing are the steps that take others back.
	Undoing []Undoing `json:"undoing"`
	// Keys are the attributes that were taken for business keys.
	Keys []string `json:"keys"`
	// Lost is the share of spans that never came, told by parents that are
	// named and missing.
	Lost float64 `json:"lost"`
	// LeftOut is how many traces that change state fell over the bound.
	LeftOut int64 `json:"left_out"`
	// Judged is when the workflows began that were asked for and judged; nil for all
	// that there are.
	Judged *analysis.Interval `json:"judged,omitempty"`
	// Rest is set where Judged is less than what was asked for: to be asked for from
	// its end on.
	Rest bool `json:"rest,omitempty"`
	// Notes say what limits the answer.
	Notes []string `json:"notes"`
}

// Counts counts workflows that were judged. HalfDone and DoneTwice may count the
// same workflow.
type Counts struct {
	Workflows int `json:"workflows"` // that changed something, or tried to
	Done      int `json:"done"`
	HalfDone  int `json:"half_done"`
	DoneTwice int `json:"done_twice"`
	// PerhapsTwice may have done a step twice; they may count elsewhere, too.
	PerhapsTwice int `json:"perhaps_twice"`
	Undone       int `json:"undone"`
	Running      int `json:"running"`
	// Nothing tried and changed nothing.
	Nothing int `json:"nothing"`
	// Doubtful lack a step whose span was more likely lost than never made; they
	// count as done.
	Doubtful int `json:"doubtful"`
	// Fragments are traces that change something and whose beginning never came,
	// so that nobody can tell of which workflow they are; they are not judged.
	Fragments int `json:"fragments"`
	// Unknown began at an entry of which too little was learned to judge them.
	Unknown int `json:"unknown"`
}

// Workflow is one workflow that is not simply done.
type Workflow struct {
	TraceID trace.TraceID   `json:"trace_id"`
	Linked  []trace.TraceID `json:"linked_trace_ids"` // further traces of it, by id
	Route   string          `json:"route"`
	Service string          `json:"service"` // of the entry
	State   WorkflowState   `json:"state"`
	Start   time.Time       `json:"start"`
	End     time.Time       `json:"end"` // of the last span
	Keys    []Key           `json:"keys"`
	Done    []Step          `json:"done"` // committed and not undone, in order of time
	Missing []Gap           `json:"missing"`
	Twice   []Step          `json:"twice"`
	Undone  []Step          `json:"undone"`
	Perhaps []Perhaps       `json:"perhaps_twice"`
	// LostSpans is how likely lost spans alone explain the gaps, 0 to 1.
	LostSpans float64 `json:"lost_spans"`
	// Waits says in which queue it waits; nil where it does not.
	Waits *Wait `json:"waits,omitempty"`
}

// Key is a business key: an attribute of the workflow's spans.
type Key struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// StepID names a kind of step: who changes what, and where in the code.
type StepID struct {
	Service   string       `json:"service"`
	Operation string       `json:"operation"` // of the service, in which it is done
	Call      string       `json:"call"`      // what is called there
	Target    graph.NodeID `json:"target"`    // what is changed
}

// Step is a step that was done.
type Step struct {
	StepID StepID    `json:"step"`
	At     time.Time `json:"at"`    // when it was done first
	Times  int       `json:"times"` // in how many attempts it was done
}

// Perhaps is a step that may have been done more than once.
type Perhaps struct {
	StepID   StepID `json:"step"`
	Attempts int    `json:"attempts"`
	GaveUp   int    `json:"gave_up"` // attempts that its caller stopped waiting for
	// Likely is how likely it was done more than once: told by the share of the
	// answers of that system that take no longer than was waited.
	Likely float64 `json:"likely"`
}

// Gap is a step that belongs to those done and did not come.
type Gap struct {
	StepID StepID `json:"step"`
	// Why is "failed" (it was tried and failed), "gave-up" (it was tried and its
	// caller gave up: it may have been done), "service-failed" (the service that does
	// it was asked and failed), "not-reached" (something failed before it),
	// "message-failed" (its message was taken, in vain), "message-not-taken" (its
	// message was sent and never taken), "silent" (nothing failed).
	Why       string  `json:"why"`
	LostSpans float64 `json:"lost_spans"` // how likely its spans were lost
}

// Wait is a place in a queue.
type Wait struct {
	Queue    graph.NodeID `json:"queue"`
	Consumer string       `json:"consumer"` // service
	Since    time.Time    `json:"since"`
	// Ahead is how many messages that are known to wait came before it.
	Ahead int `json:"ahead"`
	// Tries is how often it was taken before, in vain.
	Tries int `json:"tries"`
}

// Route is what was learned of the workflows of an entry.
type Route struct {
	Service   string    `json:"service"`
	Operation string    `json:"operation"`
	Workflows int       `json:"workflows"` // learned from
	Steps     []Learned `json:"steps"`     // in their usual order
	// Deadline, in seconds after the last sign of life, is how long a step that a
	// message leads to may stay away before it counts as missing; Settled is the
	// same for the others.
	Deadline float64 `json:"deadline_s"`
	Settled  float64 `json:"settled_s"`
}

// Learned is a step as it usually is. Times are seconds after the workflow's
// start.
type Learned struct {
	StepID  StepID  `json:"step"`
	Share   float64 `json:"share"`    // of the workflows that changed anything
	Delay   float64 `json:"delay_s"`  // median
	Latest  float64 `json:"latest_s"` // 99 of 100 had come by then
	Message bool    `json:"message"`  // it is done by who takes a message
}

// Undoing is a step that takes another back.
type Undoing struct {
	StepID StepID   `json:"step"`
	Undoes []StepID `json:"undoes"`
	Seen   int      `json:"seen"` // workflows in which it did
	// ByName is set where its name told more than how often it was seen.
	ByName bool `json:"by_name"`
}

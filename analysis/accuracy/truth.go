package accuracy

// Truth is what really happened in a labelled incident. Times are Unix
// nanoseconds; 0 and empty mean "not known". Its JSON form stands beside the
// spans as truth.json.
type Truth struct {
	Source string `json:"source,omitempty"` // where the case comes from
	System string `json:"system,omitempty"`
	Fault  string `json:"fault"` // the kind of fault, for the table's rows
	// Healthy cases have no cause: any incident is a false alarm.
	Healthy bool `json:"healthy,omitempty"`

	TriggerStart int64 `json:"trigger_start_ns,omitempty"`
	TriggerEnd   int64 `json:"trigger_end_ns,omitempty"`
	// UsersHit and UsersWell bound the time in which users were hurt.
	UsersHit  int64 `json:"users_hit_ns,omitempty"`
	UsersWell int64 `json:"users_well_ns,omitempty"`
	// Unshown is set where what was recorded shows nothing of it.
	Unshown bool `json:"unshown,omitempty"`

	// Calm is when the last user was well and the last backlog worked off.
	Calm int64 `json:"calm_ns,omitempty"`

	Cause Labelled `json:"cause,omitzero"`
	// More are further independent causes (two faults at once).
	More []Labelled `json:"more,omitempty"`

	// Order is the services by onset of their own trouble and of being pressed.
	Order []OnsetOf `json:"order,omitempty"`
	// Edges carry the retries, observable and hidden.
	Edges []EdgeTruth `json:"edges,omitempty"`
	// Pain is what users lost in the incident's time, in seconds, a failure counted
	// as ten, and Cuts what they would have lost had a call not been retried, for each
	// that was. Both are left out where the scenario was not played again.
	Pain float64    `json:"pain_seconds,omitempty"`
	Cuts []CutTruth `json:"cuts,omitempty"`
	// Sustaining names what kept it up after the trigger's end, if anything.
	Sustaining []Labelled `json:"sustaining,omitempty"`
	Metastable bool       `json:"metastable,omitempty"`
	// Shared is the resource that coupled services, and who was coupled by it.
	Shared  *Labelled `json:"shared,omitempty"`
	Coupled []string  `json:"coupled,omitempty"`
	// HalfDone are the workflows left half done, by trace id.
	HalfDone []HalfDone `json:"half_done,omitempty"`
}

// Labelled is an entity that is right as an answer.
type Labelled struct {
	Kind string `json:"kind"` // a CauseKind
	Name string `json:"name"`
	// Accept are all names that count as right, Name included.
	Accept []string `json:"accept,omitempty"`
}

// OnsetOf is when a service's own trouble began and when it was first pressed
// by its callees; 0 for never.
type OnsetOf struct {
	Service string `json:"service"`
	Own     int64  `json:"own_ns,omitempty"`
	Pressed int64  `json:"pressed_ns,omitempty"`
}

// EdgeTruth counts an edge's calls and attempts in the incident's time.
type EdgeTruth struct {
	Caller string `json:"caller"`
	Callee string `json:"callee"`
	// Calls and Attempts are what really happened; Observable leaves out the
	// attempts that instrumentation hides in one span.
	Calls      int64 `json:"calls"`
	Attempts   int64 `json:"attempts"`
	Observable int64 `json:"observable_attempts"`
	// Tried are the calls that were attempted at all, where a breaker or a backlog
	// held others back, and Recorded those of them of which spans were recorded.
	Tried    int64 `json:"tried_calls,omitempty"`
	Recorded int64 `json:"recorded_calls,omitempty"`
	// Baseline counts, over the time before the trigger.
	BaselineCalls    int64 `json:"baseline_calls,omitempty"`
	BaselineAttempts int64 `json:"baseline_attempts,omitempty"`
}

// AllCallers stands for every caller of a callee.
const AllCallers = "*"

// CutTruth is what users would have lost with the retries of a call cut, or those of
// all callers of a callee.
type CutTruth struct {
	Caller string  `json:"caller"`
	Callee string  `json:"callee"`
	Pain   float64 `json:"pain_seconds"`
}

// HalfDone is a workflow with a committed step and a missing later one.
type HalfDone struct {
	TraceID string   `json:"trace_id"`
	Done    []string `json:"done"`
	Missing []string `json:"missing,omitempty"`
	Twice   []string `json:"twice,omitempty"`
}

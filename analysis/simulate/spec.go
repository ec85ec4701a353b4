package simulate

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Scenario is a system and what happens to it, as its file says. Load and Parse
// make it; the file's fields are described in docs/scenarios.md.
type Scenario struct {
	Name        string   `yaml:"-"`
	Description string   `yaml:"description"`
	SystemName  string   `yaml:"system"`
	Duration    duration `yaml:"duration"`
	// Fault names the row of the accuracy table; the default is the name.
	Fault   string      `yaml:"fault"`
	Healthy bool        `yaml:"healthy"`
	Faults  []faultSpec `yaml:"faults"`

	Sample     float64  `yaml:"sample"`
	TraceState bool     `yaml:"tracestate"`
	Loss       float64  `yaml:"loss"`
	Skew       duration `yaml:"skew"`

	Parts systemSpec `yaml:",inline"`
}

// systemSpec describes the components and the traffic.
type systemSpec struct {
	Conventions string        `yaml:"conventions"`
	Namespace   string        `yaml:"namespace"`
	Environment string        `yaml:"environment"`
	ResendCount bool          `yaml:"resend_count"`
	LinkOnly    bool          `yaml:"consumers_link"`
	Hosts       []hostSpec    `yaml:"hosts"`
	Services    []serviceSpec `yaml:"services"`
	Databases   []stationSpec `yaml:"databases"`
	Caches      []stationSpec `yaml:"caches"`
	Brokers     []stationSpec `yaml:"brokers"`
	Externals   []stationSpec `yaml:"externals"`
	Queues      []queueSpec   `yaml:"queues"`
	Entries     []entrySpec   `yaml:"entries"`
	Generate    *generateSpec `yaml:"generate"`
}

type hostSpec struct {
	Name string  `yaml:"name"`
	CPUs float64 `yaml:"cpus"`
	Zone string  `yaml:"zone"`
}

type serviceSpec struct {
	Name       string   `yaml:"name"`
	Replicas   int      `yaml:"replicas"`
	Workers    int      `yaml:"workers"`
	Queue      int      `yaml:"queue"`
	Hosts      []string `yaml:"hosts"`
	Version    string   `yaml:"version"`
	Language   string   `yaml:"language"`
	Protocol   string   `yaml:"protocol"`
	Balance    string   `yaml:"balance"`
	SpanStarts string   `yaml:"span_starts"`
	Gateway    bool     `yaml:"gateway"`
	// SilentRejects: a request that is turned away leaves no server span.
	SilentRejects bool           `yaml:"silent_rejects"`
	Operations    []opSpec       `yaml:"operations"`
	Clients       []clientSpec   `yaml:"clients"`
	Consumers     []consumerSpec `yaml:"consumers"`

	standby int // instances that faults may bring in
}

type opSpec struct {
	Name     string     `yaml:"name"`
	Route    string     `yaml:"route"`
	Time     duration   `yaml:"time"`
	Spread   *float64   `yaml:"spread"`
	Shape    string     `yaml:"shape"`
	Errors   float64    `yaml:"errors"`
	NotFound float64    `yaml:"not_found"`
	Steps    []stepSpec `yaml:"steps"`
	Workflow []string   `yaml:"workflow"`
}

// stepSpec is one thing that an operation does. Exactly one of Call, Query,
// Get, Publish, Work, Parallel, Internal and Commit is set; a query may have a
// Commit besides, which is done where the query succeeds.
type stepSpec struct {
	Call     string     `yaml:"call"`
	Query    string     `yaml:"query"`
	Get      string     `yaml:"get"`
	Publish  string     `yaml:"publish"`
	Work     duration   `yaml:"work"`
	Parallel []stepSpec `yaml:"parallel"`
	Internal string     `yaml:"internal"`
	Commit   string     `yaml:"commit"`

	Steps      []stepSpec `yaml:"steps"`
	Miss       []stepSpec `yaml:"miss"`
	Operation  string     `yaml:"operation"`
	Collection string     `yaml:"collection"`
	Time       duration   `yaml:"time"`
	Chance     *float64   `yaml:"chance"`
	Times      int        `yaml:"times"`
	Optional   bool       `yaml:"optional"`
}

type clientSpec struct {
	To           string       `yaml:"to"`
	Timeout      duration     `yaml:"timeout"`
	Attempts     int          `yaml:"attempts"`
	Backoff      duration     `yaml:"backoff"`
	Jitter       float64      `yaml:"jitter"`
	Budget       float64      `yaml:"budget"`
	Connections  int          `yaml:"connections"`
	Acquire      duration     `yaml:"acquire"`
	Breaker      *breakerSpec `yaml:"breaker"`
	Delay        duration     `yaml:"delay"`
	HideRetries  bool         `yaml:"hide_retries"`
	AttemptSpans bool         `yaml:"attempt_spans"`
}

type breakerSpec struct {
	Failures float64  `yaml:"failures"`
	Calls    int      `yaml:"calls"`
	Open     duration `yaml:"open"`
}

type consumerSpec struct {
	Queue        string `yaml:"queue"`
	Operation    string `yaml:"operation"`
	Concurrency  int    `yaml:"concurrency"`
	Redeliveries int    `yaml:"redeliveries"`
}

// stationSpec is a database, cache, broker or external system.
type stationSpec struct {
	Name        string           `yaml:"name"`
	System      string           `yaml:"system"`
	Address     string           `yaml:"address"`
	Port        int              `yaml:"port"`
	Namespace   string           `yaml:"namespace"`
	Parallelism int              `yaml:"parallelism"`
	Queue       int              `yaml:"queue"`
	Time        duration         `yaml:"time"`
	Spread      *float64         `yaml:"spread"`
	Shape       string           `yaml:"shape"`
	Errors      float64          `yaml:"errors"`
	HitRatio    float64          `yaml:"hit_ratio"`
	Keys        int              `yaml:"keys"`
	Collections []collectionSpec `yaml:"collections"`
}

type collectionSpec struct {
	Name string   `yaml:"name"`
	Time duration `yaml:"time"`
}

type queueSpec struct {
	Name   string `yaml:"name"`
	Broker string `yaml:"broker"`
}

type entrySpec struct {
	Name     string      `yaml:"name"`
	Call     string      `yaml:"call"`
	Rate     float64     `yaml:"rate"`
	Timeout  duration    `yaml:"timeout"`
	Attempts int         `yaml:"attempts"`
	Backoff  duration    `yaml:"backoff"`
	Rhythm   *rhythmSpec `yaml:"rhythm"`
	Burst    *burstSpec  `yaml:"burst"`
	Course   *courseSpec `yaml:"course"`
}

type rhythmSpec struct {
	Amplitude float64  `yaml:"amplitude"`
	Period    duration `yaml:"period"`
}

type burstSpec struct {
	Every  duration `yaml:"every"`
	Length duration `yaml:"length"`
	Factor float64  `yaml:"factor"`
}

// courseSpec is how a rate goes over time: a factor for each stretch of time, the
// last one to the end.
type courseSpec struct {
	Every   duration  `yaml:"every"`
	Factors []float64 `yaml:"factors"`
}

// faultSpec is a timed change. Exactly one target is set, and at least one
// change.
type faultSpec struct {
	At   duration `yaml:"at"`
	For  duration `yaml:"for"`
	Ramp duration `yaml:"ramp"`
	Fade duration `yaml:"fade"`

	Service    string `yaml:"service"`
	Operation  string `yaml:"operation"`
	Instance   int    `yaml:"instance"`
	Database   string `yaml:"database"`
	Collection string `yaml:"collection"`
	Cache      string `yaml:"cache"`
	Broker     string `yaml:"broker"`
	External   string `yaml:"external"`
	Host       string `yaml:"host"`
	Edge       string `yaml:"edge"`
	Entry      string `yaml:"entry"`

	Slow        *float64     `yaml:"slow"`
	Errors      *float64     `yaml:"errors"`
	Skip        *float64     `yaml:"skip"`
	Workers     *float64     `yaml:"workers"`
	Parallelism *float64     `yaml:"parallelism"`
	HitRatio    *float64     `yaml:"hit_ratio"`
	Connections *float64     `yaml:"connections"`
	Attempts    *float64     `yaml:"attempts"`
	Delay       *duration    `yaml:"delay"`
	Lost        *float64     `yaml:"lost"`
	Refused     *float64     `yaml:"refused"`
	FanOut      *float64     `yaml:"fan_out"`
	Replicas    *float64     `yaml:"replicas"`
	Budget      *float64     `yaml:"budget"`
	Timeout     *duration    `yaml:"timeout"`
	Breaker     *breakerSpec `yaml:"breaker"`
	Optional    bool         `yaml:"optional"`
	BusyCPUs    *float64     `yaml:"busy_cpus"`
	Traffic     *float64     `yaml:"traffic"`
	Kill        bool         `yaml:"kill"`
	Hang        bool         `yaml:"hang"`
	Pause       bool         `yaml:"pause"`
	Flush       bool         `yaml:"flush"`
	Deploy      string       `yaml:"deploy"`
	Every       duration     `yaml:"every"`

	// Remedy marks a change made to help: it is no cause.
	Remedy bool `yaml:"remedy"`
	// Also are further names that are right as an answer.
	Also []string `yaml:"also"`
}

// duration is a time.Duration written like 250ms or 5m.
type duration time.Duration

// UnmarshalYAML implements yaml.NodeUnmarshaler: its errors keep their place.
func (d *duration) UnmarshalYAML(n ast.Node) error {
	text := n.GetToken().Value
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 || duration(v) > longest {
		return &yaml.SyntaxError{Message: fmt.Sprintf("%q is no duration up to 24h (write 250ms, 3s, 5m)", text), Token: n.GetToken()}
	}
	*d = duration(v)
	return nil
}

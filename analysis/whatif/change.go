package whatif

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"headwater/analysis/simulate"
	"headwater/graph"
)

// SettingKind is what a change changes.
type SettingKind string

// The kinds of changes.
const (
	CapRetries    SettingKind = "cap-retries"    // retries per call on an edge: Value
	BudgetRetries SettingKind = "budget-retries" // retries per call over time on an edge: Value, a share
	AddBreaker    SettingKind = "breaker"        // a circuit breaker on an edge
	SetTimeout    SettingKind = "timeout"        // of the attempts on an edge: Value, in seconds
	SetPool       SettingKind = "pool"           // workers of an instance, or connections on an edge: Value
	SetReplicas   SettingKind = "replicas"       // of a service: Value
	Shed          SettingKind = "shed"           // a share of the requests of a route is turned away: Value
	MakeOptional  SettingKind = "optional"       // the callers of an edge go on without it
)

// Kinds are all kinds of changes, in the order in which equal ones are ranked.
func Kinds() []SettingKind {
	return []SettingKind{CapRetries, BudgetRetries, AddBreaker, SetTimeout, SetPool, SetReplicas, MakeOptional, Shed}
}

// Setting is what an operator could have set otherwise.
type Setting struct {
	Kind SettingKind `json:"kind"`
	// Target is what is changed: caller->callee for an edge, a service, or a route;
	// by names, as the windows write them.
	Target string  `json:"target"`
	Value  float64 `json:"value"`
	// At is when it comes into force, in seconds after the incident's begin; nil for
	// before it.
	At *float64 `json:"at"`
}

// AllRoutes stands for every route by which users come.
const AllRoutes = "all"

// ParseChange reads target=value, or a target alone for kinds without a value.
func ParseChange(kind SettingKind, text string) (Setting, error) {
	c := Setting{Kind: kind, Target: strings.TrimSpace(text)}
	if kind == AddBreaker || kind == MakeOptional {
		if !strings.Contains(c.Target, "->") {
			return c, fmt.Errorf("--%s %s: write caller->callee", kind, text)
		}
		return c, nil
	}
	at := strings.LastIndex(c.Target, "=")
	if at < 1 {
		return c, fmt.Errorf("--%s %s: write what is changed, = and its value", kind, text)
	}
	value := c.Target[at+1:]
	c.Target = strings.TrimSpace(c.Target[:at])
	if kind == SetTimeout {
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			return c, fmt.Errorf("--%s %s: %q is no duration (write 500ms, 2s)", kind, text, value)
		}
		c.Value = d.Seconds()
		return c, nil
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(v) {
		return c, fmt.Errorf("--%s %s: %q is no number", kind, text, value)
	}
	c.Value = v
	if err := c.check(); err != nil {
		return c, err
	}
	return c, nil
}

// check bounds the value.
func (c *Setting) check() error {
	least, most := 0.0, 1.0
	switch c.Kind {
	case CapRetries:
		most = 20
	case SetTimeout:
		least, most = 0.001, 3600
	case SetPool:
		least, most = 1, 100_000
	case SetReplicas:
		least, most = 1, 200
	case BudgetRetries:
		least = 0.001
	case Shed, AddBreaker, MakeOptional:
	default:
		return fmt.Errorf("there is no change %q", c.Kind)
	}
	if !(c.Value >= least && c.Value <= most) {
		return fmt.Errorf("%s %s: %v must lie between %v and %v", c.Kind, c.Target, c.Value, least, most)
	}
	if whole := c.Kind == CapRetries || c.Kind == SetPool || c.Kind == SetReplicas; whole && c.Value != math.Trunc(c.Value) {
		return fmt.Errorf("%s %s: %v must be a whole number", c.Kind, c.Target, c.Value)
	}
	return nil
}

// Text is the change as a flag has it.
func (c *Setting) Text() string {
	switch c.Kind {
	case AddBreaker, MakeOptional:
		return fmt.Sprintf("--%s '%s'", c.Kind, c.Target)
	case SetTimeout:
		return fmt.Sprintf("--%s '%s=%s'", c.Kind, c.Target, seconds(c.Value))
	}
	return fmt.Sprintf("--%s '%s=%s'", c.Kind, c.Target, strconv.FormatFloat(c.Value, 'g', 4, 64))
}

// Words say the change at the begin of a sentence.
func (c *Setting) Words() string {
	target := strings.Replace(strings.Replace(c.Target, anyCaller+"->", "all callers of ", 1), "->", " -> ", 1)
	switch c.Kind {
	case CapRetries:
		if c.Value == 0 {
			return "Not retrying on " + target
		}
		return fmt.Sprintf("Capping retries on %s at %.0f", target, c.Value)
	case BudgetRetries:
		return fmt.Sprintf("A retry budget of %.0f%% on %s", 100*c.Value, target)
	case AddBreaker:
		return "A circuit breaker on " + target
	case SetTimeout:
		return fmt.Sprintf("A timeout of %s on %s", seconds(c.Value), target)
	case SetPool:
		if strings.Contains(target, "->") {
			return fmt.Sprintf("A pool of %.0f connections on %s", c.Value, target)
		}
		return fmt.Sprintf("Room for %.0f requests at once in each instance of %s", c.Value, target)
	case SetReplicas:
		return fmt.Sprintf("%.0f instances of %s", c.Value, target)
	case MakeOptional:
		return "Going on without " + target
	}
	if c.Target == AllRoutes {
		return fmt.Sprintf("Turning away %.0f%% of all requests", 100*c.Value)
	}
	return fmt.Sprintf("Turning away %.0f%% of %s", 100*c.Value, target)
}

func seconds(s float64) string {
	d := time.Duration(s * 1e9)
	switch {
	case d >= 10*time.Second:
		d = d.Round(time.Second)
	case d >= time.Second:
		d = d.Round(10 * time.Millisecond)
	default:
		d = d.Round(time.Microsecond)
	}
	return strings.TrimSuffix(d.String(), "m0s") + map[bool]string{true: "m"}[strings.HasSuffix(d.String(), "m0s")]
}

// errNotThere is a change of something that is not in the incident.
var errNotThere = errors.New("not in the windows of the incident")

// The breaker that a change adds.
const (
	breakerFailures = 0.5
	breakerCalls    = 20
	breakerOpen     = 10 * time.Second
)

// faults are a change as the engine has it.
func (f *Fit) faults(c Setting) ([]simulate.Fault, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	fault := simulate.Fault{Remedy: true}
	if c.At != nil {
		fault.At = simulate.Duration(max(0, float64(f.from)*f.length.Seconds()+*c.At) * 1e9)
		if fault.At >= f.scenario.Duration {
			return nil, fmt.Errorf("%s: %.0f s after the begin is after the end of what is played", c.Kind, *c.At)
		}
	}
	v := c.Value
	switch c.Kind {
	case CapRetries, BudgetRetries, AddBreaker, SetTimeout, MakeOptional:
		edges, err := f.edgesOf(c.Target)
		if err != nil {
			return nil, err
		}
		var out []simulate.Fault
		for _, e := range edges {
			fault.Edge = e.name
			out = append(out, edgeFault(fault, c.Kind, v))
		}
		return out, nil
	case SetPool:
		if strings.Contains(c.Target, "->") {
			e, err := f.edge(c.Target)
			if err != nil {
				return nil, err
			}
			fault.Edge, fault.Connections = e.name, &v
			return []simulate.Fault{fault}, nil
		}
		s, err := f.service(c.Target)
		if err != nil {
			return nil, err
		}
		if s.ID.Kind == graph.Service {
			fault.Service, fault.Workers = s.name, &v
		} else {
			fault.Database, fault.Parallelism = s.name, &v
		}
		return []simulate.Fault{fault}, nil
	case SetReplicas:
		s, err := f.service(c.Target)
		if err != nil {
			return nil, err
		}
		if s.ID.Kind != graph.Service {
			return nil, fmt.Errorf("%s has no instances that are known", c.Target)
		}
		fault.Service, fault.Replicas = s.name, &v
		return []simulate.Fault{fault}, nil
	}
	return f.shed(c, fault)
}

func edgeFault(fault simulate.Fault, kind SettingKind, v float64) simulate.Fault {
	switch kind {
	case CapRetries:
		v++
		fault.Attempts = &v
	case BudgetRetries:
		fault.Budget = &v
	case AddBreaker:
		fault.Breaker = Breaker()
	case SetTimeout:
		d := simulate.Duration(v * 1e9)
		fault.Timeout = &d
	case MakeOptional:
		fault.Optional = true
	}
	return fault
}

// shed turns requests away while the incident lasts.
func (f *Fit) shed(c Setting, fault simulate.Fault) ([]simulate.Fault, error) {
	if c.At == nil {
		fault.At = simulate.Duration(f.from) * simulate.Duration(f.length)
	}
	end := simulate.Duration(f.to) * simulate.Duration(f.length)
	if fault.At >= end {
		return nil, fmt.Errorf("%s: it would begin after the incident", c.Kind)
	}
	if end < f.scenario.Duration {
		fault.For = end - fault.At
	}
	left := 1 - c.Value
	fault.Traffic = &left
	if c.Target == AllRoutes {
		fault.Entry = AllRoutes
		return []simulate.Fault{fault}, nil
	}
	for i, id := range f.routes {
		if id.Operation == c.Target || id.Node.Name+" "+id.Operation == c.Target {
			fault.Entry = fmt.Sprintf("e%d", i)
			return []simulate.Fault{fault}, nil
		}
	}
	return nil, fmt.Errorf("route %q: %w", c.Target, errNotThere)
}

// anyCaller stands for every caller of a callee.
const anyCaller = "*"

// edgesOf finds the edge of caller->callee, or all of *->callee.
func (f *Fit) edgesOf(target string) (out []*EdgeFit, err error) {
	from, to, ok := strings.Cut(target, "->")
	if !ok || strings.TrimSpace(from) != anyCaller {
		e, err := f.edge(target)
		return []*EdgeFit{e}, err
	}
	for i := range f.edges {
		if called(f.edges[i].ID.Callee, strings.TrimSpace(to)) {
			out = append(out, &f.edges[i])
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%q: %w", target, errNotThere)
	}
	return out, nil
}

// edge finds an edge by caller->callee.
func (f *Fit) edge(target string) (*EdgeFit, error) {
	from, to, ok := strings.Cut(target, "->")
	if !ok {
		return nil, fmt.Errorf("%q: write caller->callee", target)
	}
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	var found *EdgeFit
	for i := range f.edges {
		e := &f.edges[i]
		if called(e.ID.Caller, from) && called(e.ID.Callee, to) {
			if found != nil {
				return nil, fmt.Errorf("%q: several calls have these names; write %s", target, found.ID)
			}
			found = e
		}
	}
	if found == nil {
		var there []string
		for i := range f.edges {
			there = append(there, f.edges[i].ID.Caller.Name+"->"+f.edges[i].ID.Callee.Name)
		}
		return nil, notThere(target, there)
	}
	return found, nil
}

// notThere names a target that is not in the incident, and what is.
func notThere(target string, there []string) error {
	const named = 12
	slices.Sort(there)
	there = slices.Compact(there)
	more := ""
	if n := len(there) - named; n > 0 {
		there, more = there[:named], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("%q: %w; there are %s%s", target, errNotThere, strings.Join(there, ", "), more)
}

func called(id graph.NodeID, name string) bool { return id.Name == name || id.String() == name }

// service finds a service, or a node without spans whose limit showed.
func (f *Fit) service(target string) (*ServiceFit, error) {
	var found *ServiceFit
	for i := range f.services {
		s := &f.services[i]
		if called(s.ID, target) {
			if found != nil {
				return nil, fmt.Errorf("%q: several have this name; write %s", target, cmp.Or(found.ID.String(), s.ID.String()))
			}
			found = s
		}
	}
	if found == nil {
		var there []string
		for i := range f.services {
			there = append(there, f.services[i].ID.Name)
		}
		return nil, notThere(target, there)
	}
	return found, nil
}

// Query is the change in one word or two: its kind, and what ParseChange reads.
func (c *Setting) Query() string {
	switch c.Kind {
	case AddBreaker, MakeOptional:
		return string(c.Kind) + " " + c.Target
	case SetTimeout:
		return fmt.Sprintf("%s %s=%s", c.Kind, c.Target, time.Duration(math.Round(c.Value*1e9)))
	}
	return fmt.Sprintf("%s %s=%s", c.Kind, c.Target, strconv.FormatFloat(c.Value, 'g', -1, 64))
}

// ParseQuery reads what Query writes.
func ParseQuery(text string) (Setting, error) {
	kind, rest, _ := strings.Cut(text, " ")
	for _, k := range Kinds() {
		if string(k) == kind {
			return ParseChange(k, rest)
		}
	}
	return Setting{}, fmt.Errorf("there is no change %.40q", kind)
}

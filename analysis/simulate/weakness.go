package simulate

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Weakness is what was planted into a healthy system: nothing is wrong until a
// fault comes.
type Weakness struct {
	Kind string // as risks are called
	// Also are kinds that name the same thing.
	Also []string
	// Names are the parts that it lies between, or in; a risk that names all of
	// them is right.
	Names []string
	// Apart is a service whose requests are not those that it hurts; may be empty.
	Apart string
	// FaultAt is how long the system is well.
	FaultAt time.Duration
}

// The weaknesses, by the kinds of risks.
var weaknesses = []struct {
	kind  string
	also  []string
	plant func(p *planter) []string
}{
	{"amplification", nil, (*planter).retries},
	{"late-deadline", []string{"no-timeout"}, (*planter).lateDeadline},
	{"no-timeout", []string{"late-deadline"}, (*planter).noTimeout},
	{"call-per-item", nil, (*planter).perItem},
	{"shared", nil, (*planter).shared},
	{"nearly-full", nil, (*planter).nearlyFull},
}

const (
	weakFor    = 8 * time.Minute // the system is well
	weakFault  = 2 * time.Minute // the fault lasts
	weakLength = 12 * time.Minute
	// roomy is how full the parts of a system may be for nothing else than what
	// was planted to be tight.
	roomy = 0.6
)

// Weak makes up a healthy system with one weakness, and a fault that comes later
// and finds it. The seed decides the system and the place; seeds go through the
// sorts of weaknesses in turn. Without planted, the same fault meets the system
// without the weakness.
func Weak(seed uint64, planted bool) (*Scenario, Weakness, error) {
	names := systems()
	r := rand.New(rand.NewPCG(seed, 0x7765616b))
	w := weaknesses[seed%uint64(len(weaknesses))]
	for range 100 {
		system := names[r.IntN(len(names))]
		head := fmt.Sprintf("description: A healthy system with a weakness.\nsystem: %s\nduration: %s\nfault: %s\nhealthy: true\n", system, weakLength, w.kind)
		sc, err := Parse([]byte(head), fmt.Sprintf("%s-%s-%d.yaml", system, w.kind, seed))
		if err != nil {
			return nil, Weakness{}, err
		}
		p := &planter{sys: &sc.Parts, r: r, l: loadsOf(&sc.Parts), fault: faultSpec{At: duration(weakFor), For: duration(weakFault)}, planted: planted}
		names := w.plant(p)
		if names == nil {
			continue
		}
		sc.Healthy = false
		sc.Faults = []faultSpec{p.fault}
		if where, err := sc.validate(); err != nil {
			return nil, Weakness{}, fmt.Errorf("%s: %s: %w", sc.Name, where, err)
		}
		return sc, Weakness{Kind: w.kind, Also: w.also, Names: names, Apart: p.apart, FaultAt: weakFor}, nil
	}
	return nil, Weakness{}, errors.New("no system bears such a weakness")
}

// planter plants a weakness into a system; nil names are no place for it.
type planter struct {
	sys     *systemSpec
	r       *rand.Rand
	l       *loads
	fault   faultSpec
	planted bool
	apart   string
}

// chain is a call within another.
type chain struct {
	a, b *serviceSpec
	c    string // a service, or what a service asks
	rate float64
	op   *opSpec   // of b
	step *stepSpec // of op
}

// chains lists the calls within calls that are made often enough to be seen.
func (p *planter) chains(least float64, services bool) (out []chain) {
	for i := range p.sys.Services {
		a := &p.sys.Services[i]
		for k := range p.sys.Services {
			b := &p.sys.Services[k]
			if p.l.edges[[2]string{a.Name, b.Name}] < least {
				continue
			}
			for o := range b.Operations {
				op := &b.Operations[o]
				for n := range op.Steps {
					st := &op.Steps[n]
					c := st.Query
					if callee, _ := p.l.find(st.Call); callee != nil {
						c = callee.Name
					} else if services {
						continue
					}
					if rate := p.l.ops[b.Name+"."+op.Name]; c != "" && rate >= least && st.Chance == nil && !st.Optional {
						out = append(out, chain{a, b, c, rate, op, st})
					}
				}
			}
		}
	}
	return out
}

// pick draws one chain; false where there is none.
func (p *planter) pick(list []chain) (chain, bool) {
	if len(list) == 0 {
		return chain{}, false
	}
	return list[p.r.IntN(len(list))], true
}

func clientOf(s *serviceSpec, to string) *clientSpec {
	i := slices.IndexFunc(s.Clients, func(c clientSpec) bool { return c.To == to })
	if i < 0 {
		i = len(s.Clients)
		s.Clients = append(s.Clients, clientSpec{To: to, Attempts: 1, Delay: defaultDelay})
	}
	return &s.Clients[i]
}

func (p *planter) service(name string) *serviceSpec {
	i := slices.IndexFunc(p.sys.Services, func(s serviceSpec) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &p.sys.Services[i]
}

// seenAs is the name by which spans know a part.
func (p *planter) seenAs(name string) string {
	if i := slices.IndexFunc(p.sys.Externals, func(s stationSpec) bool { return s.Name == name }); i >= 0 && p.sys.Externals[i].Address != "" {
		return p.sys.Externals[i].Address
	}
	return name
}

func ptr(v float64) *float64 { return &v }

// slowed is a fault that slows a service or station down.
func (p *planter) slowed(name string, factor float64) {
	p.fault.Slow = ptr(factor)
	switch {
	case p.service(name) != nil:
		p.fault.Service = name
	case slices.ContainsFunc(p.sys.Databases, func(s stationSpec) bool { return s.Name == name }):
		p.fault.Database = name
	default:
		p.fault.External = name
	}
}

// retries: two callers of a path that both try again, and calls that fail now
// and then.
func (p *planter) retries() []string {
	c, ok := p.pick(p.chains(2, true))
	if !ok {
		return nil
	}
	callee := p.service(c.c)
	p.fault.Service, p.fault.Slow = c.c, ptr(6)
	for _, k := range []*clientSpec{clientOf(c.a, c.b.Name), clientOf(c.b, c.c)} {
		k.Attempts, k.Timeout, k.Backoff, k.Budget, k.Breaker, k.HideRetries = 1, duration(time.Second), duration(20*time.Millisecond), 0, nil, false
		if p.planted {
			k.Attempts = 4 + p.r.IntN(2)
		}
	}
	// It has room for several times the calls, but not while it is slow: calls that
	// wait longer than their caller come again, and are more than it has room for.
	callee.Replicas, callee.Queue = 1, 100
	own, other := p.busy(callee, 1.2)
	callee.Workers = int((own**p.fault.Slow+other)/1.5) + 1
	for _, s := range []*serviceSpec{c.b, callee} {
		for i := range s.Operations {
			s.Operations[i].Errors = 0.02 + 0.02*p.r.Float64()
		}
	}
	return []string{c.a.Name, c.b.Name, c.c}
}

// busy makes a service work so much more that so many places are in use; it gives
// the part of its own work and that of what it waits for.
func (p *planter) busy(s *serviceSpec, wanted float64) (own, other float64) {
	rate := 0.0
	for i := range s.Operations {
		n := p.l.ops[s.Name+"."+s.Operations[i].Name]
		rate += n
		own += n * time.Duration(s.Operations[i].Time).Seconds()
	}
	other = p.l.busy[s.Name] - own
	if more := (wanted - own - other) / rate; more > 0 {
		for i := range s.Operations {
			s.Operations[i].Time += duration(more * 1e9)
		}
		own += more * rate
	}
	return own, other
}

// rare makes an operation of a service take long now and then, some ten times
// while the system is well.
func (p *planter) rare(s *serviceSpec, took time.Duration) {
	for i := range s.Operations {
		op := &s.Operations[i]
		if rate := p.l.ops[s.Name+"."+op.Name]; rate > 0 {
			op.Steps = append(slices.Clone(op.Steps), stepSpec{Work: duration(took), Chance: ptr(min(0.02, 12/(rate*weakFor.Seconds())))})
		}
	}
}

// lateDeadline: a caller waits for longer than its own caller does.
func (p *planter) lateDeadline() []string {
	c, ok := p.pick(p.chains(1.5, true))
	if !ok {
		return nil
	}
	up, down := clientOf(c.a, c.b.Name), clientOf(c.b, c.c)
	up.Timeout, up.Attempts = duration(time.Second), 1
	down.Timeout, down.Attempts = duration(400*time.Millisecond), 1
	if p.planted {
		down.Timeout = duration(6 * time.Second)
	}
	took := 1800*time.Millisecond + time.Duration(p.r.IntN(1500))*time.Millisecond
	p.rare(p.service(c.c), took)
	p.oneHangs(c)
	return []string{c.b.Name, c.c}
}

// oneHangs is a fault of one of three copies of a callee: its calls fail, and all
// others only where they find no place at a caller that waits for those.
func (p *planter) oneHangs(c chain) {
	callee := p.service(c.c)
	callee.Replicas = 3
	p.fault.Service, p.fault.Instance, p.fault.Hang = c.c, 1, true
	c.b.Workers = int((p.l.busy[c.b.Name]+1.2*c.rate+3)/float64(c.b.Replicas)) + 1
}

// noTimeout: a caller waits for as long as it takes.
func (p *planter) noTimeout() []string {
	c, ok := p.pick(p.chains(1.5, true))
	if !ok {
		return nil
	}
	down := clientOf(c.b, c.c)
	down.Timeout, down.Attempts, down.Breaker = duration(500*time.Millisecond), 1, nil
	if p.planted {
		down.Timeout = 0
	}
	p.rare(p.service(c.c), time.Duration(6+p.r.IntN(14))*time.Second)
	p.oneHangs(c)
	return []string{c.b.Name, c.c}
}

// perItem: a callee is asked once for every item.
func (p *planter) perItem() []string {
	list := p.chains(1, false)
	p.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for _, c := range list {
		c.step.Times = 8 + p.r.IntN(8)
		if loadsOf(p.sys).tightest() < roomy {
			if !p.planted {
				c.step.Times = 1
			}
			p.slowed(c.c, 6)
			return []string{c.b.Name, p.seenAs(c.c)}
		}
		c.step.Times = 0
	}
	return nil
}

// shared: reports that nobody waits for are made in a database that all need.
func (p *planter) shared() []string {
	list := p.sys.Databases
	for _, i := range p.r.Perm(len(list)) {
		db := &list[i]
		if db.Parallelism == 0 || p.l.asked[db.Name] < 3 || len(db.Collections) > 0 {
			continue
		}
		heavy := 60 * time.Duration(db.Time)
		// Often enough that more of them, as often as a fault may have it, fill it.
		busy := max(0.8*p.l.busy[db.Name], 1.5*float64(db.Parallelism)/40)
		rate := min(0.4, max(0.15, busy/heavy.Seconds()))
		heavy = time.Duration(busy / rate * 1e9)
		use := db.Name
		names := []string{db.Name}
		if !p.planted {
			own := *db
			own.Name, own.Address = "exports-db", ""
			use = own.Name
			p.sys.Databases = append(p.sys.Databases, own)
		}
		exports := serviceSpec{Name: "exports", Replicas: 1, Workers: 60, Operations: []opSpec{{
			Name: "run", Route: "POST /exports", Time: duration(5 * time.Millisecond),
			Steps: []stepSpec{{Query: use, Operation: "SELECT", Collection: "archive", Time: duration(heavy)}},
		}}}
		exports.setDefaults()
		p.sys.Services = append(p.sys.Services, exports)
		p.sys.Entries = append(p.sys.Entries, entrySpec{Name: "exports", Call: "exports.run", Rate: rate, Timeout: defaultUserTimeout, Attempts: 1})
		if loadsOf(p.sys).tightest() > 0.8 {
			return nil
		}
		p.apart = exports.Name
		p.fault.Entry, p.fault.Traffic = "exports", ptr(min(50, 1.5*float64(db.Parallelism)/(rate*heavy.Seconds())))
		return names
	}
	return nil
}

// nearlyFull: a service has hardly more places than it needs.
func (p *planter) nearlyFull() []string {
	for _, i := range p.r.Perm(len(p.sys.Services)) {
		s := &p.sys.Services[i]
		if s.Gateway || s.Protocol == "" {
			continue
		}
		rate := 0.0
		for k := range s.Operations {
			rate += p.l.ops[s.Name+"."+s.Operations[k].Name]
		}
		if rate < 2 || len(s.Consumers) > 0 {
			continue
		}
		wanted := 1.5 + 1.5*p.r.Float64() // places in use
		if p.l.busy[s.Name] > wanted {
			continue
		}
		p.busy(s, wanted)
		s.Replicas, s.SpanStarts = 1, "worker"
		s.Workers = 40
		if p.planted {
			s.Workers = int(wanted/0.7) + 1
		}
		p.fault.Service, p.fault.Slow = s.Name, ptr(2.5)
		return []string{s.Name}
	}
	return nil
}

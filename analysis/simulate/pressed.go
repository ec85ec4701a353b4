package simulate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"headwater/graph"
)

// Pressed makes up a scenario in which much depends on how the system is set: one
// of the shipped systems, with one service that has little room to spare and
// callers that ask it several times, and something that pushes it over its limit
// for a short while. Whether it comes back by itself depends on the seed.
func Pressed(seed uint64) (*Scenario, error) {
	names := systems()
	r := rand.New(rand.NewPCG(seed, 0x70726573736564))
	for {
		system := names[r.IntN(len(names))]
		sc, err := Parse([]byte("description: It is pushed over its limit.\nduration: 11m\nhealthy: true\nsystem: "+system+"\n"), system+".yaml")
		if err != nil {
			return nil, err
		}
		if len(sc.Parts.Services) > mostPressed {
			continue
		}
		if ok, err := sc.press(r, seed); err != nil || ok {
			return sc, err
		}
	}
}

const (
	// mostPressed keeps large systems out, which take long to play.
	mostPressed = 60
	// fewInside is how many requests a service must have in work to be pressed.
	fewInside = 0.15
)

// onlyServices names nothing but services.
type onlyServices struct{}

func (onlyServices) Node(name string) graph.NodeID {
	return graph.NodeID{Kind: graph.Service, Name: name}
}

func (onlyServices) Operation(_, _, as string) string { return as }

// press takes the room to spare from a service, and lets something happen. It is
// false where the service drawn is no good.
func (sc *Scenario) press(r *rand.Rand, seed uint64) (bool, error) {
	calm := *sc
	calm.Duration = duration(time.Minute)
	windows, err := Windows(context.Background(), &calm, Options{Seed: seed}, 10*time.Second, onlyServices{})
	if err != nil {
		return false, err
	}
	s := &sc.Parts.Services[r.IntN(len(sc.Parts.Services))]
	inside, took, visits := 0.0, int64(0), int64(0)
	for _, w := range windows[1:] {
		if n := w.Nodes[(onlyServices{}).Node(s.Name)]; n != nil {
			inside += float64(n.All.Occupancy) / 1e10 / float64(len(windows)-1)
			took += n.All.Time.Sum
			visits += n.All.Visits
		}
	}
	var callers []*clientSpec
	for i := range sc.Parts.Services {
		for k := range sc.Parts.Services[i].Clients {
			if c := &sc.Parts.Services[i].Clients[k]; c.To == s.Name {
				callers = append(callers, c)
			}
		}
	}
	if inside < fewInside || len(callers) == 0 || visits == 0 {
		return false, nil
	}
	mean := time.Duration(took / visits)
	s.Replicas = max(1, min(s.Replicas, int(inside*1.5)))
	s.standby = 0
	s.Workers = max(1, int(math.Ceil(inside/float64(s.Replicas)*(1.35+0.5*r.Float64()))))
	s.Queue = 20 + r.IntN(100)
	timeout := time.Duration(float64(mean) * (6 + 10*r.Float64())).Round(10 * time.Millisecond)
	for _, c := range callers {
		c.Timeout = duration(max(timeout, 50*time.Millisecond))
		c.Attempts = 2 + r.IntN(3)
		c.Backoff = duration(20+r.IntN(100)) * duration(time.Millisecond)
		c.Jitter = 0.5
	}
	v := 2 + 5*r.Float64()
	f := faultSpec{At: duration(5 * time.Minute), For: duration(40+r.IntN(100)) * duration(time.Second)}
	kind := ""
	switch r.IntN(4) {
	case 0, 1:
		kind, f.Service, f.Slow = "pressed-service-slow", s.Name, &v
	case 2:
		kind, f.Entry, f.Traffic = "pressed-surge", "all", &v
	case 3:
		station := stationUnder(sc, s)
		if station == "" {
			return false, nil
		}
		v *= 4
		kind, f.Database, f.Slow = "pressed-database-slow", station, &v
	}
	sc.Faults, sc.Healthy, sc.Fault = []faultSpec{f}, false, kind
	sc.Name = fmt.Sprintf("%s-%s-%d", sc.SystemName, kind, seed)
	where, err := sc.validate()
	if err != nil {
		return false, fmt.Errorf("%s: %w", where, err)
	}
	return true, nil
}

// stationUnder is the first database that a service asks.
func stationUnder(sc *Scenario, s *serviceSpec) string {
	c := checker{sc: sc}
	for i := range sc.Parts.Databases {
		name := sc.Parts.Databases[i].Name
		for k := range s.Operations {
			if c.callsFrom(s.Operations[k].Steps, name) {
				return name
			}
		}
	}
	return ""
}

package simulate

import (
	"fmt"
	"strings"
	"time"
)

// cost estimates how many spans the scenario makes, and finds operations that
// call themselves in a circle: those would never end.
func (c *checker) cost() {
	k := &costs{checker: c, known: map[string]float64{}, open: map[string]bool{}}
	total := 0.0
	for i := range c.sc.Parts.Entries {
		n := &c.sc.Parts.Entries[i]
		total += n.Rate * c.surge(n) * time.Duration(c.sc.Duration).Seconds() * k.of(n.Call)
		if total > mostSpans {
			c.fail(fmt.Sprintf("$.entries[%d].rate", i), "this makes more than %.0f million spans; lower the rate or the duration", mostSpans/1e6)
		}
	}
}

// surge is by how much an entry's traffic may rise.
func (c *checker) surge(n *entrySpec) float64 {
	most := 1.0
	if n.Burst != nil {
		most = max(most, n.Burst.Factor)
	}
	for i := range c.sc.Faults {
		if f := &c.sc.Faults[i]; f.Traffic != nil && (f.Entry == n.Name || f.Entry == "all") {
			most = max(most, *f.Traffic)
		}
	}
	return most
}

type costs struct {
	*checker
	known map[string]float64 // spans per visit, by service.operation
	open  map[string]bool
}

// of is the spans that one visit to an operation makes, with all that follows.
func (k *costs) of(name string) float64 {
	if v, ok := k.known[name]; ok || k.err != nil {
		return v
	}
	svc, op, _ := strings.Cut(name, ".")
	for i := range k.sc.Parts.Services {
		s := &k.sc.Parts.Services[i]
		if s.Name != svc {
			continue
		}
		for j := range s.Operations {
			if s.Operations[j].Name != op {
				continue
			}
			at := fmt.Sprintf("$.services[%d].operations[%d]", i, j)
			if k.open[name] {
				k.fail(at, "%s calls itself in a circle", name)
				return 0
			}
			k.open[name] = true
			v := 1 + k.steps(s.Operations[j].Steps)
			k.open[name] = false
			k.known[name] = v
			return v
		}
	}
	return 1
}

func (k *costs) steps(steps []stepSpec) (total float64) {
	for i := range steps {
		st := &steps[i]
		v := 1 + k.steps(st.Parallel) + k.steps(st.Steps) + k.steps(st.Miss)
		if st.Call != "" {
			v += k.of(st.Call)
		}
		if st.Publish != "" {
			v += k.consumers(st.Publish)
		}
		if st.Chance != nil && *st.Chance > 0 {
			v *= *st.Chance
		}
		total += v * float64(max(1, st.Times))
	}
	return total
}

func (k *costs) consumers(queue string) (total float64) {
	for i := range k.sc.Parts.Services {
		s := &k.sc.Parts.Services[i]
		for _, c := range s.Consumers {
			if c.Queue == queue {
				total += k.of(s.Name + "." + c.Operation)
			}
		}
	}
	return total
}

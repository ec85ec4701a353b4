package simulate

import "time"

// loads is how busy the parts of a system are when nothing is wrong, by
// arithmetic: rates of arrivals along the calls, and Little's law.
type loads struct {
	sys   *systemSpec
	ops   map[string]float64 // visits a second, by service.operation
	asked map[string]float64 // requests a second, by station
	edges map[[2]string]float64
	busy  map[string]float64 // seconds of work a second, by service or station
	took  map[string]float64
}

func loadsOf(sys *systemSpec) *loads {
	l := &loads{sys: sys, ops: map[string]float64{}, asked: map[string]float64{}, edges: map[[2]string]float64{}, busy: map[string]float64{}, took: map[string]float64{}}
	for i := range sys.Entries {
		l.visit(sys.Entries[i].Call, sys.Entries[i].Rate, 0)
	}
	for i := range sys.Services {
		s := &sys.Services[i]
		for k := range s.Operations {
			name := s.Name + "." + s.Operations[k].Name
			l.busy[s.Name] += l.ops[name] * l.time(name, 0)
		}
	}
	return l
}

// deepestCall bounds the depth of calls, which may go in a circle.
const deepestCall = 30

func (l *loads) find(name string) (*serviceSpec, *opSpec) {
	for i := range l.sys.Services {
		s := &l.sys.Services[i]
		for k := range s.Operations {
			if s.Name+"."+s.Operations[k].Name == name {
				return s, &s.Operations[k]
			}
		}
	}
	return nil, nil
}

func (l *loads) station(name string) *stationSpec {
	for _, list := range [][]stationSpec{l.sys.Databases, l.sys.Caches, l.sys.Brokers, l.sys.Externals} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// visit follows a rate of requests to an operation through what it calls.
func (l *loads) visit(name string, rate float64, depth int) {
	s, op := l.find(name)
	if op == nil || depth > deepestCall {
		return
	}
	l.ops[name] += rate
	l.steps(s, op.Steps, rate, depth)
}

func (l *loads) steps(s *serviceSpec, steps []stepSpec, rate float64, depth int) {
	for i := range steps {
		st := &steps[i]
		n := rate * float64(max(1, st.Times))
		if st.Chance != nil {
			n *= *st.Chance
		}
		for _, name := range []string{st.Query, st.Get} {
			if at := l.station(name); at != nil {
				l.asked[name] += n
				l.edges[[2]string{s.Name, name}] += n
				l.busy[name] += n * l.stationTime(at, st)
			}
		}
		if st.Call != "" {
			if callee, _ := l.find(st.Call); callee != nil {
				l.edges[[2]string{s.Name, callee.Name}] += n
			}
			l.visit(st.Call, n, depth+1)
		}
		l.steps(s, st.Parallel, n, depth)
		l.steps(s, st.Steps, n, depth)
		if at := l.station(st.Get); at != nil {
			l.steps(s, st.Miss, n*(1-at.HitRatio), depth)
		}
	}
}

func (l *loads) stationTime(at *stationSpec, st *stepSpec) float64 {
	took := at.Time
	for i := range at.Collections {
		if at.Collections[i].Name == st.Collection && at.Collections[i].Time > 0 {
			took = at.Collections[i].Time
		}
	}
	if st.Time > 0 {
		took = st.Time
	}
	return time.Duration(took).Seconds()
}

// time is how long a visit takes where nobody waits, in seconds.
func (l *loads) time(name string, depth int) float64 {
	if t, ok := l.took[name]; ok {
		return t
	}
	_, op := l.find(name)
	if op == nil || depth > deepestCall {
		return 0
	}
	t := time.Duration(op.Time).Seconds() + l.stepsTime(op.Steps, depth)
	l.took[name] = t
	return t
}

func (l *loads) stepsTime(steps []stepSpec, depth int) (sum float64) {
	for i := range steps {
		st := &steps[i]
		n := float64(max(1, st.Times))
		if st.Chance != nil {
			n *= *st.Chance
		}
		t := time.Duration(st.Work).Seconds()
		for _, name := range []string{st.Query, st.Get} {
			if at := l.station(name); at != nil {
				t += l.stationTime(at, st)
			}
		}
		if at := l.station(st.Get); at != nil {
			t += (1 - at.HitRatio) * l.stepsTime(st.Miss, depth)
		}
		if st.Call != "" {
			t += l.time(st.Call, depth+1)
		}
		for k := range st.Parallel {
			t = max(t, l.stepsTime(st.Parallel[k:k+1], depth))
		}
		sum += n * (t + l.stepsTime(st.Steps, depth))
	}
	return sum
}

// tightest is the greatest share of its places that a service or station needs.
func (l *loads) tightest() (most float64) {
	for i := range l.sys.Services {
		if s := &l.sys.Services[i]; s.Workers > 0 {
			most = max(most, l.busy[s.Name]/float64(s.Workers*s.Replicas))
		}
	}
	for _, list := range [][]stationSpec{l.sys.Databases, l.sys.Externals} {
		for i := range list {
			if list[i].Parallelism > 0 {
				most = max(most, l.busy[list[i].Name]/float64(list[i].Parallelism))
			}
		}
	}
	return most
}

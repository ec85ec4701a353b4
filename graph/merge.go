package graph

// Merge adds the statistics of o to w; o is not changed. It is associative and
// commutative. Start and Length stay: what they mean for a sum of windows is
// the caller's business.
func (w *Window) Merge(o *Window) { w.MergeRenamed(o, nil) }

// MergeRenamed is Merge with the nodes of o renamed on the way. The visits to an
// inferred node that is renamed to a service are left out: they are what its
// callers saw, which stands with the edges, and the service did not see them.
func (w *Window) MergeRenamed(o *Window, rename map[NodeID]NodeID) {
	name := func(n NodeID) NodeID {
		if to, ok := rename[n]; ok {
			return to
		}
		return n
	}
	w.Spans += o.Spans
	w.Orphans += o.Orphans
	for id, s := range o.Routes {
		id.Node = name(id.Node)
		d := entry(w.Routes, id)
		d.merge(s, name)
	}
	for id, s := range o.Nodes {
		if to := name(id); to.Kind == id.Kind || to.Kind != Service {
			entry(w.Nodes, to).merge(s)
		}
	}
	for id, s := range o.Edges {
		inferred := id.Callee.Kind != Service
		id.Caller, id.Callee = name(id.Caller), name(id.Callee)
		d := entry(w.Edges, id)
		d.merge(s)
		if inferred && id.Callee.Kind == Service { // what was asked should have been seen there
			d.Expected += s.Attempts - s.Expected
		}
	}
	for a, n := range o.Addresses {
		w.learn(a, name(n))
	}
	for f, s := range o.Fallen {
		if w.Fallen == nil {
			w.Fallen = map[Fallen]*FallenStats{}
		}
		f.Node = name(f.Node)
		entry(w.Fallen, f).merge(s)
	}
}

// entry returns the map's value for the key, made where it is missing.
func entry[K comparable, V any](m map[K]*V, k K) *V {
	v := m[k]
	if v == nil {
		v = new(V)
		m[k] = v
	}
	return v
}

// learn notes that n answers at a; several that do make the address ambiguous.
func (w *Window) learn(a Address, n NodeID) {
	if had, ok := w.Addresses[a]; ok && had != n {
		n = NodeID{}
	}
	w.Addresses[a] = n
}

// mergeOwn merges all but accounts and shapes.
func (r *RouteStats) mergeOwn(o *RouteStats, source NodeID) {
	r.Requests += o.Requests
	r.Failed += o.Failed
	r.Weight += o.Weight
	r.FailedWeight += o.FailedWeight
	r.WeightedTime += o.WeightedTime
	r.taken(source)
	r.Time.Merge(o.Time)
	r.Latency.Merge(&o.Latency)
	r.Examples.merge(&o.Examples)
}

func (r *RouteStats) merge(o *RouteStats, name func(NodeID) NodeID) {
	r.mergeOwn(o, name(o.Source))
	r.mergeShapes(o, name)
	if r.Accounts == nil {
		r.Accounts = make(map[AccountID]*AccountStats, len(o.Accounts))
	}
	for id, s := range o.Accounts {
		id.Caller, id.Node = name(id.Caller), name(id.Node)
		entry(r.Accounts, id).merge(s)
	}
}

func (a *AccountStats) merge(o *AccountStats) {
	a.Time += o.Time
	a.Visits += o.Visits
	a.Logical += o.Logical
	a.Roots += o.Roots
	a.Failures += o.Failures
}

func (r *RouteStats) mergeShapes(o *RouteStats, name func(NodeID) NodeID) {
	if r.Shapes == nil {
		r.Shapes = make(map[Shape]ShapeStats, len(o.Shapes))
	}
	for s, n := range o.Shapes {
		s.Node, s.Above = name(s.Node), name(s.Above)
		d := r.Shapes[s]
		d.add(n)
		r.Shapes[s] = d
	}
}

func (s *ShapeStats) add(o ShapeStats) {
	s.Requests += o.Requests
	s.Spans += o.Spans
	s.After += o.After
}

func (n *NodeStats) merge(o *NodeStats) {
	n.All.merge(&o.All)
	if n.Operations == nil {
		n.Operations = make(map[string]*VisitStats, len(o.Operations))
		n.Instances = make(map[Instance]*VisitStats, len(o.Instances))
	}
	for k, s := range o.Operations {
		entry(n.Operations, k).merge(s)
	}
	for k, s := range o.Instances {
		entry(n.Instances, k).merge(s)
	}
}

func (v *VisitStats) merge(o *VisitStats) {
	v.Visits += o.Visits
	v.Failed += o.Failed
	v.FailedOwn += o.FailedOwn
	v.Time.Merge(o.Time)
	v.Self.Merge(o.Self)
	v.First.Merge(o.First)
	v.GapIn.Merge(o.GapIn)
	v.TimeOK.Merge(o.TimeOK)
	v.SelfOK.Merge(o.SelfOK)
	v.Occupancy += o.Occupancy
	v.Orphan += o.Orphan
	v.Repeated += o.Repeated
	v.Latency.Merge(&o.Latency)
	v.Examples.merge(&o.Examples)
}

func (e *EdgeStats) merge(o *EdgeStats) {
	e.Calls += o.Calls
	e.Failed += o.Failed
	e.Attempts += o.Attempts
	for i, n := range o.Outcomes {
		e.Outcomes[i] += n
	}
	e.Paired += o.Paired
	e.Expected += o.Expected
	e.Time.Merge(o.Time)
	e.Gap.Merge(o.Gap)
	e.Before.Merge(o.Before)
	e.Wait.Merge(o.Wait)
	e.Backoff += o.Backoff
	e.Unseen += o.Unseen
	e.Abandoned += o.Abandoned
	e.InVain += o.InVain
	e.Orphan += o.Orphan
	e.Occupancy += o.Occupancy
	e.Latency.Merge(&o.Latency)
}

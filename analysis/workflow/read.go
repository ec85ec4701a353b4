package workflow

import (
	"cmp"
	"slices"

	"headwater/analysis"
	"headwater/graph"
	"headwater/graph/trace"
)

// Options change what is reported. The zero Options judge every workflow and
// learn from all that ended well.
type Options struct {
	// Incident bounds the start of the workflows that are judged; the others are
	// learned from alone. A zero End is no bound.
	Incident *analysis.Interval
	// Trouble are stretches of time of which nothing is learned.
	Trouble []analysis.Interval
	// Keys names the attributes that are business keys. Without any, they are
	// found.
	Keys []string
	// MaxTraces bounds how many traces that change state are kept.
	MaxTraces int
}

// Reader takes traces and keeps of each what the Report needs. It is not safe
// for concurrent use.
type Reader struct {
	opt      Options
	places   numbered[place]
	sites    numbered[site]
	keyNames numbered[string]
	records  []record
	traces   map[trace.TraceID]int32
	reading  *graph.Reading // of the trace at hand

	paired map[site]int64  // requests whose callee was seen
	calls  map[place]int64 // made from there

	spans            int64
	parents, missing int64 // spans that others name as their parent; of those, the ones that never came
	latest           int64 // end of the newest span
	seen, leftOut    int64
}

// NewReader makes a Reader that has seen nothing.
func NewReader(opt Options) *Reader {
	opt.MaxTraces = cmp.Or(opt.MaxTraces, defaultMaxTraces)
	return &Reader{
		opt: opt, places: numbered[place]{bound: maxPlaces}, sites: numbered[site]{bound: maxSites}, keyNames: numbered[string]{bound: maxKeyNames},
		traces: map[trace.TraceID]int32{}, paired: map[site]int64{}, calls: map[place]int64{},
	}
}

// Baseline takes a trace of a time when the system was well: it is learned from
// and not judged.
func (r *Reader) Baseline(t *trace.Trace) { r.read(t, true) }

// Add takes a trace, which must be whole: one that comes a second time is passed
// over. Nothing of t is kept. Business keys are found where t.Full is there.
func (r *Reader) Add(t *trace.Trace) { r.read(t, false) }

func (r *Reader) read(t *trace.Trace, baseline bool) {
	if len(t.Spans) == 0 {
		return
	}
	r.seen++
	r.spans += int64(len(t.Spans))
	r.countMissing(t)
	if !baseline {
		for i := range t.Spans {
			r.latest = max(r.latest, min(t.Spans[i].End, t.Spans[i].Start+trace.MaxDuration))
		}
	}
	rec := record{id: t.ID, baseline: baseline, start: t.Spans[0].Start, entry: none, weight: t.Spans[0].Weight}
	if r.reading == nil {
		r.reading = graph.Read(t, nil)
	} else {
		r.reading.Next(t)
	}
	g := r.reading
	at := r.visits(g, &rec)
	r.callsOf(g, &rec, at)
	r.served(g, &rec, at)
	linked := slices.ContainsFunc(rec.visits, func(v visit) bool { return len(v.messages) > 0 && v.messages[0].TraceID != t.ID })
	if len(rec.events) == 0 && !linked {
		return
	}
	if _, again := r.traces[t.ID]; again {
		return
	}
	if len(r.records) >= r.opt.MaxTraces {
		r.leftOut++
		return
	}
	r.keysOf(t, &rec)
	rec.visits, rec.events = slices.Clip(rec.visits), slices.Clip(rec.events)
	r.traces[t.ID] = int32(len(r.records))
	r.records = append(r.records, rec)
}

// countMissing counts the spans that others name as their parent, and those of
// them that never came.
func (r *Reader) countMissing(t *trace.Trace) {
	for i := range t.Nodes {
		if len(t.Nodes[i].Children) > 0 {
			r.parents++
		}
	}
	for at, i := range t.Roots {
		if t.Nodes[i].Notes&trace.NoteOrphan == 0 || slices.ContainsFunc(t.Roots[:at], func(o int32) bool { return t.Spans[o].Parent == t.Spans[i].Parent }) {
			continue
		}
		r.parents++
		r.missing++
	}
}

// full is the span with all its attributes, where they are known.
func full(t *trace.Trace, i int32) words {
	if t.Full == nil {
		return words{}
	}
	return words{&t.Full[i]}
}

// visits notes the stays at services. It gives for each visit of the trace the
// number of its record, or none.
func (r *Reader) visits(g *graph.Reading, rec *record) []int32 {
	t := g.Trace
	at := make([]int32, len(g.Visits))
	for vi := range g.Visits {
		v := &g.Visits[vi]
		s, n := &t.Spans[v.Entry], &t.Nodes[v.Entry]
		rec.end = max(rec.end, n.RawEnd-n.Shift)
		p := r.places.number(place{g.Node(v.Node), g.Word(v.Operation)})
		at[vi] = none
		if p == none || len(rec.visits) >= maxVisits {
			continue
		}
		at[vi] = int32(len(rec.visits))
		w := visit{
			place: p, parent: none, call: v.Call, attempt: v.Attempt, failed: s.Outcome != trace.OK,
			root: s.Parent.IsZero(), consumes: s.Kind == trace.KindConsumer, start: s.Start, end: s.End,
			cut: n.Notes&trace.NoteOrphan != 0 && s.Kind != trace.KindServer && s.Kind != trace.KindConsumer,
		}
		if v.Parent >= 0 {
			w.parent = at[v.Parent]
		}
		w.messages = r.messages(t, v.Entry)
		if w.root && rec.entry == none && len(w.messages) == 0 {
			rec.entry = at[vi]
			rec.safe = safeMethod(full(t, v.Entry).method(s.Class))
		}
		rec.failed = rec.failed || w.failed
		rec.visits = append(rec.visits, w)
	}
	for i := range t.Spans {
		rec.end = max(rec.end, min(t.Spans[i].End, t.Spans[i].Start+trace.MaxDuration))
	}
	return at
}

// messages are what the span that began a visit says it was sent.
func (r *Reader) messages(t *trace.Trace, i int32) []trace.Ref {
	s, p := &t.Spans[i], t.Nodes[i].Parent
	if s.Kind == trace.KindConsumer && !s.Parent.IsZero() && (p < 0 || t.Spans[p].Kind == trace.KindProducer || t.Nodes[i].Async) {
		return []trace.Ref{{TraceID: t.ID, SpanID: s.Parent}}
	}
	if s.Kind != trace.KindConsumer && s.Kind != trace.KindServer && !s.Parent.IsZero() || s.Kind == trace.KindProducer {
		return nil
	}
	var out []trace.Ref
	for _, l := range s.Links {
		if len(out) < maxVisits && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// callsOf notes the calls that change state and of which nothing deeper is seen.
func (r *Reader) callsOf(g *graph.Reading, rec *record, at []int32) {
	t := g.Trace
	for ci := range g.Calls {
		c := &g.Calls[ci]
		for ai := range c.Attempts {
			a := &c.Attempts[ai]
			from := a.Client
			if from < 0 {
				from = a.Parent
			}
			if from < 0 {
				continue
			}
			v := g.VisitOf[from]
			home := place{g.Node(g.Visits[v].Node), g.Word(g.Visits[v].Operation)}
			if ai == 0 {
				count(r.calls, home, maxPlaces)
			}
			rec.failed = rec.failed || a.Outcome != trace.OK
			if a.Client < 0 || a.Part || at[v] == none {
				continue
			}
			w := full(t, a.Client)
			s := &t.Spans[a.Client]
			if r.transactionEnds(rec, g, c, a, at[v]) {
				continue
			}
			k, writes := siteOf(g, c, a, w)
			k.home, k.cut = home, rec.visits[at[v]].cut
			if k.cut {
				k.home.operation = ""
			}
			switch {
			case !writes:
			case k.kind == requestSite && a.Server >= 0:
				count(r.paired, k, maxSites)
			default:
				r.note(rec, k, event{visit: at[v], call: int32(ci), attempt: int32(ai), state: w.stateOf(a.Outcome), span: s.SpanID, start: s.Start, end: s.End})
			}
		}
	}
}

// count counts, up to a bound on what there is to count.
func count[K comparable](m map[K]int64, k K, bound int) {
	if _, ok := m[k]; ok || len(m) < bound {
		m[k]++
	}
}

// siteOf reads what a call changes.
func siteOf(g *graph.Reading, c *graph.Call, a *graph.Attempt, w words) (k site, writes bool) {
	s := &g.Trace.Spans[a.Client]
	k.target = g.Node(c.Callee)
	switch {
	case s.Peer.Kind == trace.PeerDatabase || s.Peer.Kind == trace.PeerCache:
		k.kind, k.call, writes = databaseSite, s.Operation, writingQueries[w.query(s.Class)]
		if s.Peer.Kind == trace.PeerCache {
			k.kind = cacheSite
		}
	case s.Peer.Kind == trace.PeerQueue || s.Kind == trace.KindProducer:
		k.kind, k.call, writes = publishSite, "send", w.sends(s.Kind)
	default:
		k.kind = requestSite
		k.call, writes = w.request(s.Class)
		if peer, ok := graph.PeerOf(s.Class); ok {
			k.target = peer // whether the callee was seen or not
		}
	}
	return k, writes
}

// note keeps an attempt at a step. Messages are not grouped into calls by the
// graph: what is sent once more after it failed is another attempt.
func (r *Reader) note(rec *record, k site, e event) {
	n := r.sites.number(k)
	if n == none || len(rec.events) >= maxEvents {
		return
	}
	e.site = n
	if k.kind == publishSite {
		for i := len(rec.events) - 1; i >= 0; i-- {
			if b := &rec.events[i]; b.site == n && b.visit == e.visit {
				if b.state != committed {
					e.call, e.attempt = b.call, b.attempt+1
				}
				break
			}
		}
	}
	rec.events = append(rec.events, e)
}

// transactionEnds takes in how a transaction ended: what it wrote is undone by a
// rollback, or where its commit failed.
func (r *Reader) transactionEnds(rec *record, g *graph.Reading, c *graph.Call, a *graph.Attempt, v int32) bool {
	s := &g.Trace.Spans[a.Client]
	if s.Peer.Kind != trace.PeerDatabase {
		return false
	}
	verb := full(g.Trace, a.Client).query(s.Class)
	if !endsTransaction(verb) {
		return false
	}
	if verb == "commit" && a.Outcome == trace.OK {
		return true
	}
	for i := range rec.events {
		e := &rec.events[i]
		if k := &r.sites.list[e.site]; e.visit == v && k.target == g.Node(c.Callee) && e.end <= s.Start && e.state == committed {
			e.state = failed
			if verb == "commit" && a.Outcome != trace.Failed {
				e.state = unknown
			}
		}
	}
	return true
}

// served notes visits that ask to change state and make no calls: whether their
// service ever makes any is known only in the end.
func (r *Reader) served(g *graph.Reading, rec *record, at []int32) {
	t := g.Trace
	calls := make([]bool, len(g.Visits))
	for ci := range g.Calls {
		for _, a := range g.Calls[ci].Attempts {
			if a.Client >= 0 {
				calls[g.VisitOf[a.Client]] = true
			} else if a.Parent >= 0 {
				calls[g.VisitOf[a.Parent]] = true
			}
		}
	}
	for vi := range g.Visits {
		v := &g.Visits[vi]
		s := &t.Spans[v.Entry]
		if calls[vi] || at[vi] == none || s.Kind != trace.KindServer {
			continue
		}
		w := full(t, v.Entry)
		if _, writes := w.request(s.Class); !writes {
			continue
		}
		here := place{g.Node(v.Node), g.Word(v.Operation)}
		r.note(rec, site{home: here, kind: servedSite, target: here.service, call: here.operation},
			event{visit: at[vi], call: none, attempt: none, state: w.stateOf(s.Outcome), span: s.SpanID, start: s.Start, end: s.End})
	}
}

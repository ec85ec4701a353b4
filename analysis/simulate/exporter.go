package simulate

import "headwater/graph/trace"

// Batch is what one instance sends at once. Its spans share one Resource.
type Batch struct {
	At    int64 // virtual time of sending, Unix nanoseconds
	Spans []trace.Span
}

// exporter collects an instance's ended spans and sends them every few seconds,
// or when it holds enough of them, as the SDKs' batch processors do.
type exporter struct {
	spans   []trace.Span
	planned bool
	gen     uint64
}

const (
	exportEvery = 5e9 // ns
	exportFull  = 512 // spans
)

// record takes an ended span.
func (e *engine) record(in *instance, s *trace.Span) {
	if e.loss > 0 && e.lossRNG.Float64() < e.loss {
		return
	}
	s.Start += in.skew
	s.End += in.skew
	s.Resource = in.resource
	s.Flags = e.flags
	s.TraceState = e.traceState
	x := &in.out
	if x.spans == nil {
		x.spans = make([]trace.Span, 0, e.usualBatch)
	}
	x.spans = append(x.spans, *s)
	if len(x.spans) >= exportFull {
		e.export(in)
		return
	}
	if !x.planned {
		x.planned = true
		// Each process counts its seconds from its own start.
		phase := int64(mix(uint64(in.service.index)<<16|uint64(in.index)) % exportEvery)
		e.agenda.add(e.now+exportEvery-(e.now+phase)%exportEvery, (*flush)(in), x.gen)
	}
}

// flush is an instance whose exporter's time has come.
type flush instance

func (f *flush) fire(e *engine, gen uint64) {
	in := (*instance)(f)
	if in.out.gen == gen {
		e.export(in)
	}
}

// export sends what an instance holds.
func (e *engine) export(in *instance) {
	x := &in.out
	x.gen++
	x.planned = false
	if len(x.spans) == 0 {
		return
	}
	b := Batch{At: e.now, Spans: x.spans}
	x.spans = nil
	if err := e.emit(b); err != nil && e.err == nil {
		e.err = err
	}
}

// lose drops what an instance holds: its process died.
func (x *exporter) lose() {
	x.spans = nil
	x.planned = false
	x.gen++
}

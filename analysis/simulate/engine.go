package simulate

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"headwater/analysis/accuracy"
	"headwater/graph/trace"
)

// Options are what a run may change of its scenario. The zero Options change
// nothing.
type Options struct {
	Seed   uint64
	Start  time.Time     // of virtual time; the zero time is DefaultStart
	Sample float64       // share of traces that are recorded; 0: as the scenario says
	Loss   float64       // share of spans that are lost; 0: as the scenario says
	Skew   time.Duration // clocks differ by up to this; 0: as the scenario says
}

// DefaultStart is the virtual time at which runs begin: a Monday morning.
var DefaultStart = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// drain is how long after its end a run lets requests in work come to an end, in
// nanoseconds of virtual time.
const drain = 60e9

// mostTicks bounds the notes of a long run.
const mostTicks = 3600

// Run plays a scenario: it calls emit with every batch in the order of its time
// and returns what really happened. The same scenario, seed and options give
// the same batches. Memory is bounded by what is in flight. Run stops at the
// first error of emit, or when ctx ends.
func Run(ctx context.Context, sc *Scenario, opt Options, emit func(Batch) error) (*accuracy.Truth, error) {
	e := newEngine(sc, opt, emit)
	if err := e.run(ctx); err != nil {
		return nil, err
	}
	return e.truth(), nil
}

// engine is one run.
type engine struct {
	*world
	scenario *Scenario
	agenda   agenda
	now      int64
	start    int64
	end      int64 // arrivals end
	length   int64 // of a tick: how often the state of every component is noted, in ns
	emit     func(Batch) error
	err      error
	sighted  func(sight) // is told of every call whose spans were made; may be nil
	meter    *meter      // counts what spans would show; nil where they are made

	traceRNG   *rand.Rand
	lossRNG    *rand.Rand
	loss       float64
	threshold  uint64 // traces whose randomness is below are not recorded
	traceState string
	flags      uint32
	usualBatch int

	runs     pool[run]
	visits   pool[visit]
	calls    pool[call]
	attempts pool[attempt]
	flows    pool[flow]
	messages pool[message]
	ended    []job // of the host at hand; kept for its memory

	halfDone []accuracy.HalfDone
}

func newEngine(sc *Scenario, opt Options, emit func(Batch) error) *engine {
	if opt.Start.IsZero() {
		opt.Start = DefaultStart
	}
	e := &engine{
		scenario: sc, emit: emit, start: opt.Start.UnixNano(), usualBatch: 32, flags: flagSampled | flagRandom,
		traceRNG: newStream(opt.Seed, partTrace), lossRNG: newStream(opt.Seed, partLoss),
		loss: first(opt.Loss, sc.Loss),
	}
	e.now = e.start
	e.end = e.start + int64(sc.Duration)
	e.length = max(int64(time.Second), int64(sc.Duration)/mostTicks)
	e.world = build(&sc.Parts, opt.Seed)
	e.world.setClocks(opt.Seed, first(opt.Skew, time.Duration(sc.Skew)))
	e.world.startGauges(e.start)
	if share := first(opt.Sample, sc.Sample); share > 0 && share < 1 {
		e.threshold = uint64((1 - share) * (1 << 56))
		if sc.TraceState {
			e.traceState = "ot=th:" + strings.TrimRight(zeroPad(e.threshold), "0")
		}
	}
	return e
}

// first is the first number that is not zero.
func first[T comparable](a, b T) T {
	var zero T
	if a != zero {
		return a
	}
	return b
}

// zeroPad writes a sampling threshold in 14 hexadecimal digits.
func zeroPad(t uint64) string {
	s := strconv.FormatUint(t, 16)
	return strings.Repeat("0", 14-len(s)) + s
}

// The trace flags of the W3C.
const (
	flagSampled = 1
	flagRandom  = 2
)

func (e *engine) run(ctx context.Context) error {
	for _, n := range e.entries {
		n.next(e)
	}
	e.planFaults()
	e.agenda.add(e.start+e.length, ticker{}, 0)
	for steps := 0; len(e.agenda.events) > 0; steps++ {
		if steps%4096 == 0 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
		}
		ev := e.agenda.next()
		if ev.at > e.end+drain {
			break
		}
		e.now = ev.at
		ev.who.fire(e, ev.arg)
		if e.err != nil {
			return e.err
		}
	}
	for _, s := range e.services {
		for _, in := range s.instances {
			e.export(in)
		}
	}
	return e.err
}

// forever is longer than any run, in nanoseconds.
const forever = float64(365 * 24 * time.Hour)

// after is the time that lies a number of nanoseconds ahead.
func (e *engine) after(wait float64) int64 { return e.now + int64(min(wait, forever)) }

// ticker notes the state of every component at every tick.
type ticker struct{}

func (t ticker) fire(e *engine, _ uint64) {
	e.world.tick(e.now, e.length)
	if e.now+e.length <= e.end {
		e.agenda.add(e.now+e.length, t, 0)
	}
}

// newTrace draws the id of a trace and decides whether it is recorded, by the
// id's last seven bytes, as consistent probability sampling does.
func (e *engine) newTrace() traceRef {
	var t traceRef
	binary.BigEndian.PutUint64(t.id[:8], e.traceRNG.Uint64()|1)
	low := e.traceRNG.Uint64()
	binary.BigEndian.PutUint64(t.id[8:], low)
	t.sampled = e.meter == nil && low&(1<<56-1) >= e.threshold
	return t
}

// newSpan draws the id of a span.
func (in *instance) newSpan() spanRef {
	var id trace.SpanID
	binary.BigEndian.PutUint64(id[:], in.ids.Uint64()|1)
	return spanRef{id}
}

package simulate

// edgeBook counts an edge's calls and attempts, tick by tick. Observable
// attempts are those that have a span of their own; tried calls those that were
// attempted at all, and recorded those of them whose trace was recorded.
type edgeBook struct {
	now   edgeTick
	ticks []edgeTick
}

type edgeTick struct{ calls, tried, recorded, attempts, observable int32 }

func (b *edgeBook) tick() {
	b.ticks = append(b.ticks, b.now)
	b.now = edgeTick{}
}

// sum adds up the ticks from one, up to and not including another.
func (b *edgeBook) sum(from, to int) (calls, attempts, observable int64) {
	for _, t := range b.ticks[min(from, len(b.ticks)):min(to, len(b.ticks))] {
		calls += int64(t.calls)
		attempts += int64(t.attempts)
		observable += int64(t.observable)
	}
	return calls, attempts, observable
}

// tries adds up the calls that were attempted in the ticks from one, up to and not
// including another.
func (b *edgeBook) tries(from, to int) (tried, recorded int64) {
	for _, t := range b.ticks[min(from, len(b.ticks)):min(to, len(b.ticks))] {
		tried += int64(t.tried)
		recorded += int64(t.recorded)
	}
	return tried, recorded
}

// try counts the first attempt of a call.
func (b *edgeBook) try(t traceRef) {
	b.now.tried++
	if t.sampled {
		b.now.recorded++
	}
}

// entryBook notes what users of one entry saw, tick by tick, by when they were
// done.
type entryBook struct {
	now   entryTick
	ticks []entryTick
}

type entryTick struct {
	requests, failed int
	time             float64 // ns, summed
}

// The two ways in which users are hurt, added up over a tick: failed requests,
// and seconds of waiting.
func (t entryTick) failing() float64 { return float64(t.failed) }
func (t entryTick) waiting() float64 { return t.time / 1e9 }

func (b *entryBook) note(took int64, failed bool) {
	b.now.requests++
	b.now.time += float64(took)
	if failed {
		b.now.failed++
	}
}

func (b *entryBook) tick() {
	b.ticks = append(b.ticks, b.now)
	b.now = entryTick{}
}

package simulate

// phase says where in the incident the virtual time stands.
type phase uint8

const (
	before phase = iota // until the first fault
	during              // while a fault lasts
	after               // when all faults are over
	phases
)

// counted is a count in each phase.
type counted [phases]int64

// edgeBook counts an edge's calls and attempts. Observable attempts are those
// that have a span of their own.
type edgeBook struct{ calls, attempts, observable counted }

func (e *engine) count(c *counted) { c[e.phase]++ }

// entryBook notes what users of one entry saw, by tick.
type entryBook struct {
	requests, failed int
	time             float64 // ns, summed
	ticks            []entryTick
}

type entryTick struct {
	requests, failed int
	time             float64
}

func (b *entryBook) note(took int64, failed bool) {
	b.requests++
	b.time += float64(took)
	if failed {
		b.failed++
	}
}

func (b *entryBook) tick() {
	b.ticks = append(b.ticks, entryTick{b.requests, b.failed, b.time})
	b.requests, b.failed, b.time = 0, 0, 0
}

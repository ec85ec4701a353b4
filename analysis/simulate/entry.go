package simulate

import (
	"math"
	"math/rand/v2"
)

// entry is a route by which users come in: open arrivals, as many as come,
// however slow the answers are.
type entry struct {
	index   int
	spec    *entrySpec
	name    string
	link    *link
	step    step
	rng     *rand.Rand
	traffic knob
	book    entryBook
	shown   entryBook // of it, what is recorded
}

// rateAt is the arrivals per second at a time.
func (n *entry) rateAt(e *engine) float64 {
	rate := n.spec.Rate * n.traffic.value
	if r := n.spec.Rhythm; r != nil {
		// The top of the rhythm is at two thirds of its period, 16:00 of a day.
		turn := math.Mod(float64(e.now), float64(r.Period)) / float64(r.Period)
		rate *= 1 + float64(r.Amplitude*math.Cos(2*math.Pi*(turn-2.0/3)))
	}
	if c := n.spec.Course; c != nil {
		rate *= c.Factors[min(int((e.now-e.start)/int64(c.Every)), len(c.Factors)-1)]
	}
	if b := n.spec.Burst; b != nil && (e.now-e.start)%int64(b.Every) < int64(b.Length) {
		rate *= b.Factor
	}
	return rate
}

// longestWait bounds how far ahead an arrival is drawn, in ns. Arrivals have no
// memory, so drawing again later is the same, and follows a changing rate.
const longestWait = 1e9

// next draws the next arrival.
func (n *entry) next(e *engine) {
	wait := longestWait
	arrives := uint64(0)
	if rate := n.rateAt(e); rate > 0 {
		if w := n.rng.ExpFloat64() / rate * 1e9; w < wait {
			wait, arrives = w, 1
		}
	}
	if at := e.now + int64(wait); at < e.end {
		e.agenda.add(at, n, arrives)
	}
}

func (n *entry) fire(e *engine, arrives uint64) {
	if arrives == 1 {
		c := e.calls.get()
		gen := c.gen
		*c = call{step: &n.step, link: n.link, gen: gen, began: e.now, entry: n}
		e.dial(c)
	}
	n.next(e)
}

// finishUser notes how a user's request ended, with all that the user tried.
func (e *engine) finishUser(c *call, o outcome) {
	hurt := o != ok && o != notFound || c.hollow
	c.entry.book.note(e.now-c.began, hurt)
	if c.shown {
		c.entry.shown.note(e.now-c.began, hurt)
	}
}

package simulate

// breaker is a circuit breaker: it opens when too many of the last calls
// failed, lets a single one through after a while, and closes when that went
// well.
type breaker struct {
	rate      float64 // failing, as a moving average
	seen      int
	openUntil int64 // 0 while closed
	trialing  bool
}

// allows reports whether call c may be sent now.
func (b *breaker) allows(now int64, spec *breakerSpec, c *call) bool {
	switch {
	case spec == nil || b.openUntil == 0:
		return true
	case now < b.openUntil || b.trialing:
		return false
	}
	b.trialing, c.trial = true, true
	return true
}

// note takes the outcome of call c.
func (b *breaker) note(now int64, spec *breakerSpec, c *call, good bool) {
	switch {
	case spec == nil:
	case c.trial:
		c.trial, b.trialing = false, false
		b.openUntil = now + int64(spec.Open)
		if good {
			*b = breaker{}
		}
	case b.openUntil == 0:
		bad := 0.0
		if !good {
			bad = 1
		}
		b.seen++
		b.rate += (bad - b.rate) / float64(min(b.seen, spec.Calls))
		if b.seen >= spec.Calls && b.rate >= spec.Failures {
			*b = breaker{openUntil: now + int64(spec.Open)}
		}
	}
}

package simulate

// sight is what spans can show of a call: by the clock of whoever made it, and
// without what was not sampled or was lost with its process.
type sight struct {
	caller, callee string
	start          int64 // of the first attempt that has a span, Unix nanoseconds
	attempts       int   // that have spans of their own
	hidden         bool  // more attempts may hide in that span
	again          bool  // the call was told of before: these are more attempts of it
}

// see notes an attempt that now has a span.
func (c *call) see(start int64) {
	if c.seen.attempts == 0 {
		c.seen.start = start + c.run.visit.inst.skew
	}
	c.seen.attempts++
}

func (e *engine) sightedCall(c *call) {
	if e.sighted == nil || c.seen.attempts == 0 {
		return
	}
	ed := c.link.edge
	c.seen.caller, c.seen.callee, c.seen.hidden = ed.caller.name, ed.seenAs(), ed.policy.HideRetries
	e.sighted(c.seen)
}

func (e *engine) sightedMessage(v *visit) {
	if e.sighted == nil {
		return
	}
	m := v.msg
	g := m.group
	again := m.seen != 0 && !e.linkOnly // by links alone each delivery stands for itself
	if !again {
		m.seen = v.start + v.inst.skew
	}
	e.sighted(sight{caller: g.topic.name, callee: g.service.name, start: m.seen, attempts: 1, again: again})
}

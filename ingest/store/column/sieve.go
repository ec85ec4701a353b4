package column

import (
	"bytes"

	"headwater/graph/trace"
)

// Sieve tells spans apart by what can be seen without decoding all of a block.
type Sieve struct {
	Service     string // of this service; any if empty
	Least, Most int64  // duration in nanoseconds; Most is 0 for any
	// Failing leaves out spans that ended well, as trace.OutcomeOf has it; some of
	// those may be left in.
	Failing bool
	// Texts stand in each block with a span that is wanted, byte by byte: keys of
	// attributes, and values that can be nothing but strings.
	Texts []string
}

// Select gives the spans of a block that a sieve leaves in, and the longest
// duration of all of the block's.
func (d *Decoder) Select(b []byte, by *Sieve) (spans []trace.Span, longest int64, err error) {
	f, err := readFront(b)
	if err != nil {
		return nil, 0, err
	}
	p, err := d.payload(&f, nil)
	if err != nil {
		return nil, 0, err
	}
	r := newBlockReader(&f, p)
	longest = r.longest()
	if r.payload.bad {
		return nil, 0, errDamaged
	}
	if longest < by.Least || by.Failing && !r.mayFail() || !r.hasService(by.Service) || !containsAll(p, by.Texts) {
		return nil, longest, nil
	}
	spans = r.spans(nil, func(s *trace.Span) bool {
		length := s.Duration()
		return length >= by.Least && (by.Most <= 0 || length <= by.Most) &&
			(by.Service == "" || s.Resource != nil && s.Resource.Service == by.Service)
	})
	if !r.intact() {
		return nil, 0, errDamaged
	}
	return spans, longest, nil
}

func containsAll(p []byte, texts []string) bool {
	for _, t := range texts {
		if !bytes.Contains(p, []byte(t)) {
			return false
		}
	}
	return true
}

func (r *blockReader) longest() int64 {
	longest := int64(0)
	for c := r.durations; len(c.buf) > 0; {
		longest = max(longest, c.int())
	}
	return longest
}

func (r *blockReader) hasService(name string) bool {
	if name == "" {
		return true
	}
	for _, o := range r.resources {
		if o != nil && o.Service == name {
			return true
		}
	}
	return false
}

// mayFail reports whether a span of the block may have failed: by its status, or
// by the code of an answer.
func (r *blockReader) mayFail() bool {
	if bytes.IndexByte(r.statuses.buf, byte(trace.StatusError)) >= 0 {
		return true
	}
	for i := range r.attrs.columns {
		if c := &r.attrs.columns[i]; trace.TellsOutcome(c.key) && !c.wellEnded() {
			return true
		}
	}
	return false
}

// wellEnded reports whether all values of a column are codes of answers that
// are no failures.
func (r *columnReader) wellEnded() bool {
	if r.kind != trace.ValueInt {
		return false
	}
	for c := r.data; len(c.buf) > 0; {
		if v := c.int(); v != 0 && (v < 100 || v >= 400) && v != 404 {
			return false
		}
	}
	return true
}

package mend

import (
	"maps"
	"slices"

	"headwater/graph/trace"
)

// The kinds of repairs, as reports name them.
const (
	Base64ID       = "id in base64 instead of hexadecimal digits"
	OddID          = "id with an unusual number of digits, padded"
	BadParent      = "parent id that can't be read, taken as none"
	BadLink        = "link to an id that can't be read, left out"
	NegativeCount  = "negative count, taken as 0"
	NoStart        = "no start time, taken from the end"
	NoEnd          = "no end time, taken from the start"
	EndBeforeStart = "end before the start, taken as no duration"
	NegativeTime   = "negative time or duration, taken as 0"
	BadKind        = "unknown span kind, taken as unspecified"
	BadTag         = "tag or attribute that can't be read, left out"
	BadTime        = "time that can't be read"
	NoDoc          = "segment document that can't be read, left out"
	Abbreviated    = "value that the console exporter abbreviated"
)

// Mender counts repairs by kind, and remembers who emitted spans and halves of ids. The zero
// Mender is ready; it is not safe for concurrent use.
type Mender struct {
	counts    map[string]int64
	resources map[string]*trace.Resource
	scopes    map[scopeName]*trace.Scope
	// halves are the left halves of trace ids by their right ones.
	halves, olderHalves map[trace.SpanID][8]byte
}

// Add counts one repair.
func (m *Mender) Add(what string) {
	if m.counts == nil {
		m.counts = map[string]int64{}
	}
	m.counts[what]++
}

// Take calls f for each kind of repair, by name, and forgets them.
func (m *Mender) Take(f func(what string, count int64)) {
	if len(m.counts) == 0 {
		return
	}
	for _, what := range slices.Sorted(maps.Keys(m.counts)) {
		f(what, m.counts[what])
	}
	clear(m.counts)
}

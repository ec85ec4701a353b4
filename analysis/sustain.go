package analysis

import (
	"fmt"
	"math"

	"headwater/graph"
)

// sustained reports whether something that feeds on itself kept users hurt for a
// minute after what set the incident off was gone, and says what: callers or users
// who try again, or a cache that lost its content. A backlog that is worked off
// ends by itself, and is none.
func (x *explainer) sustained(c course) (metastable bool, sentence string) {
	windows := x.during
	if x.at.open {
		windows = x.windows[x.at.from:]
	}
	list := x.pressings(windows)
	from := x.since(c, list, len(windows))
	until := hurtUntil(list, from, len(windows))
	if until-from < lingering {
		return false, ""
	}
	by, most := "", 0.0
	for _, p := range list {
		was := over(p.values, from, until)
		switch p.Kind {
		case PressingColdCache:
			if from < len(p.values) && cold(p, over(p.values, from, from+1)) && was > p.limit {
				return true, fmt.Sprintf("What set it off was over at %s; %s had lost its content, and what it could not answer kept the pressure up.", clock(windows[from].Start), p.Subject)
			}
		case PressingRetries:
			e := edge(x.whole.now, graph.EdgeID{Caller: p.caller, Callee: p.node})
			if more := float64(e.Attempts) - p.Usual*float64(e.Calls); was > p.limit && more > most {
				most, by = more, "the retries of "+p.caller.Name+"->"+p.node.Name
			}
		case PressingUsers:
			if more := (was - p.Usual) * float64(until-from); was > (1+tried)*p.Usual && more > most {
				most, by = more, "users who try "+p.Subject+" again"
			}
		}
	}
	if by == "" {
		return false, ""
	}
	return true, fmt.Sprintf("What set it off was gone at %s; %s kept the pressure up.", clock(windows[from].Start), by)
}

// hurtUntil is the end of the windows in which users were hurt, short pauses
// bridged.
func hurtUntil(list []*pressed, from, windows int) int {
	until := from
	for i := from; i < windows && i-until < lingering; i++ {
		for _, p := range list {
			if (p.Kind == PressingQueue || p.Kind == PressingFailures) && i < len(p.values) && p.values[i] > p.limit {
				until = i + 1
			}
		}
	}
	return until
}

// over is the mean of the values that are known in [from, to).
func over(values []float64, from, to int) float64 {
	total, n := 0.0, 0
	for i := from; i < min(to, len(values)); i++ {
		if !math.IsNaN(values[i]) {
			total += values[i]
			n++
		}
	}
	return total / float64(max(1, n))
}

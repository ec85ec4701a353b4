package accuracy

import (
	"fmt"
	"io"
	"math"
	"time"

	"headwater/analysis"
)

// Aspects are what a report says of an incident beside its cause.
type Aspects struct {
	// Storm is set where users would have lost less had retries been cut somewhere;
	// Cut where the call named for containment is one whose retries, or those of all
	// callers of its callee, cost at least half as much as the costliest.
	Storm, Cut bool
	// Capped is set where the advice is to cap the retries of a call, and Harmful
	// where users would have lost more by that.
	Capped, Harmful bool
	// Lags are, for each call whose two ends were reached, by how many seconds the
	// lag from callee to caller is off.
	Lags []float64
	// Removed and Well are by how much the end of the trigger and that of the
	// users' pain are off; nil where the truth has none within the recording.
	Removed, Well *time.Duration
	// Unattributed is the part of the users' pain that no account explains.
	Unattributed float64
}

func aspects(t *Truth, inc *analysis.Incident) Aspects {
	a := Aspects{Unattributed: inc.Balance.Unattributed}
	a.contained(t, inc)
	a.lags(t, inc)
	if inc.End == nil {
		return a
	}
	removed := *inc.End
	for i := range inc.Phases {
		if p := &inc.Phases[i]; p.Name == analysis.PhaseRecovery {
			removed = p.Start
		}
	}
	off := func(at time.Time, truth int64) *time.Duration {
		if truth == 0 {
			return nil
		}
		d := at.Sub(time.Unix(0, truth))
		return &d
	}
	a.Removed, a.Well = off(removed, t.TriggerEnd), off(*inc.End, t.UsersWell)
	return a
}

// noticed is the share of their pain that must make a difference to users.
const noticed = 0.05

func (a *Aspects) contained(t *Truth, inc *analysis.Incident) {
	if t.Pain == 0 {
		return
	}
	most, named, known := 0.0, math.Inf(-1), false
	for i := range t.Cuts {
		cut := &t.Cuts[i]
		spared := 1 - cut.Pain/t.Pain
		most = max(most, spared)
		if c := inc.Containment; c != nil && c.Callee.Name == cut.Callee && (c.Caller.Name == cut.Caller || cut.Caller == AllCallers) {
			named, known = max(named, spared), true
		}
	}
	a.Storm = most >= noticed
	a.Cut = a.Storm && named >= most/2
	a.Capped = known && inc.Containment.By == "cap-retries"
	a.Harmful = a.Capped && named <= -noticed
}

func (a *Aspects) lags(t *Truth, inc *analysis.Incident) {
	really, said := map[string]float64{}, map[string]float64{}
	for _, o := range t.Order {
		first := o.Own
		if first == 0 || o.Pressed != 0 && o.Pressed < first {
			first = o.Pressed
		}
		really[o.Service] = float64(first) / 1e9
	}
	for _, h := range inc.Order {
		said[h.Name] = h.Lag
	}
	for i := range t.Edges {
		e := &t.Edges[i]
		r0, ok0 := really[e.Callee]
		r1, ok1 := really[e.Caller]
		s0, ok2 := said[e.Callee]
		s1, ok3 := said[e.Caller]
		if ok0 && ok1 && ok2 && ok3 {
			a.Lags = append(a.Lags, math.Abs((s1-s0)-(r1-r0)))
		}
	}
}

// aspectsOf sums aspects up.
type aspectsOf struct {
	storms, cut   int
	caps, harmful int
	lags          []float64
	removed, well []time.Duration
	unattributed  []float64
}

func (s *aspectsOf) add(a *Aspects) {
	if a.Storm {
		s.storms++
	}
	if a.Cut {
		s.cut++
	}
	if a.Capped {
		s.caps++
	}
	if a.Harmful {
		s.harmful++
	}
	s.lags = append(s.lags, a.Lags...)
	if a.Removed != nil {
		s.removed = append(s.removed, *a.Removed)
	}
	if a.Well != nil {
		s.well = append(s.well, *a.Well)
	}
	s.unattributed = append(s.unattributed, a.Unattributed)
}

func (s *aspectsOf) merge(o *aspectsOf) {
	s.storms += o.storms
	s.cut += o.cut
	s.caps += o.caps
	s.harmful += o.harmful
	s.lags = append(s.lags, o.lags...)
	s.removed = append(s.removed, o.removed...)
	s.well = append(s.well, o.well...)
	s.unattributed = append(s.unattributed, o.unattributed...)
}

// near is what counts as hit in time: two windows.
const near = 20 * time.Second

func (s *aspectsOf) write(w io.Writer) {
	if s.storms > 0 {
		fmt.Fprintf(w, "\nRetry storms that a cut would have eased: the call to cut named in %d of %d.\n", s.cut, s.storms)
	}
	if s.caps > 0 {
		fmt.Fprintf(w, "\nAdvice to cap retries: %d of %d would have hurt users more.\n", s.harmful, s.caps)
	}
	if len(s.lags) > 0 {
		fmt.Fprintf(w, "\nLag of a hop off by %.0f s (median of %d).\n", median(s.lags), len(s.lags))
	}
	for _, e := range []struct {
		what string
		off  []time.Duration
	}{{"End of the trigger", s.removed}, {"End of the users' pain", s.well}} {
		hit := 0
		for _, d := range e.off {
			if d.Abs() <= near {
				hit++
			}
		}
		if len(e.off) > 0 {
			fmt.Fprintf(w, "\n%s within two windows: %d of %d.\n", e.what, hit, len(e.off))
		}
	}
	over := 0
	for _, u := range s.unattributed {
		if u > 0.05 {
			over++
		}
	}
	if len(s.unattributed) > 0 {
		fmt.Fprintf(w, "\nMore than 5%% of the pain unattributed: %d of %d.\n", over, len(s.unattributed))
	}
}

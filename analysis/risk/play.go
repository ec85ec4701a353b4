package risk

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"headwater/graph"
)

// Seen is what was seen of how a system is set, and its windows: what a replay is
// made from.
type Seen struct {
	// Windows are those outside of trouble, Trouble the others.
	Windows, Trouble []*graph.Window
	Timeouts         map[graph.EdgeID]time.Duration // where durations pile up
	Attempts         map[graph.EdgeID]int           // the most of one call
	Places           map[graph.NodeID]int           // of a copy, where they are limited
	// Most is how many were at a node at a time, at most, all copies together;
	// Longest is the longest call that was waited for to its end.
	Most    map[graph.NodeID]int
	Longest map[graph.EdgeID]time.Duration
}

// see takes from an analyst what a replay needs.
func (a *analyst) see() Seen {
	out := Seen{
		Windows: a.windows, Trouble: a.trouble, Timeouts: map[graph.EdgeID]time.Duration{}, Attempts: map[graph.EdgeID]int{},
		Places: map[graph.NodeID]int{}, Most: map[graph.NodeID]int{}, Longest: map[graph.EdgeID]time.Duration{},
	}
	for _, k := range a.sortedEdges {
		id, e := graph.EdgeID{Caller: k.caller, Callee: k.callee}, a.edges[k]
		if d := a.deadlines[k]; d.at > 0 {
			out.Timeouts[id] = time.Duration(d.at * 1e9)
		}
		out.Attempts[id] = int(e.most)
		out.Longest[id] = time.Duration(e.longest.duration)
	}
	for _, p := range a.pools {
		if !p.from.IsZero() {
			continue
		}
		out.Most[p.at] = p.most
		if p.limit > 0 {
			out.Places[p.at] = (p.limit + p.copies - 1) / p.copies
		}
	}
	return out
}

// Player plays the system with a part of it slowed down for a while.
type Player interface {
	// Unlike says why nothing can be told of a node; it is empty where it can.
	Unlike(graph.NodeID) string
	// Slow slows a node by a factor. felt: users are hurt meanwhile; stuck: they are
	// still some minutes after it; seen: it took nothing that was not seen to be
	// borne.
	Slow(ctx context.Context, id graph.NodeID, factor float64) (felt, stuck, seen bool, err error)
	// Retried slows a node by a factor that the system does not come back from: the
	// calls that are retried when it is over, the most first, and how many attempts
	// each has.
	Retried(ctx context.Context, id graph.NodeID, factor float64) (calls []graph.EdgeID, attempts []float64, err error)
	// Mend finds the smallest change to these calls with which the system comes back:
	// in words, empty where none does, and how many were tried.
	Mend(ctx context.Context, id graph.NodeID, factor float64, retried []graph.EdgeID) (change string, tried int, err error)
}

// RiskPlayed is what a replay says of slowing a dependency down.
type RiskPlayed struct {
	Known bool   `json:"known"`
	Why   string `json:"why,omitempty"` // it is not known
	// Felt is by what factor its own work must get slower for users to feel it,
	// Stuck for the system not to come back by itself once it is as before.
	Felt  RiskLimit `json:"felt"`
	Stuck RiskLimit `json:"stuck"`
	// Held is what keeps the system from coming back; null where it does, or where
	// that takes more than dependencies commonly do.
	Held     *RiskHeld `json:"held"`
	Sentence string    `json:"sentence"`
}

// RiskLimit is a factor that a replay found.
type RiskLimit struct {
	// Factor is 0 where it does not happen up to MostSlow, as far as was seen.
	Factor float64 `json:"factor"`
	// Least is by how much it may slow at least: beyond that, limits that never
	// showed may be reached.
	Least float64 `json:"least"`
}

// MostSlow is the greatest factor that is played.
const MostSlow = 128.0

const (
	// exactly is how far apart the bounds of a factor are in the end.
	exactly = 1.1
	// closely is how far its least may lie below a factor that is told as one.
	closely = 1.3
)

// Play finds by replay how much the dependencies that are most used may slow, of
// those in only or, where there are none, of at most so many; not again those that
// were played. tell, which may be nil, is called with how many are done of how
// many. What the replays say is judged in the end: see Judge. The error is that of
// the context; what was played until then stays.
func (r *RiskReport) Play(ctx context.Context, p Player, only []graph.NodeID, most int, tell func(done, all int)) error {
	rows := r.MostUsed(most)
	if len(only) > 0 {
		rows = slices.DeleteFunc(r.MostUsed(len(r.Room)), func(k *RiskRoom) bool { return !slices.Contains(only, k.Node) })
	}
	for i, row := range rows {
		if row.Played == nil {
			played, err := play(ctx, p, row.Node)
			if err != nil {
				return fmt.Errorf("slow %s: %w", row.Node.Name, err)
			}
			row.Played = played
		}
		if tell != nil {
			tell(i+1, len(rows))
		}
	}
	r.Judge()
	return nil
}

// MostUsed are the dependencies that most requests of users come by, at most so
// many.
func (r *RiskReport) MostUsed(most int) []*RiskRoom {
	var rows []*RiskRoom
	for i := range r.Room {
		rows = append(rows, &r.Room[i])
	}
	slices.SortStableFunc(rows, func(x, y *RiskRoom) int { return cmp.Or(cmp.Compare(y.Users, x.Users), x.Node.Compare(y.Node)) })
	return rows[:min(len(rows), most)]
}

// trial is what became of one factor.
type trial struct{ felt, stuck, seen bool }

// trials are those of one node.
type trials struct {
	p    Player
	id   graph.NodeID
	done map[float64]trial
}

func (t *trials) at(ctx context.Context, factor float64) (trial, error) {
	if o, ok := t.done[factor]; ok {
		return o, nil
	}
	felt, stuck, seen, err := t.p.Slow(ctx, t.id, factor)
	if err != nil {
		return trial{}, err
	}
	o := trial{felt || stuck, stuck, seen}
	t.done[factor] = o
	return o, nil
}

func play(ctx context.Context, p Player, id graph.NodeID) (*RiskPlayed, error) {
	if why := p.Unlike(id); why != "" {
		return &RiskPlayed{Why: why, Sentence: fmt.Sprintf("How much %s may slow is unknown. %s", id.Name, why)}, nil
	}
	t := &trials{p, id, map[float64]trial{}}
	for f := 2.0; f <= MostSlow; f *= 2 {
		o, err := t.at(ctx, f)
		if err != nil {
			return nil, err
		}
		if o.stuck {
			break
		}
	}
	out := &RiskPlayed{Known: true}
	for _, l := range []struct {
		to *RiskLimit
		is func(trial) bool
	}{{&out.Felt, func(o trial) bool { return o.felt }}, {&out.Stuck, func(o trial) bool { return o.stuck }}} {
		var err error
		if *l.to, err = t.limit(ctx, l.is); err != nil {
			return nil, err
		}
	}
	out.say(id.Name)
	if out.Stuck.Factor > 0 && out.Stuck.Factor < commonly {
		var err error
		if out.Held, err = t.held(ctx); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// limit narrows down the least factor at which something is so.
func (t *trials) limit(ctx context.Context, is func(trial) bool) (RiskLimit, error) {
	low, high := 1.0, 0.0
	for _, f := range t.factors() {
		if is(t.done[f]) {
			high = f
			break
		}
		low = f
	}
	for high > 0 && high/low > exactly {
		mid := math.Sqrt(low * high)
		o, err := t.at(ctx, mid)
		if err != nil {
			return RiskLimit{}, err
		}
		if is(o) {
			high = mid
		} else {
			low = mid
		}
	}
	out := RiskLimit{Least: 1}
	if high > 0 {
		out.Factor = round(math.Sqrt(low*high), 2)
	}
	for _, f := range t.factors() {
		if f > low || !t.done[f].seen {
			break
		}
		out.Least = round(f, 2)
	}
	return out, nil
}

func (t *trials) factors() []float64 {
	var out []float64
	for f := range t.done {
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}

// Exact reports whether the factor is bounded from both sides.
func (l RiskLimit) Exact() bool { return l.Factor > 0 && l.Factor <= closely*l.Least }

// say puts it in a sentence. What was not seen is not promised: a replay has the
// limits that showed, and no others.
func (r *RiskPlayed) say(name string) {
	var felt, stuck string
	switch f := r.Felt; {
	case f.Exact():
		felt = fmt.Sprintf("Users feel it when %s gets %s times as slow.", name, times(f.Factor))
	case f.Factor > 0:
		felt = fmt.Sprintf("Users feel it when %s gets %s times as slow; sooner, but not below %s times, where something has a limit that was never reached.", name, times(f.Factor), times(f.Least))
	case f.Least >= MostSlow:
		felt = fmt.Sprintf("Up to %s times, the most that is played, users were not seen to feel that %s is slow.", times(f.Least), name)
	default:
		felt = fmt.Sprintf("Up to %s times, users were not seen to feel that %s is slow; beyond that are limits that were never reached.", times(f.Least), name)
	}
	switch f := r.Stuck; {
	case f.Exact():
		stuck = fmt.Sprintf("From %s times on, the system does not come back by itself once it is over.", times(f.Factor))
	case f.Factor > 0:
		stuck = fmt.Sprintf("From %s times on, at the latest, the system does not come back by itself once it is over.", times(f.Factor))
	case f.Least > 1:
		stuck = fmt.Sprintf("Up to %s times, the system came back by itself with the limits, timeouts and retries that were seen; with others, which traffic never reached, it may not.", times(f.Least))
	default:
		stuck = "Whether it comes back by itself after any slowdown was not seen: it takes more than the system ever bore."
	}
	r.Sentence = felt + " " + stuck
}

func times(f float64) string {
	if f >= 10 {
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprintf("%.1f", f)
}

// Seen is what a replay is made from, of what was read so far.
func (r *Reader) Seen() Seen {
	a := r.analyst()
	a.arrange()
	a.gatherPools()
	return a.see()
}

// short says in a few words what a replay found.
func (r *RiskPlayed) short() (felt, stuck string) {
	if !r.Known {
		return "unknown", "unknown"
	}
	return r.Felt.short(), r.Stuck.short()
}

func (l RiskLimit) short() string {
	switch {
	case l.Exact():
		return "at " + times(l.Factor) + "x"
	case l.Factor > 0:
		return fmt.Sprintf("at %s to %sx", times(l.Least), times(l.Factor))
	case l.Least > 1:
		return "not seen up to " + times(l.Least) + "x"
	}
	return "not known"
}

// NotPlayed notes why no replay could be made.
func (r *RiskReport) NotPlayed(why string) {
	r.Notes = append(r.Notes, "How much dependencies may slow was not played: "+strings.TrimSuffix(why, ".")+".")
}

package trace

import (
	"cmp"
	"slices"
)

// measureSelf fills Self: the part of each node's time that no synchronous
// child covers.
func (t *Trace) measureSelf() {
	for i := range t.Nodes {
		n := &t.Nodes[i]
		covered, until := int64(0), n.Start
		for _, c := range n.Children {
			k := &t.Nodes[c]
			if k.Async || k.End <= until {
				continue
			}
			covered += k.End - max(k.Start, until)
			until = k.End
		}
		n.Self = n.End - n.Start - covered
	}
}

// Piece is a stretch of a node's own time and the share of it that is booked
// to the node: 1, or less where siblings ran at the same time.
type Piece struct {
	From, To int64 // Unix nanoseconds
	Weight   float64
}

// Pieces are the stretches of own time of each node of a trace. The zero Pieces
// is ready to use, and may be used again.
type Pieces struct {
	flat []Piece
	at   []pieceRange // of each node
	jobs []sharing
	kids []int32
}

type pieceRange struct{ from, to int32 }

// Of lists the stretches that are node i's own, in order of time.
func (p *Pieces) Of(i int32) []Piece {
	r := p.at[i]
	return p.flat[r.from:r.to:r.to]
}

// sharing is a node and the stretches that it shares out between itself and its
// children: one, or more where its siblings ran at the same time.
type sharing struct {
	node int32
	one  Piece
	more []Piece // in place of one
}

// Partition gives for every node the pieces of time that are its own: at each
// instant a node's time belongs to its k active synchronous children, 1/k each,
// recursively, and with none active to itself. Summed with their weights, the
// pieces below a root are the root's duration. Asynchronous children begin
// partitions of their own.
//
// A node under which very many children overlap is not taken apart: its time is
// its own. That bounds the cost for hostile traces.
func (t *Trace) Partition(p *Pieces) {
	p.flat, p.jobs = p.flat[:0], p.jobs[:0]
	p.at = slices.Grow(p.at[:0], len(t.Nodes))[:len(t.Nodes)]
	clear(p.at)
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if (n.Parent < 0 || n.Async) && n.End > n.Start {
			p.jobs = append(p.jobs, sharing{node: int32(i), one: Piece{n.Start, n.End, 1}})
		}
	}
	budget := 64*len(t.Nodes) + 1<<20
	for len(p.jobs) > 0 {
		j := p.jobs[len(p.jobs)-1]
		p.jobs = p.jobs[:len(p.jobs)-1]
		apart := p.waitedFor(t, j.node)
		from := int32(len(p.flat))
		switch {
		case len(p.kids) == 0 || budget < 0:
			p.keep(j)
		case apart && j.more == nil:
			p.inTurn(t, j.one)
			budget -= len(p.kids)
		default:
			given := j.more
			if given == nil {
				given = []Piece{j.one}
			}
			kids := slices.Clone(p.kids)
			own, shares, cost := t.divide(given, kids)
			budget -= cost
			p.flat = append(p.flat, own...)
			for k, c := range kids {
				if len(shares[k]) > 0 {
					p.jobs = append(p.jobs, sharing{node: c, more: shares[k]})
				}
			}
		}
		p.at[j.node] = pieceRange{from, int32(len(p.flat))}
	}
}

// keep leaves all of a node's time with itself.
func (p *Pieces) keep(j sharing) {
	if j.more == nil {
		p.flat = append(p.flat, j.one)
		return
	}
	p.flat = append(p.flat, j.more...)
}

// waitedFor fills kids with the synchronous children of a node that take any
// time, and reports whether no two of them run at once.
func (p *Pieces) waitedFor(t *Trace, i int32) (apart bool) {
	p.kids = p.kids[:0]
	apart = true
	until := t.Nodes[i].Start
	for _, c := range t.Nodes[i].Children {
		k := &t.Nodes[c]
		if k.Async || k.End <= k.Start {
			continue
		}
		p.kids = append(p.kids, c)
		apart = apart && k.Start >= until
		until = k.End
	}
	return apart
}

// inTurn shares one stretch out where the children ran one after the other.
func (p *Pieces) inTurn(t *Trace, given Piece) {
	at := given.From
	for _, c := range p.kids {
		k := &t.Nodes[c]
		from, to := max(k.Start, at), min(k.End, given.To)
		if to <= from {
			continue
		}
		if from > at {
			p.flat = append(p.flat, Piece{at, from, given.Weight})
		}
		p.jobs = append(p.jobs, sharing{node: c, one: Piece{from, to, given.Weight}})
		at = to
	}
	if given.To > at {
		p.flat = append(p.flat, Piece{at, given.To, given.Weight})
	}
}

// divide shares the given pieces between the node itself and its children,
// which are ordered by start. It returns the node's own pieces, each child's
// pieces, and the number of pieces handled.
func (t *Trace) divide(given []Piece, kids []int32) (own []Piece, shares [][]Piece, cost int) {
	shares = make([][]Piece, len(kids))
	cuts := make([]int64, 0, 2*len(kids)+2*len(given))
	for _, c := range kids {
		cuts = append(cuts, t.Nodes[c].Start, t.Nodes[c].End)
	}
	for _, p := range given {
		cuts = append(cuts, p.From, p.To)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var active []int // positions in kids
	next, g := 0, 0
	for c := 0; c+1 < len(cuts); c++ {
		from, to := cuts[c], cuts[c+1]
		active = slices.DeleteFunc(active, func(k int) bool { return t.Nodes[kids[k]].End <= from })
		for next < len(kids) && t.Nodes[kids[next]].Start <= from {
			if t.Nodes[kids[next]].End > from {
				active = append(active, next)
			}
			next++
		}
		for g < len(given) && given[g].To <= from {
			g++
		}
		if g == len(given) {
			break
		}
		if given[g].From > from {
			continue
		}
		cost += 1 + len(active)
		w := given[g].Weight
		if len(active) == 0 {
			own = appendPiece(own, Piece{from, to, w})
			continue
		}
		for _, k := range active {
			shares[k] = appendPiece(shares[k], Piece{from, to, w / float64(len(active))})
		}
	}
	return own, shares, cost
}

// appendPiece joins a piece to the one before it where nothing changed between.
func appendPiece(ps []Piece, p Piece) []Piece {
	if n := len(ps); n > 0 && ps[n-1].To == p.From && ps[n-1].Weight == p.Weight {
		ps[n-1].To = p.To
		return ps
	}
	return append(ps, p)
}

// Apportion turns shares that add up to about total into integers that add up
// to exactly total: each is rounded down and what is left goes to the largest
// remainders, the earlier first.
func Apportion(shares []float64, total int64) []int64 {
	out := make([]int64, len(shares))
	left := total
	for i, s := range shares {
		out[i] = int64(s)
		left -= out[i]
	}
	if left == 0 || len(shares) == 0 {
		return out
	}
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		ra, rb := shares[a]-float64(out[a]), shares[b]-float64(out[b])
		return cmp.Or(cmp.Compare(rb, ra), cmp.Compare(a, b))
	})
	if n := int64(len(order)); left > n || left < 0 { // the shares do not add up
		big := slices.Index(out, slices.Max(out))
		out[big] += left
		return out
	}
	for i := range left {
		out[order[i]]++
	}
	return out
}

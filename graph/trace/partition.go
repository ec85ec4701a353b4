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

// Partition gives for every node the pieces of time that are its own: at each
// instant a node's time belongs to its k active synchronous children, 1/k each,
// recursively, and with none active to itself. Summed with their weights, the
// pieces below a root are the root's duration. Asynchronous children begin
// partitions of their own.
//
// A node under which very many children overlap is not taken apart: its time is
// its own. That bounds the cost for hostile traces.
func (t *Trace) Partition() [][]Piece {
	out := make([][]Piece, len(t.Nodes))
	type job struct {
		node  int32
		given []Piece
	}
	var stack []job
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if (n.Parent < 0 || n.Async) && n.End > n.Start {
			stack = append(stack, job{int32(i), []Piece{{n.Start, n.End, 1}}})
		}
	}
	budget := 64*len(t.Nodes) + 1<<20
	for len(stack) > 0 {
		j := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		kids := t.waitedFor(j.node)
		if len(kids) == 0 || budget < 0 {
			out[j.node] = j.given
			continue
		}
		own, shares, cost := t.divide(j.given, kids)
		budget -= cost
		out[j.node] = own
		for k, c := range kids {
			if len(shares[k]) > 0 {
				stack = append(stack, job{c, shares[k]})
			}
		}
	}
	return out
}

// waitedFor lists the synchronous children of a node that take any time.
func (t *Trace) waitedFor(i int32) []int32 {
	var kids []int32
	for _, c := range t.Nodes[i].Children {
		if k := &t.Nodes[c]; !k.Async && k.End > k.Start {
			kids = append(kids, c)
		}
	}
	return kids
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
	if len(shares) == 0 {
		return out
	}
	order := make([]int, len(shares))
	left := total
	for i, s := range shares {
		out[i] = int64(s)
		left -= out[i]
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

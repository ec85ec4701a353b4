package graph

import "headwater/graph/trace"

// A shelf holds the spans of traces that are waited for, in pieces of a few, so
// that a million of them take little more room than they need, and none of it
// is left to the garbage collector.
type shelf struct {
	slabs [][]piece
	free  []int32 // pieces
}

const (
	pieceSpans = 4
	slabPieces = 1024
)

type piece struct {
	spans [pieceSpans]trace.Brief
	next  int32
}

// row is the spans of one trace on a shelf. The zero row is empty.
type row struct {
	first, last int32
	n           int
}

func (s *shelf) at(i int32) *piece { return &s.slabs[i/slabPieces][i%slabPieces] }

// add puts a span at the end of a row.
func (s *shelf) add(r *row, b *trace.Brief) {
	if r.n%pieceSpans == 0 {
		if len(s.free) == 0 {
			s.grow()
		}
		i := s.free[len(s.free)-1]
		s.free = s.free[:len(s.free)-1]
		if r.n == 0 {
			r.first = i
		} else {
			s.at(r.last).next = i
		}
		r.last = i
	}
	s.at(r.last).spans[r.n%pieceSpans] = *b
	r.n++
}

func (s *shelf) grow() {
	first := int32(len(s.slabs) * slabPieces)
	s.slabs = append(s.slabs, make([]piece, slabPieces))
	for i := int32(slabPieces - 1); i >= 0; i-- {
		s.free = append(s.free, first+i)
	}
}

// clear appends the spans of a row to a list, and empties the row.
func (s *shelf) clear(r *row, to []trace.Brief) []trace.Brief {
	at := r.first
	for left := r.n; left > 0; left -= pieceSpans {
		p := s.at(at)
		to = append(to, p.spans[:min(left, pieceSpans)]...)
		s.free = append(s.free, at)
		at = p.next
		*p = piece{}
	}
	*r = row{}
	return to
}

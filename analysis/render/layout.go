package render

import (
	"cmp"
	"slices"

	"headwater/analysis"
	"headwater/graph"
)

// layout is where the nodes of a picture stand, in columns by depth, and where
// calls pass that reach over columns: each has a slot of its own there, so that
// it does not run through a node.
type layout struct {
	x, y          []float64 // of nodes, then of slots
	slots         [][]int   // by edge, in the order of columns
	width, height float64
}

type point struct{ x, y float64 }

// slotHeight is what a passing call takes of a column.
const slotHeight = 8

// via are the points at which an edge enters the columns between its ends.
func (l *layout) via(edge int) (points []point) {
	for _, s := range l.slots[edge] {
		points = append(points, point{l.x[s], l.y[s] + slotHeight/2})
	}
	return points
}

// arrange lays out n nodes and the edges between them.
func arrange(n int, edges []*analysis.EdgeView, index map[graph.NodeID]int) *layout {
	callees, callers := make([][]int, n), make([][]int, n)
	for _, e := range edges {
		if from, to := index[e.Caller], index[e.Callee]; from != to {
			callees[from] = append(callees[from], to)
			callers[to] = append(callers[to], from)
		}
	}
	depth := depths(n, callees, callers)
	l := &layout{slots: make([][]int, len(edges))}
	var before [][]int // what each node or slot hangs on, one column before
	for range n {
		before = append(before, nil)
	}
	for k, e := range edges {
		from, to := index[e.Caller], index[e.Callee]
		last := from
		for d := depth[from] + 1; d < depth[to]; d++ {
			slot := len(depth)
			depth = append(depth, d)
			before = append(before, []int{last})
			l.slots[k] = append(l.slots[k], slot)
			last = slot
		}
		if depth[from] < depth[to] {
			before[to] = append(before[to], last)
		}
	}
	l.place(n, depth, before)
	return l
}

// place gives each column's nodes and slots their places, near what they hang
// on.
func (l *layout) place(n int, depth []int, before [][]int) {
	l.x, l.y = make([]float64, len(depth)), make([]float64, len(depth))
	var columns [][]int
	for i, d := range depth {
		for len(columns) <= d {
			columns = append(columns, nil)
		}
		columns[d] = append(columns[d], i)
	}
	for d, column := range columns {
		want := map[int]float64{}
		for rank, i := range column {
			want[i] = float64(rank)
			if len(before[i]) > 0 {
				want[i] = 0
				for _, b := range before[i] {
					want[i] += l.y[b] / float64(len(before[i]))
				}
			}
		}
		slices.SortStableFunc(column, func(a, b int) int { return cmp.Compare(want[a], want[b]) })
		y := float64(margin + 4)
		for _, i := range column {
			l.x[i], l.y[i] = margin+float64(d)*(boxWidth+gapX), y
			height := float64(boxHeight)
			if i >= n {
				height = slotHeight
			}
			y += height + gapY
		}
		l.width = max(l.width, margin+float64(d)*(boxWidth+gapX)+boxWidth+margin)
		l.height = max(l.height, y-gapY+margin+bendAround/2)
	}
}

// depths are the lengths of the longest chains of calls to each node; calls that
// close a circle don't count.
func depths(n int, callees, callers [][]int) []int {
	depth, state := make([]int, n), make([]int, n) // 1: being visited, 2: done
	var order []int
	var visit func(int)
	visit = func(i int) {
		state[i] = 1
		for k, c := range callees[i] {
			switch state[c] {
			case 0:
				visit(c)
			case 1:
				callees[i][k] = i // back: left out
			}
		}
		state[i] = 2
		order = append(order, i)
	}
	for _, first := range []bool{true, false} {
		for i := range n {
			if state[i] == 0 && (!first || len(callers[i]) == 0) {
				visit(i)
			}
		}
	}
	for _, i := range slices.Backward(order) {
		for _, c := range callees[i] {
			if c != i {
				depth[c] = max(depth[c], depth[i]+1)
			}
		}
	}
	return depth
}

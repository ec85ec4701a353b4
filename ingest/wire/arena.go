package wire

// arena hands out slices that stand one behind the other in large ones, so that
// a batch costs a few allocations and not a few for each span. One slice is
// built at a time: next for each element, then take.
type arena[T any] struct {
	size int // of the next chunk
	free []T // rest of the chunk; what is being built stands at its start
	n    int // length of what is being built
}

// next gives the place of the next element, which is its zero value. The place
// is good until next is called again.
func (a *arena[T]) next() *T {
	if a.n == len(a.free) {
		chunk := make([]T, max(a.size, 2*a.n, 8))
		copy(chunk, a.free[:a.n])
		a.free = chunk
	}
	a.n++
	return &a.free[a.n-1]
}

// take gives the elements since the last take, nil for none.
func (a *arena[T]) take() []T {
	if a.n == 0 {
		return nil
	}
	out := a.free[:a.n:a.n]
	a.free, a.n = a.free[a.n:], 0
	return out
}

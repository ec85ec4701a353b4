package wire

// arena hands out slices that stand one behind the other in large ones, so that
// a batch costs a few allocations and not a few for each span. One slice is
// built at a time: push, then take.
type arena[T any] struct {
	size int // of the next chunk
	free []T // rest of the chunk; what is being built stands at its start
	n    int // length of what is being built
}

func (a *arena[T]) push(v T) {
	if a.n == cap(a.free) {
		next := make([]T, max(a.size, 2*a.n, 8))
		copy(next, a.free[:a.n])
		a.free = next
	}
	a.free[a.n] = v
	a.n++
}

// take gives what was pushed since the last take, nil for nothing.
func (a *arena[T]) take() []T {
	if a.n == 0 {
		return nil
	}
	out := a.free[:a.n:a.n]
	a.free, a.n = a.free[a.n:], 0
	return out
}

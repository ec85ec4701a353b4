package wire

// arena hands out slices that stand one behind the other in large ones, so that
// a batch costs a few allocations and not a few for each span. One slice is
// built at a time: next for each element, then take. Its chunks can be used
// again.
type arena[T any] struct {
	size   int // of the next chunk
	chunks [][]T
	used   int // of the chunks
	free   []T // rest of the last used chunk; what is being built stands at its start
	n      int // length of what is being built
}

// next gives the place of the next element, which is its zero value. The place
// is good until next is called again.
func (a *arena[T]) next() *T {
	if a.n == len(a.free) {
		a.grow()
	}
	a.n++
	return &a.free[a.n-1]
}

// grow goes on in another chunk, and takes along what is being built.
func (a *arena[T]) grow() {
	building := a.free[:a.n]
	for a.free = nil; len(a.free) <= a.n; a.used++ {
		if a.used == len(a.chunks) {
			a.chunks = append(a.chunks, make([]T, max(a.size, 2*a.n, 8)))
		}
		a.free = a.chunks[a.used]
	}
	copy(a.free, building)
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

// reset makes all chunks free again; what was taken from them becomes zero. Of
// many chunks some are let go.
func (a *arena[T]) reset(limit int) {
	size := 0
	for i, c := range a.chunks {
		if size += len(c); size > limit {
			a.chunks = a.chunks[:i]
			break
		}
		if i < a.used {
			clear(c)
		}
	}
	a.used, a.free, a.n = 0, nil, 0
}

// texts keeps copies of texts, one behind the other in large pieces. They are
// good until reset.
type texts struct {
	chunks [][]byte
	used   int // of the chunks
	free   []byte
}

const textChunk = 32 << 10

func (t *texts) keep(b []byte) string {
	if len(b) > len(t.free) {
		if len(b) > textChunk/8 {
			return string(b)
		}
		if t.used == len(t.chunks) {
			t.chunks = append(t.chunks, make([]byte, textChunk))
		}
		t.free = t.chunks[t.used]
		t.used++
	}
	n := copy(t.free, b)
	kept := alias(t.free[:n:n])
	t.free = t.free[n:]
	return kept
}

// reset makes all room free again, of which at most so many bytes are kept.
func (t *texts) reset(limit int) {
	t.chunks = t.chunks[:min(len(t.chunks), limit/textChunk)]
	t.used, t.free = 0, nil
}

package graph

// generations is a map of what came lately: at least limit entries, at most
// twice as many.
type generations[K comparable, V any] struct {
	limit    int
	now, was map[K]V
}

func (g *generations[K, V]) get(k K) (V, bool) {
	if v, ok := g.now[k]; ok {
		return v, true
	}
	v, ok := g.was[k]
	return v, ok
}

func (g *generations[K, V]) put(k K, v V) {
	if len(g.now) >= g.limit {
		g.was, g.now = g.now, nil
	}
	if g.now == nil {
		g.now = map[K]V{}
	}
	g.now[k] = v
}

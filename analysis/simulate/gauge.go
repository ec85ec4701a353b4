package simulate

// gauge is a number over time, and its mean in every tick.
type gauge struct {
	n      int
	last   int64
	area   float64 // since the last tick
	series []float32
}

func (g *gauge) add(now int64, by int) {
	g.area += float64(g.n) * float64(now-g.last)
	g.last = now
	g.n += by
}

func (g *gauge) tick(now, length int64) {
	g.add(now, 0)
	g.series = append(g.series, float32(g.area/float64(length)))
	g.area = 0
}

// tally is a ratio of two sums in every tick; of a tick without any it is the
// number given as usual.
type tally struct {
	part, whole float64
	usual       float32
	series      []float32
}

func (t *tally) add(part, whole float64) {
	t.part += part
	t.whole += whole
}

func (t *tally) tick() {
	v := t.usual
	if t.whole > 0 {
		v = float32(t.part / t.whole)
	}
	t.series = append(t.series, v)
	t.part, t.whole = 0, 0
}

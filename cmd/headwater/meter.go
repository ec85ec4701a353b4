package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"headwater/ingest/dump"
)

// meter shows on a person's screen how far reading is, once it takes longer
// than a second.
type meter struct {
	out   io.Writer // nil: nobody watches
	all   int64     // bytes of all inputs; 0 where that is not known
	began time.Time
	drawn time.Time // last; zero before the first time
}

func newMeter(t *terminal, inputs []dump.Input) *meter {
	m := &meter{began: time.Now()}
	if !t.quiet && screen(t.err) {
		m.out = t.err
	}
	for _, in := range inputs {
		if in.Size == 0 {
			m.all = 0
			break
		}
		m.all += in.Size
	}
	return m
}

func (m *meter) tell(p dump.Progress) {
	now := time.Now()
	if m.out == nil || now.Sub(m.began) < time.Second || now.Sub(m.drawn) < 200*time.Millisecond {
		return
	}
	m.drawn = now
	fmt.Fprintf(m.out, "\r%s\x1b[K", m.line(p, now.Sub(m.began)))
}

// line says how far reading is after so long.
func (m *meter) line(p dump.Progress, took time.Duration) string {
	name := p.Input
	if len(name) > 40 {
		name = "..." + name[len(name)-37:]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "reading %s: %s", name, bytesText(p.Bytes))
	if m.all > 0 {
		fmt.Fprintf(&b, " of %s", bytesText(m.all))
	}
	rate := float64(p.Bytes) / took.Seconds()
	fmt.Fprintf(&b, ", %s, %s/s", spansText(p.Spans), bytesText(int64(rate)))
	if rate > 0 && m.all > p.Bytes {
		fmt.Fprintf(&b, ", %s left", time.Duration(float64(m.all-p.Bytes)/rate*float64(time.Second)).Round(time.Second))
	}
	return b.String()
}

// end takes the line away.
func (m *meter) end() {
	if m.out != nil && !m.drawn.IsZero() {
		fmt.Fprint(m.out, "\r\x1b[K")
	}
}

// bytesText writes a number of bytes with a unit of a thousand.
func bytesText(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	f, units := float64(n), "kMGTPE"
	i := -1
	for f >= unit && i+1 < len(units) {
		f /= unit
		i++
	}
	return fmt.Sprintf("%.3g %cB", f, units[i])
}

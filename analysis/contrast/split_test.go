package contrast_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"headwater/analysis/contrast"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

func copies(n int, text string) (traces []*trace.Trace) {
	for i := range n {
		traces = append(traces, trace.Assemble(tracetest.MustParse(fmt.Sprint(text, i), text)))
	}
	return traces
}

func TestSplit(t *testing.T) {
	const good, slow, between, failed = "r - shop server 0-100 /buy", "r - shop server 0-400 /buy", "r - shop server 0-250 /buy", "r - shop server 0-20 /buy error"
	for name, c := range map[string]struct {
		traces            []*trace.Trace
		good, bad, failed int
	}{
		"good and slow":       {append(copies(20, good), copies(8, slow)...), 20, 8, 0},
		"good and failed":     {append(copies(20, good), copies(8, failed)...), 20, 8, 8},
		"more bad than good":  {append(copies(6, good), copies(10, failed)...), 6, 10, 10},
		"neither is left out": {append(append(copies(20, good), copies(8, slow)...), copies(3, between)...), 20, 8, 0},
		"all good":            {copies(30, good), 0, 0, 0},
		"all failed":          {copies(30, failed), 0, 0, 0},
		"too few bad":         {append(copies(20, good), copies(4, slow)...), 0, 0, 0},
		"another route":       {append(copies(20, good), copies(8, "r - shop server 0-400 /search")...), 0, 0, 0},
		"nothing":             {nil, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(c.traces), func(i, j int) { c.traces[i], c.traces[j] = c.traces[j], c.traces[i] })
			p := contrast.Split(c.traces)
			if len(p.Good) != c.good || len(p.Bad) != c.bad || p.Failed != c.failed {
				t.Errorf("%d good, %d bad, %d failed; want %d, %d, %d", len(p.Good), len(p.Bad), p.Failed, c.good, c.bad, c.failed)
			}
		})
	}
}

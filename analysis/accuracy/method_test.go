package accuracy_test

import (
	"fmt"
	"slices"
	"testing"

	"headwater/analysis/accuracy"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

// shop makes a second of requests to web, each of which asks cart, which asks
// stock for the given milliseconds, and search.
func shop(t *testing.T, second int, slow int) []*trace.Trace {
	var out []*trace.Trace
	for i := range 10 {
		text := fmt.Sprintf(`
w - web server 0-%[1]d GET_/
c w web client 1-%[2]d cart
d c cart server 2-%[3]d POST_/cart
s d cart client 3-%[4]d stock
u s stock server 4-%[5]d GET_/stock
x w web client %[6]d-%[7]d search
y x search server %[6]d-%[7]d GET_/search
`, 20+slow, 12+slow, 11+slow, 10+slow, 9+slow, 13+slow, 18+slow)
		spans := tracetest.MustParse(t.Name(), text)
		for k := range spans {
			spans[k].TraceID[0], spans[k].TraceID[1], spans[k].TraceID[2] = byte(second), byte(i), byte(slow)
			at := int64(second)*1e9 + int64(i)*1e8
			spans[k].Start += at
			spans[k].End += at
		}
		out = append(out, trace.Assemble(spans))
	}
	return out
}

func TestMethodsFindASlowLeaf(t *testing.T) {
	var traces []*trace.Trace
	var windows []*graph.Window
	for second := range 20 {
		slow := 0
		if second >= 15 {
			slow = 200
		}
		more := shop(t, second, slow)
		if second >= 15 {
			more = append(more, shop(t, second, 0)...) // some stay as they were
		}
		traces = append(traces, more...)
		start := more[0].Spans[0].Start / 1e9 * 1e9
		windows = append(windows, graph.Derive(start, 1e9, slices.Values(more), nil))
	}
	from := windows[15].Start
	scene := accuracy.NewScene(windows, traces, from, from+5e9)
	if len(scene.Abnormal) != 50 || len(scene.Normal) != 50 {
		t.Fatalf("%d abnormal and %d normal traces, want 50 each", len(scene.Abnormal), len(scene.Normal))
	}
	truth := accuracy.Truth{Cause: accuracy.Labelled{Name: "stock"}}
	for _, m := range accuracy.Methods {
		nodes := m.Rank(scene)
		place := truth.RankOf(nodes)
		if m.Name == "spectrum and PageRank" { // all traces pass through all operations: it can't tell more
			if place == 0 {
				t.Errorf("%s: stock is missing in %v", m.Name, nodes)
			}
			continue
		}
		if place != 1 {
			t.Errorf("%s: stock has place %d in %v", m.Name, place, nodes)
		}
		if again := m.Rank(scene); !slices.Equal(again, nodes) {
			t.Errorf("%s: %v, and the second time %v", m.Name, nodes, again)
		}
	}
}

func TestSpectrumTellsOperationsOfAbnormalTraces(t *testing.T) {
	parse := func(id byte, text string) *trace.Trace {
		spans := tracetest.MustParse(t.Name(), text)
		for i := range spans {
			spans[i].TraceID[0] = id
		}
		return trace.Assemble(spans)
	}
	var scene accuracy.Scene
	for i := range byte(10) {
		scene.Abnormal = append(scene.Abnormal, parse(i, "w - web server 0-100 GET_/\nc w web client 1-99 cart\nd c cart server 2-98 POST_/cart"))
		scene.Normal = append(scene.Normal, parse(100+i, "w - web server 0-10 GET_/\nc w web client 1-9 search\nd c search server 2-8 GET_/search"))
	}
	truth := accuracy.Truth{Cause: accuracy.Labelled{Name: "cart"}}
	nodes := accuracy.Methods[2].Rank(&scene)
	if truth.RankOf(nodes) != 1 {
		t.Errorf("cart is in abnormal traces alone and is not first in %v", nodes)
	}
}

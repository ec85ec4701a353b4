package workflow_test

import (
	"runtime"
	"testing"

	"headwater/analysis/workflow"
	"headwater/graph/trace"
)

// BenchmarkReader reads the traces of a shop and reports what is kept of each
// that changes state, and what the report costs.
func BenchmarkReader(b *testing.B) {
	usual, _ := played(b, "description: x\nsystem: shop\nduration: 3m\nhealthy: true\n", 0)
	spans := 0
	for _, t := range usual {
		spans += len(t.Spans)
	}
	kept := 0
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		r := workflow.NewReader(workflow.Options{})
		classes, assembler := trace.NewClasses(), new(trace.Assembler)
		for _, t := range usual { // as they come from a store
			r.Add(assembler.Whole(classes, t.Full))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		kept = r.Report().Counts.Workflows
		runtime.KeepAlive(usual)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(kept), "B/workflow")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*spans), "ns/span")
}

package analysis_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"

	"headwater/analysis"
	"headwater/graph"
)

// grid makes windows of a made-up system: services in layers, each calling ten of
// the next, and a route for each service of the first layer that runs through a
// part of them all. In the second half of the windows one service is slow.
func grid(services, windows int) []*graph.Window {
	const layers, calls, deep = 10, 10, 60
	wide := services / layers
	id := func(layer, i int) graph.NodeID {
		return graph.NodeID{Kind: graph.Service, Scope: "prod/grid", Name: fmt.Sprintf("s%d-%d", layer, i%wide)}
	}
	sick := id(layers-1, 0)
	out := make([]*graph.Window, windows)
	for k := range out {
		w := graph.NewWindow(int64(k)*window, window)
		r := rand.New(rand.NewPCG(uint64(k), 7))
		self := func(n graph.NodeID) int64 {
			t := 4e6 + 2e6*r.Float64()
			if n == sick && k >= windows/2 {
				t *= 30
			}
			return int64(t)
		}
		for layer := range layers {
			for i := range wide {
				n := id(layer, i)
				s := &graph.NodeStats{}
				for range 5 {
					t := self(n)
					s.All.Visits++
					s.All.Self.Add(t)
					s.All.SelfOK.Add(t)
					s.All.Time.Add(2 * t)
					s.All.TimeOK.Add(2 * t)
					s.All.Latency.Add(2 * t)
				}
				s.Operations = map[string]*graph.VisitStats{"op": &s.All}
				w.Nodes[n] = s
				for c := range calls {
					if layer+1 == layers {
						break
					}
					to := id(layer+1, i+c*c)
					e := &graph.EdgeStats{Calls: 5, Attempts: 5, Paired: 5, Expected: 5}
					for range 5 {
						t := self(to)
						e.Time.Add(2 * t)
						e.Gap.Add(5e5)
						e.Latency.Add(2 * t)
					}
					w.Edges[graph.EdgeID{Caller: n, Callee: to}] = e
				}
			}
		}
		for i := range wide {
			rs := &graph.RouteStats{Requests: 5, Accounts: map[graph.AccountID]*graph.AccountStats{}, Shapes: map[graph.Shape]graph.ShapeStats{}}
			total := int64(0)
			for d := range deep {
				n := id(d%layers, i+d/layers)
				t := 5 * self(n)
				total += t
				rs.Accounts[graph.AccountID{Kind: graph.Own, Node: n, Operation: "op"}] = &graph.AccountStats{Time: t, Visits: 5, Logical: 5 * graph.Millionth, Roots: 5}
				rs.Shapes[graph.Shape{Node: n, Name: "op", Above: id(0, i), Parent: "root"}] = graph.ShapeStats{Requests: 5, Spans: 5}
			}
			for range 5 {
				rs.Time.Add(total / 5)
				rs.Latency.Add(total / 5)
			}
			w.Routes[graph.RouteID{Node: id(0, i), Operation: "root"}] = rs
		}
		out[k] = packed(w)
	}
	return out
}

// packed is the window as the store gives it.
func packed(w *graph.Window) *graph.Window {
	data, err := w.AppendBinary(nil)
	out := new(graph.Window)
	if err = errors.Join(err, out.UnmarshalBinary(data)); err != nil {
		panic(err)
	}
	return out
}

// BenchmarkRank ranks the causes of an incident whose time is known, over 60
// windows; BenchmarkFind looks for it as well. Sizes are services; a service has
// ten calls.
func BenchmarkRank(b *testing.B) { benchmark(b, true) }

func BenchmarkFind(b *testing.B) { benchmark(b, false) }

// cpu is the processor time that the process has had: on a machine that does much
// else it says more than the clock.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// held is how many MB of the heap are in use.
func held() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

func benchmark(b *testing.B, given bool) {
	for _, services := range []int{100, 200, 500, 1000, 2000} {
		b.Run(fmt.Sprint(services), func(b *testing.B) {
			had := held()
			in := analysis.Input{Windows: grid(services, 60)}
			windows := held() - had
			if given {
				in.Incident = &analysis.Interval{Start: time.Unix(0, 30*window)}
			}
			b.ReportAllocs()
			began := cpu(b)
			for b.Loop() {
				r := analysis.Analyze(in, analysis.Options{})
				if len(r.Incidents) == 0 || len(r.Incidents[0].Causes) == 0 || r.Incidents[0].Causes[0].Name != "s9-0" {
					b.Fatal("the sick service is not named")
				}
			}
			b.ReportMetric((cpu(b)-began).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(windows, "windows-MB")
		})
	}
}

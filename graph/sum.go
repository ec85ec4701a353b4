package graph

// Sum merges windows into a new one, as Merge does one after the other, but name
// by name: so each sum stays near while it is made. Start is the first window's,
// Length the time that they cover together.
func Sum(windows []*Window) *Window {
	out := NewWindow(0, 0)
	if len(windows) > 0 {
		out.Start = windows[0].Start
	}
	routes := make([]map[RouteID]*RouteStats, len(windows))
	nodes := make([]map[NodeID]*NodeStats, len(windows))
	edges := make([]map[EdgeID]*EdgeStats, len(windows))
	for i, w := range windows {
		out.Length += w.Length
		rest := Window{Spans: w.Spans, Orphans: w.Orphans, Addresses: w.Addresses, Fallen: w.Fallen}
		out.Merge(&rest)
		routes[i], nodes[i], edges[i] = w.Routes, w.Nodes, w.Edges
	}
	out.Routes = sumMaps(routes, sumRoutes)
	out.Nodes = sumMaps(nodes, sumNodes)
	out.Edges = sumMaps(edges, func(list []*EdgeStats) *EdgeStats {
		s, n := new(EdgeStats), 0
		for _, o := range list {
			n += len(o.Latency.packed)
		}
		s.Latency.expect(n)
		for _, o := range list {
			s.merge(o)
		}
		return s
	})
	return out
}

// sumMaps sums up what the maps have under the same key. It goes through one map
// after the other: names looked up in all of them, in turn, would be far apart in
// memory.
func sumMaps[K comparable, V any](maps []map[K]*V, sum func([]*V) *V) map[K]*V {
	largest := 0
	for _, m := range maps {
		largest = max(largest, len(m))
	}
	numbers := make(map[K]int32, largest)
	rows := make([][]*V, len(maps)) // by number
	for i, m := range maps {
		row := make([]*V, len(numbers), max(len(numbers), len(m)))
		for k, v := range m {
			n, ok := numbers[k]
			if !ok {
				n = int32(len(numbers))
				numbers[k] = n
				row = append(row, nil)
			}
			row[n] = v
		}
		rows[i] = row
	}
	out := make(map[K]*V, len(numbers))
	list := make([]*V, 0, len(maps))
	for k, n := range numbers {
		list = list[:0]
		for _, row := range rows {
			if int(n) < len(row) && row[n] != nil {
				list = append(list, row[n])
			}
		}
		out[k] = sum(list)
	}
	return out
}

func sumRoutes(list []*RouteStats) *RouteStats {
	s := new(RouteStats)
	accounts := make([]map[AccountID]*AccountStats, len(list))
	shapes := make([]map[Shape]ShapeStats, len(list))
	for i, o := range list {
		accounts[i], shapes[i] = o.Accounts, o.Shapes
		s.mergeOwn(o, o.Source)
	}
	s.Accounts = sumMaps(accounts, func(list []*AccountStats) *AccountStats {
		a := new(AccountStats)
		for _, o := range list {
			a.merge(o)
		}
		return a
	})
	s.Shapes = sumShapes(shapes)
	return s
}

func sumShapes(maps []map[Shape]ShapeStats) map[Shape]ShapeStats {
	largest := 0
	for _, m := range maps {
		largest = max(largest, len(m))
	}
	numbers := make(map[Shape]int32, largest)
	sums := make([]ShapeStats, 0, largest) // by number
	for _, m := range maps {
		for k, v := range m {
			if n, ok := numbers[k]; ok {
				sums[n].add(v)
				continue
			}
			numbers[k] = int32(len(sums))
			sums = append(sums, v)
		}
	}
	out := make(map[Shape]ShapeStats, len(numbers))
	for k, n := range numbers {
		out[k] = sums[n]
	}
	return out
}

func sumNodes(list []*NodeStats) *NodeStats {
	s := new(NodeStats)
	operations := make([]map[string]*VisitStats, len(list))
	instances := make([]map[Instance]*VisitStats, len(list))
	for i, o := range list {
		s.All.merge(&o.All)
		operations[i], instances[i] = o.Operations, o.Instances
	}
	visits := func(list []*VisitStats) *VisitStats {
		v, n := new(VisitStats), 0
		for _, o := range list {
			n += len(o.Latency.packed)
		}
		v.Latency.expect(n)
		for _, o := range list {
			v.merge(o)
		}
		return v
	}
	s.Operations = sumMaps(operations, visits)
	s.Instances = sumMaps(instances, visits)
	return s
}

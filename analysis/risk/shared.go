package risk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"headwater/graph"

	"headwater/analysis"
)

const (
	// minorShare is what share of the mean of all routes is asked for of one that is
	// not critical, at most.
	minorShare = 0.3
	// sharedFrom is from what share of a thing's time on unimportant requests are
	// told of.
	sharedFrom = 0.2
	// Routes that are asked for as often as others are no less critical, but for
	// rare and heavy requests: of at most rareShare of the visits to a thing, and
	// heavyFactor times as long as the others.
	rareShare, heavyFactor = 0.2, 8
	// comesBy is in what share of its requests a route must use a thing.
	comesBy = 0.3
)

// judgeRoutes decides which routes are critical.
func (a *analyst) judgeRoutes() {
	ids := make([]graph.RouteID, 0, len(a.routes))
	for id, s := range a.routes {
		ids = append(ids, id)
		if !s.background {
			a.asked += s.requests
		}
	}
	slices.SortFunc(ids, func(x, y graph.RouteID) int {
		return cmp.Or(cmp.Compare(a.routes[y].requests, a.routes[x].requests), x.Node.Compare(y.Node), cmp.Compare(x.Operation, y.Operation))
	})
	asked := 0 // routes of users
	for _, id := range ids {
		asked += btoi(!a.routes[id].background)
	}
	for _, id := range ids {
		s := a.routes[id]
		critical := !s.background && float64(s.requests)*float64(asked) > minorShare*float64(a.asked)
		if len(a.opt.Critical) > 0 {
			critical = slices.Contains(a.opt.Critical, id.Operation)
		}
		a.critical[id] = critical
		a.sortedRoutes = append(a.sortedRoutes, id)
		a.report.Routes = append(a.report.Routes, RiskRoute{id.Node.Name, id.Operation, s.requests, critical, s.background})
	}
}

// user is a route at a node.
type user struct {
	id graph.RouteID
	*use
}

// shared finds what critical and unimportant requests use together. Of a service
// and what it calls, the deepest is told of.
func (a *analyst) shared() (out []Risk) {
	told := map[graph.NodeID]bool{}
	nodes := slices.Clone(a.sortedNodes)
	slices.SortStableFunc(nodes, func(x, y graph.NodeID) int { // what is called first
		return cmp.Compare(btoi(x.Kind == graph.Service), btoi(y.Kind == graph.Service))
	})
	for _, n := range nodes {
		var major, minor []user
		var time, visits, majorTime, majorVisits, minorTime, minorVisits int64
		for _, id := range a.sortedRoutes {
			if u := a.routes[id].nodes[n]; u != nil && id.Node != n {
				time, visits = time+u.time, visits+u.visits
			}
		}
		rare := func(u *use) bool {
			rest := visits - u.visits
			return len(a.opt.Critical) == 0 && rest > 0 && float64(u.visits) <= rareShare*float64(visits) &&
				float64(u.time)/float64(u.visits) >= heavyFactor*float64(time-u.time)/float64(rest)
		}
		for _, id := range a.sortedRoutes {
			u := a.routes[id].nodes[n]
			if u == nil || id.Node == n {
				continue
			}
			if a.critical[id] && !rare(u) {
				majorTime, majorVisits = majorTime+u.time, majorVisits+u.visits
				if float64(u.requests) > comesBy*float64(a.routes[id].requests) {
					major = append(major, user{id, u})
				}
			} else {
				minorTime, minorVisits = minorTime+u.time, minorVisits+u.visits
				minor = append(minor, user{id, u})
			}
		}
		if len(major) == 0 || len(minor) == 0 || minorVisits < leastVisits {
			continue
		}
		share := float64(minorTime) / float64(max(1, time))
		if share < sharedFrom || n.Kind == graph.Service && a.leadsTo(n, told) {
			continue
		}
		told[n] = true
		byTime := func(x, y user) int { return cmp.Compare(y.time, x.time) }
		slices.SortStableFunc(minor, byTime)
		slices.SortStableFunc(major, byTime)
		heavier := (float64(minorTime) / float64(minorVisits)) / max(1, float64(majorTime)/float64(max(1, majorVisits)))
		r := Risk{Kind: SharedByMinor, Subject: n.Name, Path: []graph.NodeID{n}, Users: a.users(n), Sure: 0.9}
		r.Evidence = []RiskEvidence{
			{"unimportant_share", "share", round(share, 4), fmt.Sprintf("%s of the time spent at %s is for %s.", analysis.Percent(share), n.Name, routesText(minor))},
			{"heavier", "1", round(heavier, 2), fmt.Sprintf("One of their requests takes %s there, %.1f times as long as one of %s.", analysis.Seconds(seconds(minorTime)/float64(minorVisits)), heavier, routesText(major))},
			{"longest", "s", round(seconds(minor[0].longest.duration), 3), fmt.Sprintf("The longest took %s.", analysis.Seconds(seconds(minor[0].longest.duration)))},
		}
		weight := 0.65
		if heavier >= 3 {
			weight = 1
		}
		r.Score = min(1, 0.25+share) * weight * r.Sure * blast(r.Users)
		r.Sentence = fmt.Sprintf("%s serves %s, and %s takes %s of its time: more of that slows the critical requests.", n.Name, routesText(major), routesText(minor[:1]), analysis.Percent(share))
		r.Remedy = fmt.Sprintf("Give %s a copy, a pool or a bound of its own at %s, such as a few connections and a timeout.", routesText(minor[:1]), n.Name)
		r.Examples = examplesOf(minor[0].longest, major[0].longest)
		out = append(out, r)
	}
	return out
}

// leadsTo reports whether a node calls one of those.
func (a *analyst) leadsTo(n graph.NodeID, those map[graph.NodeID]bool) bool {
	return slices.ContainsFunc(a.sortedEdges, func(e edgeKey) bool { return e.caller == n && those[e.callee] })
}

// routesText names up to two routes.
func routesText(list []user) string {
	names := []string{}
	for _, u := range list[:min(2, len(list))] {
		names = append(names, u.id.Operation)
	}
	text := strings.Join(names, " and ")
	if n := len(list) - 2; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// onHost is what runs on a host.
type onHost struct {
	critical, minor int64 // ns of own work, for requests of either sort
	services        map[graph.NodeID]bool
	minorServices   []string
}

// hosts finds hosts that critical services share with ones that only unimportant
// requests use, where those do much of the work.
func (a *analyst) hosts() (out []Risk) {
	hosts := map[string]*onHost{}
	for _, n := range a.sortedNodes {
		if n.Kind != graph.Service {
			continue
		}
		critical := false
		for _, id := range a.sortedRoutes {
			critical = critical || a.critical[id] && (a.routes[id].nodes[n] != nil || id.Node == n)
		}
		counted := map[string]int64{}
		for _, w := range a.windows {
			if s := w.Nodes[n]; s != nil {
				for i, v := range s.Instances {
					if i.Host != "" {
						counted[i.Host] += v.Self.Sum
					}
				}
			}
		}
		for name, time := range counted {
			h := hosts[name]
			if h == nil {
				h = &onHost{services: map[graph.NodeID]bool{}}
				hosts[name] = h
			}
			if critical {
				h.critical += time
				h.services[n] = true
			} else {
				h.minor += time
				h.minorServices = append(h.minorServices, n.Name)
			}
		}
	}
	names := make([]string, 0, len(hosts))
	for name := range hosts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		h := hosts[name]
		share := float64(h.minor) / float64(max(1, h.minor+h.critical))
		if h.minor == 0 || h.critical == 0 || share < 0.4 {
			continue
		}
		slices.Sort(h.minorServices)
		critical := []string{}
		path := []graph.NodeID{}
		users := 0.0
		for _, n := range a.sortedNodes {
			if h.services[n] {
				critical, path = append(critical, n.Name), append(path, n)
				users = max(users, a.users(n))
			}
		}
		r := Risk{Kind: SharedByMinor, Subject: "host " + name, Path: path, Users: users, Sure: 0.7, Examples: []RiskExample{}}
		r.Evidence = []RiskEvidence{{"unimportant_share", "share", round(share, 4),
			fmt.Sprintf("%s of the own time of what runs on %s is that of %s.", analysis.Percent(share), name, strings.Join(h.minorServices, ", "))}}
		r.Score = share * 0.6 * r.Sure * blast(users)
		r.Sentence = fmt.Sprintf("On %s, %s runs beside %s, which critical requests need.", name, strings.Join(h.minorServices, ", "), strings.Join(critical, ", "))
		r.Remedy = "Bound the processors of what is not critical, or let it run on other hosts."
		out = append(out, r)
	}
	return out
}

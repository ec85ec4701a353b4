package analysis

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/combin"

	"headwater/graph"
)

// copyOn is one copy of a service on a host, and how much slower or more often
// failing it became.
type copyOn struct {
	node   graph.NodeID
	host   string
	struck bool
	excess float64 // seconds and failures above the baseline, in requests
}

// copies lists the copies of services that say where they run and had enough
// visits, before and in the incident.
func (w *walker) copies() []copyOn {
	var out []copyOn
	for _, id := range sortedNodes(w.now.Nodes) {
		if id.Kind != graph.Service {
			continue
		}
		b, a := node(w.base, id), node(w.now, id)
		for _, in := range sortedInstances(a.Instances) {
			was, now := b.Instances[in], a.Instances[in]
			if was == nil {
				was = &b.All
			}
			if in.Host == "" || was.Self.N < fewRequests || now.Self.N < fewRequests || was.Self.Sum == 0 {
				continue
			}
			c := copyOn{node: id, host: in.Host}
			noise := 2 * math.Hypot(was.Self.StandardError(), now.Self.StandardError())
			c.struck = now.Self.Mean() > 1.25*was.Self.Mean()+noise
			c.excess = max(0, now.Self.Mean()-was.Self.Mean()-noise) / was.Self.Mean() * float64(now.Visits)
			out = append(out, c)
		}
	}
	return out
}

// sharedHost is a host on which services slow down together while their copies
// elsewhere do not.
type sharedHost struct {
	name string
	// part is, for each service struck on the host, the part of its own excess
	// that lies there.
	part map[graph.NodeID]float64
	// Copies on the host and elsewhere, and how many of them are struck.
	on, struckOn, off, struckOff int
}

const (
	// chance is how improbable it must be that copies on one host are struck
	// together by accident.
	chance = 0.01
	// onHost is the least part of the struck copies' excess that lies on the host.
	onHost = 0.6
)

// sharedHosts finds hosts whose copies of at least two services are struck more
// than chance allows (Fisher's exact test, The Design of Experiments, 1935), and
// hardly any elsewhere.
func (w *walker) sharedHosts() []sharedHost {
	copies := w.copies()
	var hosts []string
	struckAll, excessAll := 0, 0.0
	for _, c := range copies {
		hosts = append(hosts, c.host)
		if c.struck {
			struckAll++
			excessAll += c.excess
		}
	}
	slices.Sort(hosts)
	var out []sharedHost
	for _, h := range slices.Compact(hosts) {
		on, struck, excess := 0, 0, 0.0
		byNode := map[graph.NodeID]float64{}
		total := map[graph.NodeID]float64{}
		for _, c := range copies {
			total[c.node] += c.excess
			if c.host != h {
				continue
			}
			on++
			if c.struck {
				struck++
				excess += c.excess
				byNode[c.node] += c.excess
			}
		}
		if len(byNode) < 2 || 2*struck < on || excess < onHost*excessAll {
			continue
		}
		if hypergeometricTail(len(copies), struckAll, on, struck) > chance {
			continue
		}
		for n := range byNode {
			byNode[n] /= total[n]
		}
		out = append(out, sharedHost{h, byNode, on, struck, len(copies) - on, struckAll - struck})
	}
	return out
}

// hypergeometricTail is the probability that of n drawn without choice at least
// k are marked, when marked of all are.
func hypergeometricTail(all, marked, n, k int) float64 {
	p := 0.0
	for i := k; i <= min(n, marked); i++ {
		if n-i > all-marked {
			continue
		}
		p += math.Exp(logChoose(marked, i) + logChoose(all-marked, n-i) - logChoose(all, n))
	}
	return p
}

func logChoose(n, k int) float64 {
	return combin.LogGeneralizedBinomial(float64(n), float64(k))
}

// couple moves the pressure that rests at services which share a struck host to
// the host.
func (w *walker) couple(s shares) {
	for _, h := range w.hosts {
		to := place{kind: CauseHost, name: h.name}
		for _, n := range sortedNodes(h.part) {
			if m := s[at(n)]; m > 0 {
				s[to] += m * h.part[n]
				s[at(n)] = m * (1 - h.part[n])
			}
		}
	}
}

// onHostSelf is the own time of all visits to services on a host.
func onHostSelf(w *graph.Window, host string) (m graph.Moments) {
	for n := range w.Nodes {
		for in, s := range w.Nodes[n].Instances {
			if in.Host == host {
				m.Merge(s.Self)
			}
		}
	}
	return m
}

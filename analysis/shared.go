package analysis

import (
	"slices"
	"strings"

	"headwater/graph"
)

// Shared is something that ties nodes together and is no node of the graph
// itself: a host on which they run, connections for which they wait, a version
// that they have.
type Shared struct {
	Kind string `json:"kind"` // "host", "pool" or "version"
	Name string `json:"name"`
	// Cause is the rank of the cause that it is or belongs to.
	Cause int `json:"cause"`
	// Members are the nodes that it ties, by id; of a pool, who waits and for whom.
	Members []graph.NodeID `json:"members"`
}

// versionPart is the least part of a cause that lies with a version for it to be
// what the cause is about.
const versionPart = 0.6

// SharedBy finds what an incident's causes say that nodes share.
func SharedBy(in *Incident) []Shared {
	out := []Shared{}
	for i := range in.Causes {
		c := &in.Causes[i]
		switch {
		case c.Kind == CauseHost:
			out = append(out, Shared{"host", c.Name, c.Rank, in.struckOn(c)})
		case c.Kind == CauseEdge && slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Metric == "wait_before_call" }):
			if ends := in.endsOf(c.ID); len(ends) > 0 {
				out = append(out, Shared{"pool", "connections to " + ends[len(ends)-1].Name, c.Rank, ends})
			}
		}
		for _, n := range c.Narrowed {
			if n.Dimension == "version" && n.Share >= versionPart {
				if at := in.nodeCalled(c.Parent); len(at) > 0 {
					out = append(out, Shared{"version", at[0].Name + " " + n.Value, c.Rank, at})
				}
				break
			}
		}
	}
	return out
}

// struckOn are the services of which the evidence for a host says that they
// lost time there.
func (in *Incident) struckOn(c *Cause) []graph.NodeID {
	members := []graph.NodeID{}
	for i := range in.Nodes {
		n := &in.Nodes[i]
		if n.ID.Kind == graph.Service && slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Subject == n.Name }) {
			members = append(members, n.ID)
		}
	}
	slices.SortFunc(members, graph.NodeID.Compare)
	return members
}

// endsOf are the caller and the callee of an edge that is a cause.
func (in *Incident) endsOf(id string) []graph.NodeID {
	caller, callee, _ := strings.Cut(id, "->")
	return append(in.nodeCalled(caller), in.nodeCalled(callee)...)
}

func (in *Incident) nodeCalled(id string) []graph.NodeID {
	for i := range in.Nodes {
		if in.Nodes[i].ID.String() == id {
			return []graph.NodeID{in.Nodes[i].ID}
		}
	}
	return nil
}

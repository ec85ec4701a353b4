package graph

import (
	"strings"

	"headwater/graph/trace"
)

// ServiceOf is the node that emitted spans with this resource.
func ServiceOf(r *trace.Resource) NodeID {
	if r == nil {
		return NodeID{Kind: Service}
	}
	scope := r.Namespace
	if r.Environment != "" {
		scope = r.Environment + "/" + r.Namespace
	}
	return NodeID{Kind: Service, Scope: strings.TrimSuffix(scope, "/"), Name: r.Service}
}

// PeerOf infers from what a client, producer or consumer span says of the other
// side which node that is. ok is false where it does not say.
func PeerOf(c *trace.Class) (peer NodeID, ok bool) {
	switch p := &c.Peer; p.Kind {
	case trace.PeerDatabase:
		return inferred(Database, p), true
	case trace.PeerCache:
		return inferred(Cache, p), true
	case trace.PeerQueue:
		return NodeID{Kind: Queue, Scope: strings.TrimSuffix(p.System+"/"+p.Host, "/"), Name: p.Namespace}, true
	case trace.PeerOther:
		if p.Service != "" {
			return NodeID{Kind: Service, Scope: ServiceOf(c.Resource).Scope, Name: p.Service}, true
		}
		return NodeID{Kind: External, Scope: p.Port, Name: p.Host}, true
	}
	return NodeID{}, false
}

// inferred names a database or cache by what its caller calls it, or else by its
// address, its namespace, its system. The scope keeps apart what shares a name:
// two databases behind one address stay two, and one that has a name stays one
// behind several addresses.
func inferred(kind NodeKind, p *trace.Peer) NodeID {
	scope := p.System
	if p.Service != "" {
		return NodeID{Kind: kind, Scope: within(scope, p.Namespace), Name: p.Service}
	}
	if p.Port != "" {
		scope += ":" + p.Port
	}
	switch {
	case p.Host != "":
		return NodeID{Kind: kind, Scope: within(scope, p.Namespace), Name: p.Host}
	case p.Namespace != "":
		return NodeID{Kind: kind, Scope: scope, Name: p.Namespace}
	default:
		return NodeID{Kind: kind, Name: p.System}
	}
}

func within(scope, namespace string) string {
	if namespace == "" {
		return scope
	}
	return scope + "/" + namespace
}

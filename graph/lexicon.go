package graph

import "headwater/graph/trace"

// lexicon numbers the nodes, names and instances that traces speak of, so that
// counting needs no texts.
type lexicon struct {
	nodes     numbered[NodeID]
	words     numbered[string]
	instances numbered[Instance]
	facts     map[*trace.Class]*facts
}

// maxNumbers is how many names a lexicon should hold at most.
const maxNumbers = 1 << 17

// numbered gives each value a number, in the order in which they first come.
type numbered[T comparable] struct {
	of   map[T]int32
	list []T
}

func (n *numbered[T]) number(v T) int32 {
	i, ok := n.of[v]
	if !ok {
		if n.of == nil {
			n.of = map[T]int32{}
		}
		i = int32(len(n.list))
		n.of[v] = i
		n.list = append(n.list, v)
	}
	return i
}

// facts are what the graph reads from a class of spans.
type facts struct {
	node      int32 // the service
	operation int32 // a word
	name      int32 // a word: the span's name
	instance  int32 // -1 where nothing is known of it
	peer      int32 // the node that a span of this class calls, or -1
	peerKind  NodeKind
	database  bool // the span speaks of a database
	address   Address
}

// none is the number of nothing.
const none = int32(-1)

func newLexicon() *lexicon { return &lexicon{facts: map[*trace.Class]*facts{}} }

func (l *lexicon) of(c *trace.Class) *facts {
	f := l.facts[c]
	if f == nil {
		f = l.read(c)
		l.facts[c] = f
	}
	return f
}

func (l *lexicon) read(c *trace.Class) *facts {
	r := c.Resource
	f := &facts{
		node: l.nodes.number(ServiceOf(r)), operation: l.words.number(c.Operation), name: l.words.number(c.Name),
		instance: none, peer: none,
		database: c.Peer.Kind == trace.PeerDatabase || c.Peer.Kind == trace.PeerCache,
		address:  Address{c.Peer.Host, c.Peer.Port},
	}
	if r.Instance != "" || r.Host != "" || r.Version != "" {
		f.instance = l.instances.number(Instance{Name: r.Instance, Host: r.Host, Zone: r.Zone, Version: r.Version})
	}
	if peer, ok := PeerOf(c); ok {
		f.peer, f.peerKind = l.nodes.number(peer), peer.Kind
	}
	return f
}

// full reports whether it is time for a new lexicon.
func (l *lexicon) full() bool {
	return len(l.nodes.list)+len(l.words.list)+len(l.instances.list)+len(l.facts) > maxNumbers
}

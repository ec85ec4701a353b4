package graph

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
)

// NodeKind says what sort of thing a node is.
type NodeKind uint8

// The kinds of nodes. All but Service are inferred from the spans of their
// callers.
const (
	Service NodeKind = iota + 1
	Database
	Cache
	Queue
	External
	Overflow // stands for the nodes that fell over the cap on cardinality
)

var nodeKindNames = map[NodeKind]string{
	Service: "service", Database: "database", Cache: "cache", Queue: "queue",
	External: "external", Overflow: "overflow",
}

// String gives the kind's name in lower case.
func (k NodeKind) String() string { return nodeKindNames[k] }

// NodeID identifies a node of the graph. Scope tells nodes of one name apart:
// environment and namespace of a service ("prod/shop"), system and address of a
// database ("postgresql/10.0.0.7:5432").
type NodeID struct {
	Kind  NodeKind
	Scope string
	Name  string
}

// String gives the id as kind:scope/name, or kind:name without a scope; scope
// and name are path-escaped, so that ParseNodeID reads it back.
func (n NodeID) String() string {
	if n.Scope == "" {
		return n.Kind.String() + ":" + url.PathEscape(n.Name)
	}
	return n.Kind.String() + ":" + url.PathEscape(n.Scope) + "/" + url.PathEscape(n.Name)
}

// IsZero reports whether n is no node.
func (n NodeID) IsZero() bool { return n == NodeID{} }

// MarshalText implements encoding.TextMarshaler with String's form.
func (n NodeID) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads String's form, that of the zero NodeID included: reports have
// it where users are the callers.
func (n *NodeID) UnmarshalText(b []byte) (err error) {
	if string(b) == (NodeID{}).String() {
		*n = NodeID{}
		return nil
	}
	*n, err = ParseNodeID(string(b))
	return err
}

// ParseNodeID reads the form that NodeID.String writes.
func ParseNodeID(s string) (NodeID, error) {
	kind, rest, ok := strings.Cut(s, ":")
	if !ok {
		return NodeID{}, fmt.Errorf("node id %.80q: no kind", s)
	}
	var n NodeID
	for k, name := range nodeKindNames {
		if name == kind {
			n.Kind = k
		}
	}
	if n.Kind == 0 {
		return NodeID{}, fmt.Errorf("node id %.80q: unknown kind %.20q", s, kind)
	}
	scope, name, ok := strings.Cut(rest, "/")
	if !ok {
		scope, name = "", rest
	}
	var err error
	if n.Scope, err = url.PathUnescape(scope); err != nil {
		return NodeID{}, fmt.Errorf("node id %.80q: %w", s, err)
	}
	if n.Name, err = url.PathUnescape(name); err != nil {
		return NodeID{}, fmt.Errorf("node id %.80q: %w", s, err)
	}
	return n, nil
}

// Compare orders nodes by kind, scope and name.
func (n NodeID) Compare(o NodeID) int {
	if c := cmp.Compare(n.Kind, o.Kind); c != 0 {
		return c
	}
	if c := strings.Compare(n.Scope, o.Scope); c != 0 {
		return c
	}
	return strings.Compare(n.Name, o.Name)
}

// EdgeID identifies an edge: who calls whom, waiting for the answer or not.
type EdgeID struct {
	Caller, Callee NodeID
	Async          bool
}

// String gives the edge as caller->callee, with ~> where nobody waits.
func (e EdgeID) String() string {
	if e.Async {
		return e.Caller.String() + "~>" + e.Callee.String()
	}
	return e.Caller.String() + "->" + e.Callee.String()
}

// Compare orders edges by caller, callee and then synchronous first.
func (e EdgeID) Compare(o EdgeID) int {
	c := e.Caller.Compare(o.Caller)
	if c == 0 {
		c = e.Callee.Compare(o.Callee)
	}
	if c != 0 || e.Async == o.Async {
		return c
	}
	if o.Async {
		return -1
	}
	return 1
}

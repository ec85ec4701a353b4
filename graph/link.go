package graph

import "headwater/graph/trace"

// Sender is a span of another trace that a span link points at.
type Sender struct {
	Start int64 // Unix nanoseconds, as sent
	Class *trace.Class
}

// Senders finds the spans that span links point at.
type Senders interface {
	// Sender finds one, or nil where it is not known.
	Sender(trace.Ref) *Sender
}

// delivery is a message that came to a node.
type delivery struct {
	message trace.Ref
	to      int32
}

// linked adds the messages that span i says it was sent, by its links: each
// once, however many spans of the node point at it. It gives how many there are.
func (r *Reading) linked(i int32) int {
	s := &r.Trace.Spans[i]
	if len(s.Links) == 0 || s.Kind == trace.KindProducer {
		return 0
	}
	receives := s.Kind == trace.KindConsumer || r.facts[i].peerKind == Queue
	if !receives && !r.enters(i) {
		return 0
	}
	if r.met == nil {
		r.met = map[delivery]struct{}{}
	}
	count := 0
	for _, link := range s.Links {
		d := delivery{link, r.facts[i].node}
		if _, again := r.met[d]; again || r.below(i, link) {
			continue
		}
		r.met[d] = struct{}{}
		if from, sender := r.source(i, link, receives); from >= 0 {
			r.delivered(from, i, sender)
			count++
		}
	}
	return count
}

// below reports whether the link points at a span above span i: then the parent
// says it all.
func (r *Reading) below(i int32, link trace.Ref) bool {
	if link.TraceID != r.Trace.ID {
		return false
	}
	for p := r.Trace.Nodes[i].Parent; p >= 0; p = r.Trace.Nodes[p].Parent {
		if r.Trace.Spans[p].SpanID == link.SpanID {
			return true
		}
	}
	return false
}

// sender is the span that a link points at, or nil where it is not known.
func (r *Reading) sender(link trace.Ref) *Sender {
	if link.TraceID == r.Trace.ID {
		for i := range r.Trace.Spans {
			if s := &r.Trace.Spans[i]; s.SpanID == link.SpanID {
				return &Sender{Start: s.Start, Class: s.Class}
			}
		}
	}
	if r.senders == nil {
		return nil
	}
	return r.senders.Sender(link)
}

// source is where a linked message came from: the queue that its sender put it
// into, or the one that the receiver took it from, or else the sender itself. It
// is none where the link says nothing of a call.
func (r *Reading) source(i int32, link trace.Ref, receives bool) (int32, *Sender) {
	sender := r.sender(link)
	if sender == nil {
		if receives && r.facts[i].peerKind == Queue {
			return r.facts[i].peer, nil
		}
		return none, nil
	}
	f := r.lex.of(sender.Class)
	switch {
	case f.peerKind == Queue:
		return f.peer, sender
	case receives && r.facts[i].peerKind == Queue:
		return r.facts[i].peer, sender
	case f.node != r.facts[i].node:
		return f.node, sender
	}
	return none, nil
}

// age is how long a message waited until it was taken, -1 where its sender was
// not seen.
func (r *Reading) age(a *Attempt) int64 {
	n := &r.Trace.Nodes[a.Server]
	switch {
	case a.Sender != nil:
		return min(max(0, r.Trace.Spans[a.Server].Start-a.Sender.Start), trace.MaxDuration)
	case n.Parent >= 0 && n.Async && r.Trace.Spans[n.Parent].Kind == trace.KindProducer:
		return min(max(0, n.Start-r.Trace.Nodes[n.Parent].Start), trace.MaxDuration)
	}
	return -1
}

package trace

import (
	"cmp"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Class is what a span says besides when it ran and where in its trace: the
// spans of one operation of one service instance that end alike share one. It
// keeps nothing of the batch that it was read from.
type Class struct {
	Resource *Resource // never nil; without Attrs
	Name     string
	Kind     Kind
	Status   StatusCode
	Outcome  Outcome
	// Operation names what the span does by the conventions' low-cardinality
	// attributes, or else by its own name.
	Operation string
	// Peer is what the span says of the other side.
	Peer Peer
	// Resend is how often the client says that it had sent the request before,
	// -1 where it does not say.
	Resend int32
	// Weight is how many requests the span stands for, in millionths, where its
	// trace was sampled and says at what rate (OpenTelemetry's tracestate ot=th);
	// else a million.
	Weight int64
}

// Unsampled is the Weight of a span that stands for itself.
const Unsampled = 1_000_000

// PeerKind says what sort of thing a span talks to.
type PeerKind uint8

// The kinds of peers; PeerNone where the span does not say.
const (
	PeerNone PeerKind = iota
	PeerDatabase
	PeerCache
	PeerQueue
	PeerOther // a service, or something outside
)

// Peer is what a client, producer or consumer span says of the other side.
type Peer struct {
	Kind       PeerKind
	System     string // of a database or broker
	Namespace  string // of a database; the destination of a queue
	Host, Port string // where requests are sent
	Service    string // its name, where the caller knows it
}

// classKey is all that a class is made of.
type classKey struct {
	resource *Resource
	name     string
	kind     Kind
	status   StatusCode
	outcome  Outcome
	resend   int32
	portNum  int32
	weight   int64

	dbSystem, dbNamespace, dbOperation, dbCollection, dbSummary string
	msgSystem, destination                                      string
	host, port, service                                         string
	httpMethod, httpRoute, rpcService, rpcMethod                string
}

// maxClasses and maxResources bound what a Classes remembers. When more come,
// it begins anew: classes that are in use stay as they are.
const (
	maxClasses   = 1 << 16
	maxResources = 1 << 14
)

// Classes makes Briefs of spans, so that spans which say the same share a
// Class. What it gives does not depend on what it was given before. It is not
// safe for concurrent use.
type Classes struct {
	classes   map[classKey]*Class
	resources map[resourceKey]*Resource
	urls      map[string][2]string

	last, lastInterned *Resource
}

// resourceKey is a resource but for its attributes.
type resourceKey struct {
	service, namespace, environment, instance, host, zone, version string
}

// NewClasses makes an empty Classes.
func NewClasses() *Classes {
	c := &Classes{}
	c.forget()
	return c
}

func (c *Classes) forget() {
	c.classes = map[classKey]*Class{}
	c.resources = map[resourceKey]*Resource{}
	c.urls = map[string][2]string{}
	c.last, c.lastInterned = nil, nil
}

// Brief reads what the graph needs of a span.
func (c *Classes) Brief(s *Span) Brief {
	var w said
	w.read(s.Attrs)
	b := Brief{Class: c.of(s, &w), SpanID: s.SpanID, Parent: s.Parent, Start: s.Start, End: s.End}
	if w.has(fieldURL) {
		b.Target = xxhash.Sum64String(w.text(fieldURL))
	}
	for i := range s.Links {
		b.Links = append(b.Links, Ref{s.Links[i].TraceID, s.Links[i].SpanID})
	}
	return b
}

func (c *Classes) of(s *Span, w *said) *Class {
	if len(c.classes) >= maxClasses || len(c.resources) >= maxResources || len(c.urls) >= maxResources {
		c.forget()
	}
	k := classKey{
		resource: c.resource(s.Resource), name: s.Name, kind: s.Kind, status: s.Status,
		outcome: w.outcome(s), resend: -1, weight: weightOf(s.TraceState),
	}
	if w.has(fieldResend) {
		if n, ok := w.values[fieldResend].Int(); ok {
			k.resend = int32(min(max(n, 0), 1000))
		}
	}
	k.dbSystem, k.dbNamespace = w.text(fieldDBSystem), w.text(fieldDBNamespace)
	k.dbOperation, k.dbCollection, k.dbSummary = w.text(fieldDBOperation), w.text(fieldDBCollection), w.text(fieldDBSummary)
	k.msgSystem, k.destination = w.text(fieldMessagingSystem), w.text(fieldDestination)
	k.service = w.text(fieldPeerService)
	k.httpMethod, k.httpRoute = w.text(fieldHTTPMethod), w.text(fieldHTTPRoute)
	k.rpcService, k.rpcMethod = w.text(fieldRPCService), w.text(fieldRPCMethod)
	c.address(w, &k)
	if class := c.classes[k]; class != nil {
		return class
	}
	k.own()
	class := k.class()
	c.classes[k] = class
	return class
}

// address reads where a request was sent. Of a URL only host and port count.
func (c *Classes) address(w *said, k *classKey) {
	k.host = w.text(fieldAddress)
	if w.has(fieldPort) {
		if n, ok := w.values[fieldPort].Int(); ok && n > 0 && n < 1<<16 {
			k.portNum = int32(n)
		} else {
			k.port = w.text(fieldPort)
		}
	}
	if k.host != "" || !w.has(fieldURL) {
		return
	}
	u := authority(w.text(fieldURL))
	at, known := c.urls[u]
	if !known {
		u = strings.Clone(u)
		if p, err := url.Parse(u); err == nil {
			at = [2]string{p.Hostname(), p.Port()}
		}
		c.urls[u] = at
	}
	k.host, k.port, k.portNum = at[0], at[1], 0
}

// authority cuts a URL off after its host and port.
func authority(u string) string {
	from := strings.Index(u, "://")
	if from < 0 {
		return ""
	}
	from += len("://")
	if to := strings.IndexAny(u[from:], "/?#"); to >= 0 {
		return u[:from+to]
	}
	return u
}

// resource is the resource without its attributes, shared by content.
func (c *Classes) resource(r *Resource) *Resource {
	if r == nil {
		r = &Resource{}
	}
	if r == c.last {
		return c.lastInterned
	}
	k := resourceKey{r.Service, r.Namespace, r.Environment, r.Instance, r.Host, r.Zone, r.Version}
	in := c.resources[k]
	if in == nil {
		for _, s := range []*string{&k.service, &k.namespace, &k.environment, &k.instance, &k.host, &k.zone, &k.version} {
			*s = strings.Clone(*s)
		}
		in = &Resource{
			Service: k.service, Namespace: k.namespace, Environment: k.environment,
			Instance: k.instance, Host: k.host, Zone: k.zone, Version: k.version,
		}
		c.resources[k] = in
	}
	c.last, c.lastInterned = r, in
	return in
}

// own copies the strings, which until then are the batch's.
func (k *classKey) own() {
	for _, s := range []*string{
		&k.name, &k.dbSystem, &k.dbNamespace, &k.dbOperation, &k.dbCollection, &k.dbSummary, &k.msgSystem, &k.destination,
		&k.host, &k.port, &k.service, &k.httpMethod, &k.httpRoute, &k.rpcService, &k.rpcMethod,
	} {
		*s = strings.Clone(*s)
	}
}

func (k *classKey) class() *Class {
	return &Class{
		Resource: k.resource, Name: k.name, Kind: k.kind, Status: k.status, Outcome: k.outcome,
		Operation: k.operation(), Peer: k.peer(), Resend: k.resend, Weight: k.weight,
	}
}

func (k *classKey) operation() string {
	switch {
	case k.dbSystem != "":
		if k.dbSummary != "" {
			return k.dbSummary
		}
		if s := strings.TrimSpace(k.dbOperation + " " + k.dbCollection); s != "" {
			return s
		}
	case k.httpRoute != "":
		return strings.TrimSpace(k.httpMethod + " " + k.httpRoute)
	case k.rpcMethod != "":
		if k.rpcService != "" && !strings.Contains(k.rpcMethod, "/") {
			return k.rpcService + "/" + k.rpcMethod
		}
		return k.rpcMethod
	}
	return k.name
}

func (k *classKey) peer() Peer {
	p := Peer{System: k.dbSystem, Namespace: k.dbNamespace, Host: k.host, Port: k.port, Service: k.service}
	if k.portNum != 0 {
		p.Port = strconv.Itoa(int(k.portNum))
	}
	if h, port, err := net.SplitHostPort(p.Host); err == nil {
		p.Host, p.Port = h, cmp.Or(p.Port, port)
	}
	switch {
	case cacheSystems[k.dbSystem]:
		p.Kind = PeerCache
	case k.dbSystem != "":
		p.Kind = PeerDatabase
	case k.msgSystem != "" || k.destination != "":
		p.Kind, p.System, p.Namespace = PeerQueue, k.msgSystem, cmp.Or(k.destination, k.msgSystem)
	case p.Host != "" || p.Service != "":
		p.Kind = PeerOther
	}
	return p
}

// compare puts classes in a total order by what they say.
func (c *Class) compare(o *Class) int {
	if c == o {
		return 0
	}
	return cmp.Or(
		cmp.Compare(o.Status, c.Status), cmp.Compare(o.Outcome, c.Outcome),
		cmp.Compare(c.Name, o.Name), cmp.Compare(c.Operation, o.Operation), cmp.Compare(c.Resend, o.Resend),
		cmp.Compare(c.Peer.Kind, o.Peer.Kind), cmp.Compare(c.Peer.System, o.Peer.System),
		cmp.Compare(c.Peer.Namespace, o.Peer.Namespace), cmp.Compare(c.Peer.Host, o.Peer.Host),
		cmp.Compare(c.Peer.Port, o.Peer.Port), cmp.Compare(c.Peer.Service, o.Peer.Service),
		cmp.Compare(c.Weight, o.Weight), c.Resource.compare(o.Resource))
}

func (r *Resource) compare(o *Resource) int {
	return cmp.Or(
		cmp.Compare(r.Service, o.Service), cmp.Compare(r.Namespace, o.Namespace), cmp.Compare(r.Environment, o.Environment),
		cmp.Compare(r.Instance, o.Instance), cmp.Compare(r.Host, o.Host), cmp.Compare(r.Zone, o.Zone), cmp.Compare(r.Version, o.Version))
}

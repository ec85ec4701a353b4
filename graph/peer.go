package graph

import (
	"net"
	"net/url"
	"slices"
	"strings"

	oldconv "go.opentelemetry.io/otel/semconv/v1.21.0"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
)

// The attribute keys by which a client span names its peer: the current key
// first, then those of earlier conventions.
var (
	keysDBSystem     = []string{string(semconv.DBSystemNameKey), string(oldconv.DBSystemKey)}
	keysDBNamespace  = []string{string(semconv.DBNamespaceKey), string(oldconv.DBNameKey)}
	keysDBOperation  = []string{string(semconv.DBOperationNameKey), string(oldconv.DBOperationKey)}
	keysDBCollection = []string{string(semconv.DBCollectionNameKey), string(oldconv.DBSQLTableKey), string(oldconv.DBMongoDBCollectionKey), string(oldconv.DBCassandraTableKey)}
	keysDBSummary    = []string{string(semconv.DBQuerySummaryKey)}
	keysMsgSystem    = []string{string(semconv.MessagingSystemKey)}
	keysMsgDest      = []string{string(semconv.MessagingDestinationTemplateKey), string(semconv.MessagingDestinationNameKey), "messaging.destination"}
	keysAddress      = []string{string(semconv.ServerAddressKey), string(oldconv.NetPeerNameKey), string(oldconv.NetSockPeerAddrKey), string(semconv.NetworkPeerAddressKey), "net.peer.ip"}
	keysPort         = []string{string(semconv.ServerPortKey), string(oldconv.NetPeerPortKey), string(oldconv.NetSockPeerPortKey), string(semconv.NetworkPeerPortKey)}
	keysURL          = []string{string(semconv.URLFullKey), string(oldconv.HTTPURLKey)}
	keysPeerService  = []string{string(oldconv.PeerServiceKey)}
	keysHTTPMethod   = []string{string(semconv.HTTPRequestMethodKey), string(oldconv.HTTPMethodKey)}
	keysHTTPRoute    = []string{string(semconv.HTTPRouteKey)}
	keysRPCService   = []string{string(semconv.RPCServiceKey)}
	keysRPCMethod    = []string{string(semconv.RPCMethodKey)}
	keyResend        = string(semconv.HTTPRequestResendCountKey)
	keyResendOld     = string(oldconv.HTTPResendCountKey)
)

// cacheSystems are the database systems that are used as caches.
var cacheSystems = []string{semconv.DBSystemNameRedis.Value.AsString(), semconv.DBSystemNameMemcached.Value.AsString(), "valkey", "hazelcast", "aerospike"}

func text(s *trace.Span, keys []string) string {
	for _, k := range keys {
		if v, ok := s.Attr(k); ok {
			if t := v.Text(); t != "" {
				return t
			}
		}
	}
	return ""
}

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

// PeerOf infers from a client or producer span the node that it calls. ok is
// false where the span does not say.
func PeerOf(s *trace.Span) (peer NodeID, ok bool) {
	host, port := AddressOf(s)
	if system := text(s, keysDBSystem); system != "" {
		kind := Database
		if slices.Contains(cacheSystems, system) {
			kind = Cache
		}
		return inferred(kind, system, host, port, text(s, keysDBNamespace)), true
	}
	if system, dest := text(s, keysMsgSystem), text(s, keysMsgDest); system != "" || dest != "" {
		if dest == "" {
			dest = system
		}
		return NodeID{Kind: Queue, Scope: strings.TrimSuffix(system+"/"+host, "/"), Name: dest}, true
	}
	if name := text(s, keysPeerService); name != "" {
		own := ServiceOf(s.Resource)
		return NodeID{Kind: Service, Scope: own.Scope, Name: name}, true
	}
	if host != "" {
		return NodeID{Kind: External, Scope: port, Name: host}, true
	}
	return NodeID{}, false
}

// inferred names a database or cache by its address, or else its namespace, or
// else its system; the scope keeps apart what shares a name.
func inferred(kind NodeKind, system, host, port, namespace string) NodeID {
	scope := system
	if port != "" {
		scope += ":" + port
	}
	switch {
	case host != "":
		if namespace != "" {
			scope += "/" + namespace
		}
		return NodeID{Kind: kind, Scope: scope, Name: host}
	case namespace != "":
		return NodeID{Kind: kind, Scope: scope, Name: namespace}
	default:
		return NodeID{Kind: kind, Name: system}
	}
}

// AddressOf is the host and port that a client span was sent to; empty where it
// does not say. Of a URL only the host and port are read.
func AddressOf(s *trace.Span) (host, port string) {
	host, port = text(s, keysAddress), text(s, keysPort)
	if host == "" {
		if u, err := url.Parse(text(s, keysURL)); err == nil {
			host, port = u.Hostname(), u.Port()
		}
	}
	if h, p, err := net.SplitHostPort(host); err == nil {
		host = h
		if port == "" {
			port = p
		}
	}
	return host, port
}

// OperationOf names what a span does, by the conventions' low-cardinality
// attributes, or else by its own name.
func OperationOf(s *trace.Span) string {
	if len(s.Attrs) == 0 {
		return s.Name
	}
	if system := text(s, keysDBSystem); system != "" {
		if summary := text(s, keysDBSummary); summary != "" {
			return summary
		}
		if op, on := text(s, keysDBOperation), text(s, keysDBCollection); op != "" || on != "" {
			return strings.TrimSpace(op + " " + on)
		}
		return s.Name
	}
	if route := text(s, keysHTTPRoute); route != "" {
		if method := text(s, keysHTTPMethod); method != "" {
			return method + " " + route
		}
		return route
	}
	if method := text(s, keysRPCMethod); method != "" {
		if service := text(s, keysRPCService); service != "" && !strings.Contains(method, "/") {
			return service + "/" + method
		}
		return method
	}
	return s.Name
}

package trace

import (
	earliest "go.opentelemetry.io/otel/semconv/v1.12.0"
	oldconv "go.opentelemetry.io/otel/semconv/v1.21.0"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	newest "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// field is a thing that a span may say of itself, whatever the key by which its
// version of the semantic conventions says it.
type field uint8

const (
	fieldDBSystem field = iota
	fieldDBNamespace
	fieldDBOperation
	fieldDBCollection
	fieldDBSummary
	fieldMessagingSystem
	fieldDestination
	fieldAddress
	fieldPort
	fieldURL
	fieldPeerService
	fieldHTTPMethod
	fieldHTTPRoute
	fieldRPCService
	fieldRPCMethod
	fieldHTTPStatus
	fieldRPCStatus
	fieldErrorType
	fieldResend
	fields // how many there are
)

// conventions lists the attribute keys that say each thing, the one that counts
// most first: the current key, then those of earlier versions.
var conventions = [fields][]string{
	fieldDBSystem:        {string(semconv.DBSystemNameKey), string(oldconv.DBSystemKey)},
	fieldDBNamespace:     {string(semconv.DBNamespaceKey), string(oldconv.DBNameKey)},
	fieldDBOperation:     {string(semconv.DBOperationNameKey), string(oldconv.DBOperationKey)},
	fieldDBCollection:    {string(semconv.DBCollectionNameKey), string(oldconv.DBSQLTableKey), string(oldconv.DBMongoDBCollectionKey), string(oldconv.DBCassandraTableKey), string(oldconv.DBCosmosDBContainerKey)},
	fieldDBSummary:       {string(semconv.DBQuerySummaryKey)},
	fieldMessagingSystem: {string(semconv.MessagingSystemKey)},
	fieldDestination:     {string(semconv.MessagingDestinationTemplateKey), string(semconv.MessagingDestinationNameKey), string(earliest.MessagingDestinationKey)},
	fieldAddress: {string(semconv.ServerAddressKey), string(oldconv.NetPeerNameKey), string(oldconv.NetSockPeerNameKey), string(oldconv.NetSockPeerAddrKey),
		string(semconv.NetworkPeerAddressKey), string(earliest.NetPeerIPKey), string(earliest.HTTPHostKey)},
	fieldPort:        {string(semconv.ServerPortKey), string(oldconv.NetPeerPortKey), string(oldconv.NetSockPeerPortKey), string(semconv.NetworkPeerPortKey)},
	fieldURL:         {string(semconv.URLFullKey), string(oldconv.HTTPURLKey), string(earliest.MessagingURLKey)},
	fieldPeerService: {string(newest.ServicePeerNameKey), string(oldconv.PeerServiceKey)},
	fieldHTTPMethod:  {string(semconv.HTTPRequestMethodKey), string(oldconv.HTTPMethodKey)},
	fieldHTTPRoute:   {string(semconv.HTTPRouteKey)},
	fieldRPCService:  {string(semconv.RPCServiceKey)},
	fieldRPCMethod:   {string(semconv.RPCMethodKey)},
	fieldHTTPStatus:  {string(semconv.HTTPResponseStatusCodeKey), string(oldconv.HTTPStatusCodeKey)},
	fieldRPCStatus:   {string(newest.RPCResponseStatusCodeKey), string(semconv.RPCGRPCStatusCodeKey)},
	fieldErrorType:   {string(semconv.ErrorTypeKey)},
	fieldResend:      {string(semconv.HTTPRequestResendCountKey), string(oldconv.HTTPResendCountKey)},
}

// meaning is what an attribute key says, and how much its word counts: 0 most.
type meaning struct {
	field field
	rank  uint8
}

var meanings = func() map[string]meaning {
	m := map[string]meaning{}
	for f, keys := range conventions {
		for rank, key := range keys {
			m[key] = meaning{field(f), uint8(rank)}
		}
	}
	return m
}()

// cacheSystems are the database systems that are used as caches.
var cacheSystems = map[string]bool{
	semconv.DBSystemNameRedis.Value.AsString():     true,
	semconv.DBSystemNameMemcached.Value.AsString(): true,
	"valkey": true, "hazelcast": true, "aerospike": true,
}

// said is what a span says of itself by the conventions.
type said struct {
	values [fields]Value
	ranks  [fields]uint8 // 1 + the rank of the key that said it; 0 for not said
}

// read takes in the attributes. Of several that say one thing, the key that
// counts most wins, and an empty text says nothing.
func (s *said) read(attrs []Attr) {
	for i := range attrs {
		a := &attrs[i]
		m, ok := meanings[a.Key]
		if !ok {
			continue
		}
		if had := s.ranks[m.field]; had != 0 && had <= m.rank+1 {
			continue
		}
		if a.Value.kind == ValueEmpty || a.Value.kind == ValueString && a.Value.str == "" {
			continue
		}
		s.values[m.field], s.ranks[m.field] = a.Value, m.rank+1
	}
}

func (s *said) has(f field) bool { return s.ranks[f] != 0 }

// text is what was said, as text; "" for nothing.
func (s *said) text(f field) string {
	if s.ranks[f] == 0 {
		return ""
	}
	return s.values[f].Text()
}

package zipkin

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	oldconv "go.opentelemetry.io/otel/semconv/v1.21.0"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

type spanJSON struct {
	TraceID        mend.Text                 `json:"traceId"`
	ID             mend.Text                 `json:"id"`
	ParentID       mend.Text                 `json:"parentId"`
	Name           string                    `json:"name"`
	Kind           string                    `json:"kind"`
	Timestamp      mend.Number               `json:"timestamp"` // microseconds
	Duration       mend.Number               `json:"duration"`  // microseconds
	LocalEndpoint  *endpointJSON             `json:"localEndpoint"`
	RemoteEndpoint *endpointJSON             `json:"remoteEndpoint"`
	Annotations    mend.List[annotationJSON] `json:"annotations"`
	Tags           map[string]mend.Text      `json:"tags"`
}

type endpointJSON struct {
	ServiceName string      `json:"serviceName"`
	IPv4        string      `json:"ipv4"`
	IPv6        string      `json:"ipv6"`
	Port        mend.Number `json:"port"`
}

type annotationJSON struct {
	Timestamp mend.Number `json:"timestamp"` // microseconds
	Value     mend.Text   `json:"value"`
}

// Span reads the object of one span.
func Span(object []byte, m *mend.Mender) ([]trace.Span, error) {
	var in spanJSON
	if err := mend.Unmarshal(object, &in); err != nil {
		return nil, fmt.Errorf("read a Zipkin span: %w", err)
	}
	s := trace.Span{
		TraceID: m.TraceID(string(in.TraceID)), SpanID: m.SpanID(string(in.ID)), Parent: m.Parent(string(in.ParentID)),
		Name: in.Name, Kind: m.Kind(in.Kind),
	}
	start := in.Timestamp.Nanos(time.Microsecond, m)
	// A span without a duration is one whose end was lost, not one without length.
	m.Within(&s, start, start+in.Duration.Nanos(time.Microsecond, m))
	var resource, tags []trace.Attr
	for _, key := range slices.Sorted(maps.Keys(in.Tags)) {
		a := trace.Attr{Key: key, Value: trace.String(string(in.Tags[key]))}
		switch {
		case key == mend.ServiceKey:
		case mend.OfResource(key):
			resource = append(resource, a)
		default:
			tags = append(tags, a)
		}
	}
	m.Tags(&s, tags)
	s.Attrs = append(s.Attrs, peer(in.RemoteEndpoint, s.Attrs, m)...)
	s.Resource = m.Resource(append(mend.Service(service(&in)), resource...))
	for _, a := range in.Annotations {
		s.Events = append(s.Events, trace.Event{Time: a.Timestamp.Nanos(time.Microsecond, m), Name: string(a.Value)})
	}
	return []trace.Span{s}, nil
}

func service(in *spanJSON) string {
	if in.LocalEndpoint != nil && in.LocalEndpoint.ServiceName != "" {
		return in.LocalEndpoint.ServiceName
	}
	return string(in.Tags[mend.ServiceKey])
}

// peer says with OpenTelemetry's attributes who was on the other side, where
// the tags do not.
func peer(remote *endpointJSON, tags []trace.Attr, m *mend.Mender) (attrs []trace.Attr) {
	if remote == nil {
		return nil
	}
	has := func(key string) bool {
		return slices.ContainsFunc(tags, func(a trace.Attr) bool { return a.Key == key })
	}
	if key := string(oldconv.PeerServiceKey); remote.ServiceName != "" && !has(key) {
		attrs = append(attrs, trace.Attr{Key: key, Value: trace.String(remote.ServiceName)})
	}
	if key := string(semconv.NetworkPeerAddressKey); !has(key) && remote.IPv4+remote.IPv6 != "" {
		address := remote.IPv4
		if address == "" {
			address = remote.IPv6
		}
		attrs = append(attrs, trace.Attr{Key: key, Value: trace.String(strings.ToLower(address))})
	}
	if key := string(semconv.NetworkPeerPortKey); !has(key) && !remote.Port.IsZero() {
		attrs = append(attrs, trace.Attr{Key: key, Value: trace.Int(remote.Port.Int(m))})
	}
	return attrs
}

package datadog

import (
	"maps"
	"slices"
	"strings"

	oldconv "go.opentelemetry.io/otel/semconv/v1.21.0"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

// resourceKeys are the tags that say who emitted a span, and what OpenTelemetry
// calls them.
var resourceKeys = map[string]string{
	"env":        string(semconv.DeploymentEnvironmentNameKey),
	"version":    string(semconv.ServiceVersionKey),
	"runtime-id": string(semconv.ServiceInstanceIDKey),
	"host":       string(semconv.HostNameKey),
	"language":   string(semconv.TelemetrySDKLanguageKey),
	"pod_name":   string(semconv.K8SPodNameKey),
	"kube_node":  string(semconv.K8SNodeNameKey),
}

// spanKeys are tags that OpenTelemetry calls otherwise.
var spanKeys = map[string]string{
	"out.host":                 string(semconv.ServerAddressKey),
	"peer.hostname":            string(semconv.ServerAddressKey),
	"network.destination.name": string(semconv.ServerAddressKey),
	"out.port":                 string(semconv.ServerPortKey),
	"network.destination.port": string(semconv.ServerPortKey),
	"db.type":                  string(semconv.DBSystemNameKey),
	"db.system":                string(semconv.DBSystemNameKey),
	"db.instance":              string(semconv.DBNamespaceKey),
	"db.name":                  string(semconv.DBNamespaceKey),
	"error.type":               string(semconv.ErrorTypeKey),
}

// messageKeys say what went wrong.
var messageKeys = []string{"error.message", "error.msg"}

// dependencies are the types of spans that call something that sends none.
var dependencies = []string{"sql", "db", "mongodb", "redis", "memcached", "cassandra", "elasticsearch", "opensearch", "cache", "dynamodb"}

// steps are the components whose spans are steps of a call that has a span of its
// own, though they are said to be a client's.
var steps = []string{"net", "dns"}

// fill completes a span by its service, type and tags.
func fill(s *trace.Span, service, typ string, meta map[string]trace.Value, m *mend.Mender) {
	base := meta["_dd.base_service"].Text()
	if base != "" && base != service {
		say(meta, string(oldconv.PeerServiceKey), service)
		service = base
	}
	resource := map[string]trace.Value{}
	attrs := map[string]trace.Value{}
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		v := meta[key]
		switch {
		case key == mend.TagKind || key == mend.ServiceKey || key == "_dd.base_service" || key == "_dd.p.tid":
		case resourceKeys[key] != "":
			resource[resourceKeys[key]] = v
		case mend.OfResource(key):
			resource[key] = v
		case spanKeys[key] != "":
			attrs[spanKeys[key]] = v
		case slices.Contains(messageKeys, key):
			s.StatusMessage = v.Text()
		default:
			attrs[key] = v
		}
	}
	s.Kind = kindOf(meta[mend.TagKind].Text(), typ, m)
	if slices.Contains(steps, meta["component"].Text()) {
		s.Kind = trace.KindInternal
	}
	if v := attrs[string(semconv.DBSystemNameKey)]; v.Text() == "postgres" {
		attrs[string(semconv.DBSystemNameKey)] = trace.String("postgresql")
	}
	if system := string(semconv.DBSystemNameKey); s.Kind == trace.KindClient && slices.Contains(dependencies, typ) {
		if _, ok := attrs[system]; !ok && typ != "sql" && typ != "db" && typ != "cache" {
			attrs[system] = trace.String(typ)
		}
	}
	if s.Status != trace.StatusError {
		s.StatusMessage = ""
	}
	s.Attrs = list(attrs)
	s.Resource = m.Resource(append(mend.Service(service), list(resource)...))
}

// kindOf takes the tag, and else what the span's type tells.
func kindOf(tag, typ string, m *mend.Mender) trace.Kind {
	if tag != "" {
		return m.Kind(tag)
	}
	switch typ = strings.ToLower(typ); {
	case typ == "web" || typ == "rpc" || typ == "server":
		return trace.KindServer
	case typ == "http" || typ == "grpc" || slices.Contains(dependencies, typ):
		return trace.KindClient
	}
	return trace.KindUnspecified
}

func list(of map[string]trace.Value) (attrs []trace.Attr) {
	for _, key := range slices.Sorted(maps.Keys(of)) {
		attrs = append(attrs, trace.Attr{Key: key, Value: of[key]})
	}
	return attrs
}

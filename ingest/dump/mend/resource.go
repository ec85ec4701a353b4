package mend

import (
	"strings"

	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
)

// ServiceKey is the attribute that names a service.
const ServiceKey = string(semconv.ServiceNameKey)

// maxResources bounds how many resources and scopes are remembered.
const maxResources = 10_000

// Resource is the resource with these attributes, which it may keep. Spans that
// say the same about who emitted them share one: formats that repeat it in each
// span would fill memory and batches with copies.
func (m *Mender) Resource(attrs []trace.Attr) *trace.Resource {
	var key strings.Builder
	for i := range attrs {
		key.WriteString(attrs[i].Key)
		key.WriteByte(0)
		key.WriteByte(byte(attrs[i].Value.Kind()))
		key.WriteString(attrs[i].Value.Text())
		key.WriteByte(0)
	}
	if known := m.resources[key.String()]; known != nil {
		return known
	}
	made := trace.NewResource(attrs)
	if m.resources == nil || len(m.resources) >= maxResources {
		m.resources = map[string]*trace.Resource{}
	}
	m.resources[key.String()] = made
	return made
}

type scopeName struct{ name, version string }

// Scope is the scope of that name, shared as resources are; nil without one.
func (m *Mender) Scope(name, version string) *trace.Scope {
	if name == "" && version == "" {
		return nil
	}
	key := scopeName{name, version}
	if known := m.scopes[key]; known != nil {
		return known
	}
	if m.scopes == nil || len(m.scopes) >= maxResources {
		m.scopes = map[scopeName]*trace.Scope{}
	}
	made := &trace.Scope{Name: name, Version: version}
	m.scopes[key] = made
	return made
}

// Service makes a resource's attributes from a service's name, if there is one.
func Service(name string) []trace.Attr {
	if name == "" {
		return nil
	}
	return []trace.Attr{{Key: ServiceKey, Value: trace.String(name)}}
}

// resourcePrefixes are attributes that say who emitted a span, not what it did.
var resourcePrefixes = []string{"service.", "telemetry.", "deployment.", "k8s.", "container.", "host.", "cloud.", "process.", "os."}

// OfResource reports whether an attribute's key is a resource's, by the
// conventions. Formats with one list of tags mix them.
func OfResource(key string) bool {
	for _, p := range resourcePrefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

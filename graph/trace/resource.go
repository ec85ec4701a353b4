package trace

import (
	oldconv "go.opentelemetry.io/otel/semconv/v1.21.0"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
)

// Resource is who emitted a span. The named fields are read once from the
// attributes by NewResource and are empty where the data does not say.
type Resource struct {
	Attrs        []Attr
	SchemaURL    string
	DroppedAttrs uint32

	Service     string // service.name
	Namespace   string // service.namespace
	Environment string // deployment.environment.name, or the older deployment.environment
	Instance    string // service.instance.id, or else k8s.pod.name
	Host        string // k8s.node.name, or else host.name
	Zone        string // cloud.availability_zone
	Version     string // service.version
}

// NewResource reads the named fields from the attributes, which it keeps.
func NewResource(attrs []Attr) *Resource {
	r := &Resource{Attrs: attrs}
	r.Service = r.first(string(semconv.ServiceNameKey))
	r.Namespace = r.first(string(semconv.ServiceNamespaceKey))
	r.Environment = r.first(string(semconv.DeploymentEnvironmentNameKey), string(oldconv.DeploymentEnvironmentKey))
	r.Instance = r.first(string(semconv.ServiceInstanceIDKey), string(semconv.K8SPodNameKey))
	r.Host = r.first(string(semconv.K8SNodeNameKey), string(semconv.HostNameKey))
	r.Zone = r.first(string(semconv.CloudAvailabilityZoneKey))
	r.Version = r.first(string(semconv.ServiceVersionKey))
	return r
}

// first is the text of the first of the keys that is there and not empty.
func (r *Resource) first(keys ...string) string {
	for _, k := range keys {
		if v, ok := find(r.Attrs, k); ok {
			if s := v.Text(); s != "" {
				return s
			}
		}
	}
	return ""
}

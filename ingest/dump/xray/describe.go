package xray

import (
	"net/url"
	"strings"

	oldconv "go.opentelemetry.io/otel/semconv/v1.21.0"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

// describe fills name, status and attributes of a segment's span.
func describe(s *trace.Span, in *segmentJSON, m *mend.Mender) {
	text := func(key, value string) {
		if value != "" {
			s.Attrs = append(s.Attrs, trace.Attr{Key: key, Value: trace.String(value)})
		}
	}
	if in.HTTP.Request.Method != "" {
		text(string(semconv.HTTPRequestMethodKey), in.HTTP.Request.Method)
		s.Name = in.HTTP.Request.Method
		if path := pathOf(in.HTTP.Request.URL); s.Kind == trace.KindServer && path != "" {
			s.Name += " " + path
			text(string(semconv.HTTPRouteKey), path)
		}
	}
	text(string(semconv.URLFullKey), in.HTTP.Request.URL)
	if status := in.HTTP.Response.Status; !status.IsZero() {
		s.Attrs = append(s.Attrs, trace.Attr{Key: string(semconv.HTTPResponseStatusCodeKey), Value: trace.Int(status.Int(m))})
	}
	if in.SQL != (sqlJSON{}) {
		text(string(semconv.DBSystemNameKey), strings.ToLower(in.SQL.Database))
		text(string(semconv.DBQueryTextKey), in.SQL.Query)
		if u, err := url.Parse(in.SQL.URL); err == nil {
			text(string(semconv.ServerAddressKey), u.Hostname())
			text(string(semconv.ServerPortKey), u.Port())
			text(string(semconv.DBNamespaceKey), strings.TrimPrefix(u.Path, "/"))
		}
	}
	s.Attrs = append(s.Attrs, awsCall(in, s.Kind, m)...)
	if s.Kind == trace.KindClient && in.SQL == (sqlJSON{}) {
		text(string(oldconv.PeerServiceKey), in.Name)
	}
	s.Attrs = append(s.Attrs, mend.Attrs(in.Annotations, m)...)
	for _, space := range mend.Attrs(in.Metadata, m) {
		for _, a := range space.Value.Map() {
			s.Attrs = append(s.Attrs, trace.Attr{Key: space.Key + "." + a.Key, Value: a.Value})
		}
	}
	if in.Fault || in.Error || in.Throttle {
		s.Status = trace.StatusError
		fail(s, in.Cause)
	}
}

// fail says what went wrong: the first of the exceptions.
func fail(s *trace.Span, cause mend.Raw) {
	var c struct {
		Exceptions []struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"exceptions"`
	}
	if mend.Unmarshal(cause, &c) != nil { // the id of the exception elsewhere, or nothing
		return
	}
	for i, e := range c.Exceptions {
		if i == 0 {
			s.StatusMessage = e.Message
		}
		s.Events = append(s.Events, trace.Event{Time: s.End, Name: semconv.ExceptionEventName, Attrs: []trace.Attr{
			{Key: string(semconv.ExceptionTypeKey), Value: trace.String(e.Type)},
			{Key: string(semconv.ExceptionMessageKey), Value: trace.String(e.Message)},
		}})
	}
}

// awsCall are the attributes of a call to an AWS service.
func awsCall(in *segmentJSON, kind trace.Kind, m *mend.Mender) (attrs []trace.Attr) {
	if kind != trace.KindClient || in.Namespace != "aws" {
		return nil
	}
	for _, a := range mend.Attrs(in.AWS, m) {
		switch a.Key {
		case "operation":
			attrs = append(attrs, trace.Attr{Key: string(semconv.RPCMethodKey), Value: a.Value})
			if in.Name == "DynamoDB" {
				attrs = append(attrs,
					trace.Attr{Key: string(semconv.DBSystemNameKey), Value: trace.String(semconv.DBSystemNameAWSDynamoDB.Value.AsString())},
					trace.Attr{Key: string(semconv.DBOperationNameKey), Value: a.Value})
			}
		case "table_name":
			attrs = append(attrs, trace.Attr{Key: string(semconv.DBCollectionNameKey), Value: a.Value})
		default:
			attrs = append(attrs, trace.Attr{Key: "aws." + a.Key, Value: a.Value})
		}
	}
	return attrs
}

// pathOf is the path of a URL with what looks like an id taken out: a route
// would have said {id}, and X-Ray keeps no routes.
func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path == "" {
		return ""
	}
	parts := strings.Split(u.Path, "/")
	for i, p := range parts {
		if strings.ContainsAny(p, "0123456789") && !versionLike(p) {
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

// versionLike reports whether a part of a path is such as v1.
func versionLike(p string) bool {
	return len(p) <= 3 && strings.HasPrefix(strings.ToLower(p), "v")
}

// resourceOf reads who made a segment: its name is the service's. A subsegment
// that was sent by itself does not say.
func resourceOf(in *segmentJSON, sub bool, m *mend.Mender) *trace.Resource {
	var attrs []trace.Attr
	if !sub {
		attrs = mend.Service(in.Name)
	}
	add := func(key string, v trace.Value) {
		if v.Text() != "" {
			attrs = append(attrs, trace.Attr{Key: key, Value: v})
		}
	}
	for _, a := range mend.Attrs(in.Service, m) {
		if a.Key == "version" && a.Value.Text() != "unknown" { // as the SDK for Node writes without one
			add(string(semconv.ServiceVersionKey), a.Value)
		}
	}
	for _, part := range mend.Attrs(in.AWS, m) {
		for _, a := range part.Value.Map() {
			switch part.Key + "." + a.Key {
			case "ec2.instance_id":
				add(string(semconv.HostNameKey), a.Value)
			case "ec2.availability_zone", "ecs.availability_zone":
				add(string(semconv.CloudAvailabilityZoneKey), a.Value)
			case "ecs.container_id", "ecs.container":
				add(string(semconv.ServiceInstanceIDKey), a.Value)
			case "eks.pod":
				add(string(semconv.K8SPodNameKey), a.Value)
			}
		}
	}
	return m.Resource(attrs)
}

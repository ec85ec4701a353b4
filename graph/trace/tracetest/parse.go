package tracetest

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"headwater/graph/trace"
)

// Base is the time, in Unix nanoseconds, to which the milliseconds are added.
const Base = int64(1_700_000_000_000_000_000)

// Parse reads spans of one trace, or of several. The name names the first.
func Parse(name, text string) ([]trace.Span, error) {
	id := TraceID(name)
	resources := map[string]*trace.Resource{}
	var out []trace.Span
	for n, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if f[0] == "trace" && len(f) == 2 {
			id = TraceID(f[1])
			continue
		}
		s, err := span(f, resources)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		s.TraceID = id
		out = append(out, s)
	}
	return out, nil
}

// TraceID is the trace id that a name stands for; hexadecimal digits stand for
// themselves.
func TraceID(name string) trace.TraceID {
	if id, err := trace.ParseTraceID(name); err == nil {
		return id
	}
	sum := sha256.Sum256([]byte(name))
	var id trace.TraceID
	copy(id[:], sum[:])
	return id
}

// MustParse is Parse for texts that are known to be right.
func MustParse(name, text string) []trace.Span {
	spans, err := Parse(name, text)
	if err != nil {
		panic(err)
	}
	return spans
}

// ID is the span id that a word stands for.
func ID(word string) trace.SpanID {
	var id trace.SpanID
	if word != "-" {
		sum := sha256.Sum256([]byte(word))
		copy(id[:], sum[:])
	}
	return id
}

var kinds = map[string]trace.Kind{
	"unspecified": trace.KindUnspecified, "internal": trace.KindInternal, "server": trace.KindServer,
	"client": trace.KindClient, "producer": trace.KindProducer, "consumer": trace.KindConsumer,
}

func span(f []string, resources map[string]*trace.Resource) (trace.Span, error) {
	if len(f) < 6 {
		return trace.Span{}, fmt.Errorf("%d fields, want at least 6", len(f))
	}
	kind, ok := kinds[f[3]]
	if !ok {
		return trace.Span{}, fmt.Errorf("unknown kind %q", f[3])
	}
	from, to, ok := strings.Cut(f[4], "-")
	start, err1 := strconv.ParseFloat(from, 64)
	end, err2 := strconv.ParseFloat(to, 64)
	if !ok || err1 != nil || err2 != nil {
		return trace.Span{}, fmt.Errorf("time %q, want start-end in milliseconds", f[4])
	}
	s := trace.Span{
		SpanID: ID(f[0]), Parent: ID(f[1]), Kind: kind, Name: strings.Trim(f[5], `"`),
		Start: Base + int64(start*1e6), End: Base + int64(end*1e6),
	}
	of := f[2] // what stands for the resource
	var attrs []trace.Attr
	for _, w := range f[6:] {
		key, value, ok := strings.Cut(w, "=")
		switch {
		case w == "error":
			s.Status = trace.StatusError
		case !ok:
			return trace.Span{}, fmt.Errorf("%q is neither error nor key=value", w)
		case key == "link":
			to, at, _ := strings.Cut(value, "/")
			s.Links = append(s.Links, trace.Link{TraceID: TraceID(to), SpanID: ID(at)})
		case key == "tracestate":
			s.TraceState = value
		case key == "message":
			s.StatusMessage = value
		case strings.HasPrefix(key, "resource."):
			of += " " + w
			attrs = append(attrs, trace.Attr{Key: strings.TrimPrefix(key, "resource."), Value: trace.String(value)})
		default:
			s.Attrs = append(s.Attrs, trace.Attr{Key: key, Value: trace.String(value)})
		}
	}
	if resources[of] == nil {
		resources[of] = resource(f[2], attrs)
	}
	s.Resource = resources[of]
	return s, nil
}

func resource(word string, more []trace.Attr) *trace.Resource {
	service, host, _ := strings.Cut(word, "@")
	attrs := []trace.Attr{{Key: "service.name", Value: trace.String(strings.Trim(service, `"`))}}
	if host != "" {
		attrs = append(attrs, trace.Attr{Key: "host.name", Value: trace.String(host)})
	}
	return trace.NewResource(append(attrs, more...))
}

package wire

import (
	"math"

	"pgregory.net/rapid"

	"headwater/graph/trace"
)

func genText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringN(0, 12, -1), rapid.SampledFrom([]string{
		"", "service.name", "k8s.pod.name", "orders", "GET /a", "\xff\xfe not UTF-8", "a\"\\\n\x00é",
	}))
}

func genValue(depth int) *rapid.Generator[trace.Value] {
	kinds := []*rapid.Generator[trace.Value]{
		rapid.Just(trace.Value{}),
		rapid.Map(genText(), trace.String),
		rapid.Map(rapid.Bool(), trace.Bool),
		rapid.Map(rapid.Int64(), trace.Int),
		rapid.Map(rapid.Float64(), trace.Double),
		rapid.SampledFrom([]trace.Value{
			trace.Double(math.NaN()), trace.Double(math.Inf(1)), trace.Double(math.Inf(-1)),
			trace.Double(math.Copysign(0, -1)), trace.Int(math.MinInt64), trace.Int(math.MaxInt64),
		}),
		rapid.Map(genText(), trace.Bytes),
	}
	if depth > 0 {
		kinds = append(kinds,
			rapid.Map(someOf(genValue(depth-1)), trace.Array),
			rapid.Map(genAttrs(depth-1), trace.Map))
	}
	return rapid.OneOf(kinds...)
}

// someOf makes short lists; the empty one is nil, as decoding gives it.
func someOf[T any](of *rapid.Generator[T]) *rapid.Generator[[]T] {
	return rapid.Map(rapid.SliceOfN(of, 0, 3), func(list []T) []T {
		if len(list) == 0 {
			return nil
		}
		return list
	})
}

func genAttrs(depth int) *rapid.Generator[[]trace.Attr] {
	return someOf(rapid.Custom(func(t *rapid.T) trace.Attr {
		return trace.Attr{Key: genText().Draw(t, "key"), Value: genValue(depth).Draw(t, "value")}
	}))
}

// genID makes the bytes of an id that is not zero.
func genID(size int) *rapid.Generator[[]byte] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), size, size), func(b []byte) []byte {
		b[size-1] |= 1
		return b
	})
}

var (
	genTraceID = rapid.Map(genID(16), func(b []byte) trace.TraceID { return trace.TraceID(b) })
	genSpanID  = rapid.Map(genID(8), func(b []byte) trace.SpanID { return trace.SpanID(b) })
)

func genSpans() *rapid.Generator[[]trace.Span] {
	return rapid.Custom(func(t *rapid.T) []trace.Span {
		var spans []trace.Span
		for range rapid.IntRange(0, 3).Draw(t, "resources") {
			resource := trace.NewResource(genAttrs(1).Draw(t, "resource"))
			resource.SchemaURL = genText().Draw(t, "resource schema")
			resource.DroppedAttrs = rapid.Uint32().Draw(t, "resource dropped")
			for range rapid.IntRange(1, 2).Draw(t, "scopes") {
				scope := genScope().Draw(t, "scope")
				for range rapid.IntRange(1, 3).Draw(t, "spans") {
					span := genSpan().Draw(t, "span")
					span.Resource, span.Scope = resource, scope
					spans = append(spans, span)
				}
			}
		}
		return spans
	})
}

func genScope() *rapid.Generator[*trace.Scope] {
	return rapid.Custom(func(t *rapid.T) *trace.Scope {
		if rapid.Bool().Draw(t, "no scope") {
			return nil
		}
		return &trace.Scope{
			Name:         "lib" + genText().Draw(t, "name"),
			Version:      genText().Draw(t, "version"),
			Attrs:        genAttrs(1).Draw(t, "attrs"),
			SchemaURL:    genText().Draw(t, "schema"),
			DroppedAttrs: rapid.Uint32().Draw(t, "dropped"),
		}
	})
}

func genSpan() *rapid.Generator[trace.Span] {
	return rapid.Custom(func(t *rapid.T) trace.Span {
		return trace.Span{
			TraceID:       genTraceID.Draw(t, "trace id"),
			SpanID:        genSpanID.Draw(t, "span id"),
			Parent:        rapid.OneOf(rapid.Just(trace.SpanID{}), genSpanID).Draw(t, "parent"),
			Name:          genText().Draw(t, "name"),
			Kind:          trace.Kind(rapid.IntRange(0, 5).Draw(t, "kind")),
			Status:        trace.StatusCode(rapid.IntRange(0, 2).Draw(t, "status")),
			StatusMessage: genText().Draw(t, "status message"),
			Start:         rapid.Int64().Draw(t, "start"),
			End:           rapid.Int64().Draw(t, "end"),
			TraceState:    genText().Draw(t, "trace state"),
			Flags:         rapid.Uint32().Draw(t, "flags"),
			Attrs:         genAttrs(2).Draw(t, "attrs"),
			Events:        someOf(genEvent()).Draw(t, "events"),
			Links:         someOf(genLink()).Draw(t, "links"),
			DroppedAttrs:  rapid.Uint32().Draw(t, "dropped attrs"),
			DroppedEvents: rapid.Uint32().Draw(t, "dropped events"),
			DroppedLinks:  rapid.Uint32().Draw(t, "dropped links"),
		}
	})
}

func genEvent() *rapid.Generator[trace.Event] {
	return rapid.Custom(func(t *rapid.T) trace.Event {
		return trace.Event{
			Time:         rapid.Int64().Draw(t, "time"),
			Name:         genText().Draw(t, "name"),
			Attrs:        genAttrs(1).Draw(t, "attrs"),
			DroppedAttrs: rapid.Uint32().Draw(t, "dropped"),
		}
	})
}

func genLink() *rapid.Generator[trace.Link] {
	return rapid.Custom(func(t *rapid.T) trace.Link {
		return trace.Link{
			TraceID:      genTraceID.Draw(t, "trace id"),
			SpanID:       genSpanID.Draw(t, "span id"),
			TraceState:   genText().Draw(t, "trace state"),
			Flags:        rapid.Uint32().Draw(t, "flags"),
			Attrs:        genAttrs(1).Draw(t, "attrs"),
			DroppedAttrs: rapid.Uint32().Draw(t, "dropped"),
		}
	})
}

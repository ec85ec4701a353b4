package dump

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/dump/console"
	"headwater/ingest/dump/otlpjson"
	"headwater/ingest/wire"
)

// readRequest reads an OTLP request in JSON, as OTLP writes it or nearly so.
// checked is set for one that is known to be an object that is not deep.
func (f *input) readRequest(ctx context.Context, object []byte, checked bool, place string) error {
	read := wire.NewBatchJSON
	if checked {
		read = wire.NewBatchObject
	}
	batch, err := read(object)
	if err == nil && len(batch.Spans)+len(batch.Refused) > 0 {
		return f.keep(ctx, batch, place)
	}
	spans, lenient := otlpjson.Request(object, &f.mender)
	if lenient == nil {
		return f.keepSpans(ctx, spans, len(object), place)
	}
	f.mender.Take(func(string, int64) {})
	if err != nil { // else it is an empty request, as far as OTLP goes
		f.notes.add(1, "unreadable OTLP JSON", place, brief(err))
	}
	return nil
}

// readObject reads an object that is no OTLP request by its beginning.
func (f *input) readObject(ctx context.Context, p piece) error {
	object := p.object
	if p.script {
		var err error
		if object, err = console.Literal(object, &f.mender); err != nil {
			f.notes.add(1, notJSON, f.place(p), brief(err))
			return nil
		}
	}
	keys := keysOf(object)
	form := formOf(keys)
	switch {
	case form == nil && ignored(keys):
		return nil
	case len(keys) == 0 && json.Valid(object):
		f.requests++ // an empty request
		return nil
	case len(keys) == 0:
		f.notes.add(1, notJSON, f.place(p), "")
		return nil
	case form == nil:
		what, detail := otherThanTraces(keys)
		f.notes.add(1, what, f.place(p), detail)
		return nil
	}
	spans, err := form.read(object, &f.mender)
	if err != nil {
		f.notes.add(1, "unreadable JSON of "+form.name, f.place(p), brief(err))
		return nil
	}
	f.requests++
	return f.keepSpans(ctx, spans, len(object), f.place(p))
}

// keep takes a request over.
func (f *input) keep(ctx context.Context, batch *ingest.Batch, place string) error {
	for _, reason := range slices.Sorted(maps.Keys(batch.Refused)) {
		f.refuse(batch.Refused[reason], reason, place)
	}
	return f.out.add(ctx, batch)
}

// keepSpans takes spans over that came in no request. Those without an id are
// refused.
func (f *input) keepSpans(ctx context.Context, spans []trace.Span, size int, place string) error {
	f.mender.Take(func(what string, count int64) { f.mended.add(count, what, place, "") })
	spans = slices.DeleteFunc(spans, func(s trace.Span) bool {
		switch {
		case s.TraceID.IsZero():
			f.refuse(1, ingest.NoTraceID, place)
		case s.SpanID.IsZero():
			f.refuse(1, ingest.NoSpanID, place)
		default:
			return false
		}
		return true
	})
	return f.out.addSpans(ctx, spans, size)
}

func (f *input) refuse(count int, reason ingest.Reason, place string) {
	f.notes.add(int64(count), "span with "+string(reason), place, "")
}

package store

import (
	"strings"

	"headwater/graph/trace"
)

// keeper copies spans, so that they keep nothing in memory but themselves. What many
// have in common is copied once: keys and names for good, up to a number, resources and
// scopes for each block.
type keeper struct {
	words     map[string]string
	resources map[*trace.Resource]*trace.Resource
	scopes    map[*trace.Scope]*trace.Scope
}

const (
	mostWords = 1 << 14
	// bytes in memory of what stands for a span, an attribute, and anything else of it
	spanSize, attrSize, partSize = 320, 64, 96
)

func newKeeper() *keeper {
	return &keeper{words: map[string]string{}}
}

// next begins another block.
func (k *keeper) next() {
	k.resources, k.scopes = map[*trace.Resource]*trace.Resource{}, map[*trace.Scope]*trace.Scope{}
}

// span copies a span, and tells how much memory that takes.
func (k *keeper) span(s *trace.Span) (trace.Span, int64) {
	size := int64(spanSize)
	c := *s
	c.Name = k.word(s.Name)
	c.StatusMessage, c.TraceState = strings.Clone(s.StatusMessage), strings.Clone(s.TraceState)
	size += int64(len(c.StatusMessage) + len(c.TraceState))
	c.Resource, c.Scope = k.resource(s.Resource, &size), k.scope(s.Scope, &size)
	c.Attrs = k.attrs(s.Attrs, &size)
	if s.Events != nil {
		c.Events = make([]trace.Event, len(s.Events))
		for i, e := range s.Events {
			e.Name, e.Attrs = k.word(e.Name), k.attrs(e.Attrs, &size)
			c.Events[i] = e
			size += partSize
		}
	}
	if s.Links != nil {
		c.Links = make([]trace.Link, len(s.Links))
		for i, l := range s.Links {
			l.TraceState, l.Attrs = strings.Clone(l.TraceState), k.attrs(l.Attrs, &size)
			c.Links[i] = l
			size += partSize + int64(len(l.TraceState))
		}
	}
	return c, size
}

func (k *keeper) word(s string) string {
	if w, ok := k.words[s]; ok {
		return w
	}
	w := strings.Clone(s)
	if len(k.words) < mostWords {
		k.words[w] = w
	}
	return w
}

// attrs copies attributes: their texts stand together.
func (k *keeper) attrs(list []trace.Attr, size *int64) []trace.Attr {
	if len(list) == 0 {
		return nil
	}
	n := 0
	for i := range list {
		n += len(textOf(&list[i]))
	}
	var text strings.Builder
	text.Grow(n)
	for i := range list {
		text.WriteString(textOf(&list[i]))
	}
	rest := text.String()
	out := make([]trace.Attr, len(list))
	for i, a := range list {
		at := len(textOf(&a))
		switch a.Value.Kind() {
		case trace.ValueString:
			a.Value = trace.String(rest[:at])
		case trace.ValueBytes:
			a.Value = trace.Bytes(rest[:at])
		default: // nested ones are copies already
		}
		rest = rest[at:]
		a.Key = k.word(a.Key)
		out[i] = a
	}
	*size += int64(n + attrSize*len(list))
	return out
}

// textOf is the text of a value that is one.
func textOf(a *trace.Attr) string {
	if kind := a.Value.Kind(); kind == trace.ValueString || kind == trace.ValueBytes {
		return a.Value.Str()
	}
	return ""
}

func (k *keeper) resource(r *trace.Resource, size *int64) *trace.Resource {
	if r == nil {
		return nil
	}
	if c, ok := k.resources[r]; ok {
		return c
	}
	c := trace.NewResource(k.attrs(r.Attrs, size))
	c.SchemaURL, c.DroppedAttrs = k.word(r.SchemaURL), r.DroppedAttrs
	*size += partSize
	k.resources[r] = c
	return c
}

func (k *keeper) scope(s *trace.Scope, size *int64) *trace.Scope {
	if s == nil {
		return nil
	}
	if c, ok := k.scopes[s]; ok {
		return c
	}
	c := *s
	c.Name, c.Version, c.SchemaURL = k.word(s.Name), k.word(s.Version), k.word(s.SchemaURL)
	c.Attrs = k.attrs(s.Attrs, size)
	*size += partSize
	k.scopes[s] = &c
	return &c
}

package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"headwater/graph/trace"
	"headwater/ingest/dump"
)

// The forms that Headwater reads and does not write, as their programs do.

type fields = map[string]any

var otlpID = regexp.MustCompile(`"(traceId|spanId|parentSpanId)":"([0-9a-f]+)"`)

// asTempo writes ids in base64 and kinds by name.
func asTempo(t *testing.T, spans []trace.Span) []byte {
	t.Helper()
	text := string(formatted(t, dump.OTLP, spans))
	text = otlpID.ReplaceAllStringFunc(text, func(field string) string {
		m := otlpID.FindStringSubmatch(field)
		raw, err := hex.DecodeString(m[2])
		if err != nil {
			t.Fatal(err)
		}
		return `"` + m[1] + `":"` + base64.StdEncoding.EncodeToString(raw) + `"`
	})
	for k := trace.KindInternal; k <= trace.KindConsumer; k++ {
		text = strings.ReplaceAll(text, `"kind":`+string('0'+rune(k)), `"kind":"SPAN_KIND_`+strings.ToUpper(k.String())+`"`)
	}
	text = strings.TrimSuffix(strings.ReplaceAll(text, "]}\n{\"resourceSpans\":[", ","), "\n")
	return []byte(`{"trace":` + text + `}`)
}

func valueOf(v trace.Value) any {
	switch v.Kind() {
	case trace.ValueInt:
		i, _ := v.Int()
		return i
	case trace.ValueBool:
		return v.Bool()
	case trace.ValueDouble:
		return v.Double()
	}
	return v.Text()
}

func clockOf(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

func asGo(t *testing.T, spans []trace.Span) []byte {
	t.Helper()
	var out bytes.Buffer
	attrs := func(of []trace.Attr) []fields {
		var list []fields
		for _, a := range of {
			list = append(list, fields{"Key": a.Key, "Value": fields{"Type": "ANY", "Value": valueOf(a.Value)}})
		}
		return list
	}
	for i := range spans {
		s := &spans[i]
		var links []fields
		for _, l := range s.Links {
			links = append(links, fields{"SpanContext": fields{"TraceID": l.TraceID, "SpanID": l.SpanID}})
		}
		encode(t, &out, fields{
			"Name": s.Name, "SpanContext": fields{"TraceID": s.TraceID, "SpanID": s.SpanID, "TraceFlags": "01"},
			"Parent":   fields{"TraceID": s.TraceID, "SpanID": s.Parent},
			"SpanKind": s.Kind, "StartTime": clockOf(s.Start), "EndTime": clockOf(s.End),
			"Attributes": attrs(s.Attrs), "Links": links, "Resource": attrs(s.Resource.Attrs),
			"Status": fields{"Code": []string{"Unset", "Ok", "Error"}[s.Status], "Description": s.StatusMessage},
		})
	}
	return out.Bytes()
}

func asPython(t *testing.T, spans []trace.Span) []byte {
	t.Helper()
	var out bytes.Buffer
	attrs := func(of []trace.Attr) fields {
		f := fields{}
		for _, a := range of {
			f[a.Key] = valueOf(a.Value)
		}
		return f
	}
	for i := range spans {
		s := &spans[i]
		f := fields{
			"name": s.Name, "context": fields{"trace_id": "0x" + s.TraceID.String(), "span_id": "0x" + s.SpanID.String(), "trace_state": "[]"},
			"kind": "SpanKind." + strings.ToUpper(s.Kind.String()), "parent_id": nil,
			"start_time": clockOf(s.Start), "end_time": clockOf(s.End), "attributes": attrs(s.Attrs),
			"status":   fields{"status_code": []string{"UNSET", "OK", "ERROR"}[s.Status], "description": s.StatusMessage},
			"resource": fields{"attributes": attrs(s.Resource.Attrs), "schema_url": ""},
		}
		if !s.Parent.IsZero() {
			f["parent_id"] = "0x" + s.Parent.String()
		}
		text, err := json.MarshalIndent(f, "", "    ")
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(text, '\n'))
	}
	return out.Bytes()
}

func asDatadog(t *testing.T, spans []trace.Span) []byte {
	t.Helper()
	traces := [][]fields{}
	for i := range spans {
		s := &spans[i]
		meta, metrics := fields{"span.kind": s.Kind.String(), "_dd.p.tid": hex.EncodeToString(s.TraceID[:8])}, fields{}
		for _, a := range append(s.Resource.Attrs, s.Attrs...) {
			key := map[string]string{"service.version": "version", "service.instance.id": "runtime-id", "host.name": "host"}[a.Key]
			if key == "" {
				key = a.Key
			}
			if a.Value.Kind() == trace.ValueInt {
				metrics[key] = valueOf(a.Value)
			} else {
				meta[key] = a.Value.Text()
			}
		}
		failed := 0
		if s.Failed() {
			failed = 1
			meta["error.message"] = s.StatusMessage
		}
		traces = append(traces, []fields{{
			"trace_id": binary.BigEndian.Uint64(s.TraceID[8:]), "span_id": binary.BigEndian.Uint64(s.SpanID[:]),
			"parent_id": binary.BigEndian.Uint64(s.Parent[:]), "service": s.Resource.Service, "name": "op", "resource": s.Name,
			"start": s.Start, "duration": s.Duration(), "error": failed, "meta": meta, "metrics": metrics,
		}})
	}
	var out bytes.Buffer
	encode(t, &out, traces)
	return out.Bytes()
}

// asXRay writes a document for each server span, with the spans of the same
// service that stand below it.
func asXRay(t *testing.T, spans []trace.Span) []byte {
	t.Helper()
	below := map[trace.SpanID][]*trace.Span{}
	for i := range spans {
		below[spans[i].Parent] = append(below[spans[i].Parent], &spans[i])
	}
	var of func(s *trace.Span) fields
	of = func(s *trace.Span) fields {
		f := fields{
			"id": s.SpanID, "name": s.Resource.Service, "fault": s.Failed(),
			"start_time": json.Number(seconds(s.Start)), "end_time": json.Number(seconds(s.End)),
		}
		text := func(keys ...string) string {
			for _, k := range keys {
				if v, ok := s.Attr(k); ok {
					return v.Text()
				}
			}
			return ""
		}
		if status := text("http.response.status_code"); status != "" || s.Kind == trace.KindServer {
			method, path, _ := strings.Cut(s.Name, " ")
			f["http"] = fields{"request": fields{"method": method, "url": "http://host" + path}, "response": fields{"status": json.Number(cmp.Or(status, "200"))}}
		}
		if s.Kind == trace.KindClient {
			f["namespace"], f["name"] = "remote", text("server.address")
			if system := text("db.system.name"); system != "" {
				f["sql"] = fields{"database_type": system, "url": system + "://" + text("server.address") + ":" + text("server.port") + "/" + text("db.namespace")}
			}
		}
		var inner []fields
		for _, c := range below[s.SpanID] {
			if c.Kind != trace.KindServer {
				inner = append(inner, of(c))
			}
		}
		f["subsegments"] = inner
		return f
	}
	var out bytes.Buffer
	for i := range spans {
		s := &spans[i]
		if s.Kind != trace.KindServer {
			continue
		}
		f := of(s)
		id := s.TraceID.String()
		f["trace_id"] = "1-" + id[:8] + "-" + id[8:]
		if !s.Parent.IsZero() {
			f["parent_id"] = s.Parent
		}
		encode(t, &out, f)
	}
	return out.Bytes()
}

func seconds(ns int64) string { return fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9) }

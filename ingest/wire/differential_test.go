package wire

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"

	"headwater/graph/trace"
)

// TestScannerAgreesWithPdata reads requests that were damaged here and there.
func TestScannerAgreesWithPdata(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		request, err := Encode(genSpans().Draw(t, "spans"))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			if len(request) == 0 {
				break
			}
			at := rapid.IntRange(0, len(request)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "change") {
			case 0:
				request[at] = rapid.Byte().Draw(t, "byte")
			case 1:
				request[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			case 2:
				request = request[:at]
			}
		}
		spans, refused, err := Decode(request)
		requireAsReference(t, request, spans, refused, err)
	})
}

// TestScannerAgreesWithPdataOnOddMessages reads messages in which fields stand
// in any order, several times, in parts, and with wire types of others.
func TestScannerAgreesWithPdataOnOddMessages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		request := oddMessage(t, "request", 7)
		spans, refused, err := Decode(request)
		requireAsReference(t, request, spans, refused, err)
	})
}

// schema says which fields of a message hold messages, and which.
var schema = map[string]map[protowire.Number]string{
	"request":        {1: "resource spans"},
	"resource spans": {1: "resource", 2: "scope spans", 1000: "scope spans"},
	"resource":       {1: "attribute"},
	"scope spans":    {1: "scope", 2: "span"},
	"scope":          {3: "attribute"},
	"span":           {9: "attribute", 11: "event", 13: "link", 15: "status"},
	"event":          {3: "attribute"},
	"link":           {4: "attribute"},
	"status":         {},
	"attribute":      {2: "value"},
	"value":          {5: "list", 6: "map"},
	"list":           {1: "value"},
	"map":            {1: "attribute"},
}

// likely are the wire types of fields that hold no messages.
var likely = map[string]map[protowire.Number]protowire.Type{
	"span": {
		1: protowire.BytesType, 2: protowire.BytesType, 3: protowire.BytesType, 4: protowire.BytesType, 5: protowire.BytesType,
		6: protowire.VarintType, 7: protowire.Fixed64Type, 8: protowire.Fixed64Type, 10: protowire.VarintType,
		12: protowire.VarintType, 14: protowire.VarintType, 16: protowire.Fixed32Type,
	},
	"value": {
		1: protowire.BytesType, 2: protowire.VarintType, 3: protowire.VarintType, 4: protowire.Fixed64Type,
		7: protowire.BytesType, 8: protowire.VarintType,
	},
	"link":   {1: protowire.BytesType, 2: protowire.BytesType, 3: protowire.BytesType, 5: protowire.VarintType, 6: protowire.Fixed32Type},
	"event":  {1: protowire.Fixed64Type, 2: protowire.BytesType, 4: protowire.VarintType},
	"status": {2: protowire.BytesType, 3: protowire.VarintType},
}

func oddMessage(t *rapid.T, name string, depth int) []byte {
	var b []byte
	inner := schema[name]
	for range rapid.IntRange(0, 4).Draw(t, "fields") {
		number := protowire.Number(rapid.IntRange(1, 17).Draw(t, "number"))
		if kind := rapid.IntRange(0, 9).Draw(t, "kind"); kind < 6 && len(inner) > 0 && depth > 0 {
			numbers := []protowire.Number{}
			for n := protowire.Number(1); n <= 1000; n++ {
				if inner[n] != "" {
					numbers = append(numbers, n)
				}
			}
			number = rapid.SampledFrom(numbers).Draw(t, "message")
			b = protowire.AppendTag(b, number, protowire.BytesType)
			b = protowire.AppendBytes(b, oddMessage(t, inner[number], depth-1))
			continue
		}
		wireType, ok := likely[name][number]
		if !ok || rapid.IntRange(0, 19).Draw(t, "odd type") == 0 {
			wireType = protowire.Type(rapid.IntRange(0, 7).Draw(t, "type"))
		}
		b = protowire.AppendTag(b, number, wireType)
		switch wireType {
		case protowire.VarintType:
			b = protowire.AppendVarint(b, rapid.Uint64().Draw(t, "varint"))
		case protowire.Fixed64Type:
			b = protowire.AppendFixed64(b, rapid.Uint64().Draw(t, "fixed"))
		case protowire.Fixed32Type:
			b = protowire.AppendFixed32(b, rapid.Uint32().Draw(t, "fixed"))
		case protowire.BytesType:
			size := rapid.SampledFrom([]int{0, 3, 8, 16}).Draw(t, "size")
			b = protowire.AppendBytes(b, rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "bytes"))
		default:
		}
	}
	return b
}

func TestSpansOfABatchDoNotTouchOneAnother(t *testing.T) {
	var spans []trace.Span
	for i := range 200 {
		s := span(1, byte(i+1))
		for range i % 7 {
			s.Attrs = append(s.Attrs, trace.Attr{Key: "k", Value: trace.Int(int64(i))})
			s.Events = append(s.Events, trace.Event{Name: "e"})
			s.Links = append(s.Links, trace.Link{TraceID: s.TraceID, SpanID: s.SpanID})
		}
		spans = append(spans, s)
	}
	request, err := Encode(spans)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := Decode(request)
	if err != nil || len(got) != len(spans) {
		t.Fatal(len(got), err)
	}
	for i := range got { // whoever appends to the slices of one span changes no other
		got[i].Attrs = append(got[i].Attrs, trace.Attr{Key: "added"})
		got[i].Events = append(got[i].Events, trace.Event{Name: "added"})
		got[i].Links = append(got[i].Links, trace.Link{})
	}
	for i := range got {
		if n := i % 7; len(got[i].Attrs) != n+1 || n > 0 && (got[i].Attrs[0].Key != "k" || got[i].Events[n-1].Name != "e" || got[i].Links[0].SpanID != spans[i].SpanID) {
			t.Fatalf("span %d was changed: %+v", i, got[i])
		}
	}
}

// likeService makes the spans of one instance of a service, as an SDK sends
// them: 512 spans with 11 attributes each.
func likeService(n int) []trace.Span {
	attr := func(k, v string) trace.Attr { return trace.Attr{Key: k, Value: trace.String(v)} }
	resource := trace.NewResource([]trace.Attr{
		attr("service.name", "checkout"), attr("service.namespace", "shop"), attr("service.version", "1.14.2"),
		attr("service.instance.id", "checkout-6d5f7c9b8-x2x9z"), attr("deployment.environment.name", "production"),
		attr("k8s.pod.name", "checkout-6d5f7c9b8-x2x9z"), attr("host.name", "node-3.eu-west-1.compute.internal"),
	})
	scope := &trace.Scope{Name: "io.opentelemetry.auto", Version: "0.63.0"}
	spans := make([]trace.Span, 0, n)
	seed := uint64(7)
	next := func(limit uint64) uint64 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return (seed >> 20) % limit
	}
	digits := func(limit uint64) string { return trace.Int(int64(next(limit))).Text() }
	for range n {
		s := trace.Span{
			Name: "shop.payment.v1.Service/create", Kind: trace.KindClient, Resource: resource, Scope: scope, Flags: 0x101,
			Start: 1_700_000_000_000_000_000 + int64(next(5_000_000)),
			Attrs: []trace.Attr{
				attr("rpc.system", "grpc"), attr("rpc.service", "shop.payment.v1.Service"), attr("rpc.method", "create"),
				{Key: "rpc.grpc.status_code", Value: trace.Int(0)}, attr("server.address", "payment.shop.svc.cluster.local"),
				{Key: "server.port", Value: trace.Int(8080)}, attr("network.peer.address", "10.1.2."+digits(250)),
				{Key: "network.peer.port", Value: trace.Int(8080)}, attr("network.transport", "tcp"),
				{Key: "thread.id", Value: trace.Int(int64(next(64)))}, attr("app.tenant.id", "tenant-"+digits(200)),
			},
		}
		for i := range s.TraceID {
			s.TraceID[i] = byte(next(256))
		}
		for i := range s.SpanID {
			s.SpanID[i], s.Parent[i] = byte(next(256)), byte(next(256))
		}
		s.End = s.Start + int64(next(9_000_000))
		spans = append(spans, s)
	}
	return spans
}

// BenchmarkDecode gives the time for a span beside that of pdata, which decodes
// into its own form.
func BenchmarkDecode(b *testing.B) {
	const n = 512
	request, err := Encode(likeService(n))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		batch, err := NewBatch(request)
		if err != nil {
			b.Fatal(err)
		}
		batch.Free()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/span")
}

func TestHollowRequestsAreRefused(t *testing.T) {
	repeated := func(tag byte, n int) []byte {
		b := make([]byte, 2*n)
		for i := range n {
			b[2*i] = tag
		}
		return b
	}
	inside := func(body []byte, numbers ...protowire.Number) []byte {
		for _, n := range numbers {
			body = protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), body)
		}
		return body
	}
	const many = 1_000_000
	for name, request := range map[string][]byte{
		"spans":      inside(repeated(2<<3|2, many), 2, 1),
		"attributes": inside(repeated(9<<3|2, many), 2, 2, 1),
		"events":     inside(repeated(11<<3|2, many), 2, 2, 1),
		"links":      inside(repeated(13<<3|2, many), 2, 2, 1),
		"values":     inside(repeated(1<<3|2, many), 5, 2, 9, 2, 2, 1),
		"of scopes":  inside(repeated(3<<3|2, many), 1, 2, 1),
		"resources":  inside(repeated(1<<3|2, many), 1, 1),
	} {
		if _, err := NewBatch(request); !errors.Is(err, errHollow) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMemoryOfABatchIsUsedAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for range 3 {
			want := genSpans().Draw(t, "spans")
			request, err := Encode(want)
			if err != nil {
				t.Fatal(err)
			}
			b, err := NewBatch(request)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, b.Spans, exact, emptyIsNil); diff != "" {
				t.Fatalf("spans (-want +got):\n%s", diff)
			}
			b.Free()
		}
	})
}

package column

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"headwater/graph/trace"
)

// exact compares values to the last bit, NaN included.
var exact = cmp.Comparer(func(a, b trace.Value) bool { return reflect.DeepEqual(a, b) })

func genText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringN(0, 10, -1), rapid.SampledFrom([]string{"", "orders", "GET /a", "\xff\xfe", "a\x00é"}))
}

func genValue(depth int) *rapid.Generator[trace.Value] {
	kinds := []*rapid.Generator[trace.Value]{
		rapid.Just(trace.Value{}),
		rapid.Map(genText(), trace.String),
		rapid.Map(rapid.Bool(), trace.Bool),
		rapid.Map(rapid.Int64(), trace.Int),
		rapid.Map(rapid.Float64(), trace.Double),
		rapid.SampledFrom([]trace.Value{trace.Double(math.NaN()), trace.Double(math.Copysign(0, -1)), trace.Int(math.MinInt64)}),
		rapid.Map(genText(), trace.Bytes),
	}
	if depth > 0 {
		kinds = append(kinds, rapid.Map(someOf(genValue(depth-1)), trace.Array), rapid.Map(genAttrs(depth-1), trace.Map))
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

func genSpan(resources []*trace.Resource, scopes []*trace.Scope) *rapid.Generator[trace.Span] {
	return rapid.Custom(func(t *rapid.T) trace.Span {
		id := func(label string, limit int) byte { return byte(rapid.IntRange(0, limit).Draw(t, label)) }
		s := trace.Span{
			TraceID:  trace.TraceID{3: id("trace", 3), 15: 1},
			SpanID:   trace.SpanID{7: id("span", 20)},
			Parent:   trace.SpanID{7: id("parent", 25)},
			Name:     genText().Draw(t, "name"),
			Kind:     trace.Kind(rapid.Byte().Draw(t, "kind")),
			Status:   trace.StatusCode(rapid.Byte().Draw(t, "status")),
			Start:    rapid.Int64().Draw(t, "start"),
			End:      rapid.Int64().Draw(t, "end"),
			Flags:    rapid.Uint32().Draw(t, "flags"),
			Attrs:    genAttrs(2).Draw(t, "attrs"),
			Resource: rapid.SampledFrom(resources).Draw(t, "resource"),
			Scope:    rapid.SampledFrom(scopes).Draw(t, "scope"),
		}
		if rapid.Bool().Draw(t, "plain") {
			return s
		}
		s.StatusMessage, s.TraceState = genText().Draw(t, "message"), genText().Draw(t, "state")
		s.DroppedAttrs, s.DroppedEvents, s.DroppedLinks = rapid.Uint32().Draw(t, "da"), rapid.Uint32().Draw(t, "de"), rapid.Uint32().Draw(t, "dl")
		s.Events = someOf(rapid.Custom(func(t *rapid.T) trace.Event {
			return trace.Event{Time: rapid.Int64().Draw(t, "time"), Name: genText().Draw(t, "name"), Attrs: genAttrs(1).Draw(t, "attrs"), DroppedAttrs: rapid.Uint32().Draw(t, "d")}
		})).Draw(t, "events")
		s.Links = someOf(rapid.Custom(func(t *rapid.T) trace.Link {
			return trace.Link{
				TraceID: trace.TraceID{rapid.Byte().Draw(t, "id")}, SpanID: trace.SpanID{rapid.Byte().Draw(t, "id")}, TraceState: genText().Draw(t, "state"),
				Flags: rapid.Uint32().Draw(t, "flags"), Attrs: genAttrs(1).Draw(t, "attrs"), DroppedAttrs: rapid.Uint32().Draw(t, "d"),
			}
		})).Draw(t, "links")
		return s
	})
}

func genLists() *rapid.Generator[[][]trace.Span] {
	return rapid.Custom(func(t *rapid.T) [][]trace.Span {
		resources, scopes := []*trace.Resource{nil}, []*trace.Scope{nil}
		for range rapid.IntRange(0, 2).Draw(t, "resources") {
			r := trace.NewResource(genAttrs(2).Draw(t, "resource"))
			r.SchemaURL, r.DroppedAttrs = genText().Draw(t, "schema"), rapid.Uint32().Draw(t, "dropped")
			resources = append(resources, r)
			scopes = append(scopes, &trace.Scope{
				Name: genText().Draw(t, "scope"), Version: genText().Draw(t, "version"), Attrs: genAttrs(1).Draw(t, "attrs"),
				SchemaURL: genText().Draw(t, "schema"), DroppedAttrs: rapid.Uint32().Draw(t, "dropped"),
			})
		}
		return rapid.SliceOfN(rapid.SliceOfN(genSpan(resources, scopes), 0, 12), 1, 3).Draw(t, "lists")
	})
}

func newCodec(t testing.TB) (*Encoder, *Decoder) {
	t.Helper()
	e, err := NewEncoder()
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.Close()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e, d
}

func TestBlocksAreLossless(t *testing.T) {
	e, d := newCodec(t)
	var room Room
	rapid.Check(t, func(t *rapid.T) {
		lists := genLists().Draw(t, "lists")
		var want []trace.Span
		for _, spans := range lists {
			want = append(want, spans...)
		}
		if len(want) == 0 {
			return
		}
		prefix := []byte("before")
		block, err := e.Append(prefix, lists...)
		if err != nil {
			t.Fatal(err)
		}
		block = block[len(prefix):]
		got, err := d.Decode(block, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, exact); diff != "" {
			t.Fatalf("spans changed (-before +after):\n%s", diff)
		}
		if got, err = d.DecodeIn(&room, block, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, exact); diff != "" {
			t.Fatalf("spans differ in a room that was used before (-before +after):\n%s", diff)
		}
		again, err := e.Append(nil, lists...)
		if err != nil || !bytes.Equal(again, block) {
			t.Fatalf("the same spans give other bytes, %v", err)
		}
		id := want[len(want)/2].TraceID
		var some []trace.Span
		ids := map[trace.TraceID]bool{}
		for i := range want {
			ids[want[i].TraceID] = true
			if want[i].TraceID == id {
				some = append(some, want[i])
			}
		}
		got, err = d.DecodeIn(&room, block, func(t trace.TraceID) bool { return t == id })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(some, got, exact); diff != "" {
			t.Fatalf("spans of one trace (-want +got):\n%s", diff)
		}
		found, err := TraceIDs(block)
		if err != nil || len(found) != len(ids) {
			t.Fatalf("%d traces, %v; want %d", len(found), err, len(ids))
		}
	})
}

// many makes a full block of spans: enough for columns to give up looking for
// repetitions.
func many() []trace.Span {
	spans := make([]trace.Span, MaxSpans)
	r := trace.NewResource([]trace.Attr{{Key: "service.name", Value: trace.String("shop")}})
	for i := range spans {
		n := trace.Int(int64(i)).Text()
		spans[i] = trace.Span{
			TraceID: trace.TraceID{0: byte(i >> 8), 1: byte(i), 15: 1}, SpanID: trace.SpanID{0: byte(i >> 8), 1: byte(i), 7: 1},
			Name: "span " + n, Start: int64(i) * 1e6, End: int64(i)*1e6 + 5, Resource: r,
			Attrs: []trace.Attr{{Key: "n", Value: trace.String(n)}, {Key: "n", Value: trace.String(trace.Int(int64(i % 7)).Text())}},
		}
		if i > 3 {
			spans[i].Parent = spans[i-3].SpanID
		}
	}
	return spans
}

func TestFullBlock(t *testing.T) {
	e, d := newCodec(t)
	want := many()
	block, err := e.Append(nil, want[:1000], want[1000:])
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Decode(block, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, exact); diff != "" {
		t.Errorf("spans changed (-before +after):\n%s", diff)
	}
	if _, err := e.Append(nil, want, want[:1]); err == nil {
		t.Error("a block of too many spans was written")
	}
	if _, err := e.Append(nil); err == nil {
		t.Error("a block without spans was written")
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	e, d := newCodec(t)
	block, err := e.Append(nil, many()[:20])
	if err != nil {
		t.Fatal(err)
	}
	for i := range block {
		block[i] ^= 4
		if _, err := d.Decode(block, nil); err == nil {
			t.Fatalf("byte %d was changed and nobody noticed", i)
		}
		block[i] ^= 4
		if _, err := d.Decode(block[:i], nil); err == nil {
			t.Fatalf("the block was cut at %d and nobody noticed", i)
		}
	}
}

// FuzzDecode reads blocks whose checksum is right and whose content is not.
func FuzzDecode(f *testing.F) {
	e, d := newCodec(f)
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		f.Fatal(err)
	}
	spans := many()[:5]
	spans[2].Events = []trace.Event{{Name: "e", Time: 7}}
	spans[3].Links = []trace.Link{{TraceState: "s"}}
	spans[4].Attrs = append(spans[4].Attrs, trace.Attr{Key: "l", Value: trace.Array([]trace.Value{trace.Bool(true), trace.Double(2)})})
	block, err := e.Append(nil, spans)
	if err != nil {
		f.Fatal(err)
	}
	parts, err := readFront(block)
	if err != nil {
		f.Fatal(err)
	}
	payload, err := d.zstd.DecodeAll(parts.rest, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(parts.spans), parts.traceIDs, parts.spanIDs, parts.parentIDs, payload)
	f.Fuzz(func(t *testing.T, n uint16, traces, ids, parents, payload []byte) {
		b := []byte{version}
		b = appendUint(b, uint64(n))
		b = appendSection(b, traces)
		b = append(b, ids...)
		b = appendSection(b, parents)
		b = appendUint(b, uint64(len(payload)))
		b = zip.EncodeAll(payload, b)
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
		first := func(id trace.TraceID) bool { return len(traces) >= 16 && id == trace.TraceID(traces) }
		some, someErr := d.Decode(b, first)
		got, err := d.Decode(b, nil)
		if err != nil {
			return
		}
		if someErr != nil || len(some) != len(slices.DeleteFunc(slices.Clone(got), func(s trace.Span) bool { return !first(s.TraceID) })) {
			t.Fatalf("%d spans of the first trace, %v", len(some), someErr)
		}
		if _, err := e.Append(nil, got); err != nil {
			t.Fatalf("what was decoded must encode: %v", err)
		}
	})
}

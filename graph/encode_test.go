package graph

import (
	"bytes"
	"encoding"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var (
	_ encoding.BinaryAppender    = (*Window)(nil)
	_ encoding.BinaryUnmarshaler = (*Window)(nil)
)

// fill gives every field of what v points to a value, whatever fields there
// are: a field that the encoding forgets is noticed.
func fill(t *rapid.T, v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *Moments:
		for range rapid.IntRange(0, 2).Draw(t, "moments") {
			x.Add(rapid.Int64().Draw(t, "duration"))
		}
		return
	case *Sketch:
		for range rapid.IntRange(0, 4).Draw(t, "sketch") {
			x.Add(rapid.OneOf(rapid.Int64(), rapid.Int64Range(0, 1e9)).Draw(t, "duration"))
		}
		x.pack()
		return
	case *NodeID:
		x.Kind = NodeKind(rapid.IntRange(0, int(Overflow)).Draw(t, "kind"))
		x.Name = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "name")
		x.Scope = rapid.SampledFrom([]string{"", "a", "prod/shop"}).Draw(t, "scope")
		return
	case *AccountKind:
		*x = AccountKind(rapid.IntRange(0, int(Unpaired)).Draw(t, "account"))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.Byte().Draw(t, "byte")))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.String:
		v.SetString(rapid.SampledFrom([]string{"", "x", "y z", "\xff"}).Draw(t, "text"))
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Slice:
		for range rapid.IntRange(0, 2).Draw(t, "elements") {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(t, e)
			v.Set(reflect.Append(v, e))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range rapid.IntRange(0, 2).Draw(t, "entries") {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(t, key)
			fill(t, value)
			v.SetMapIndex(key, value)
		}
	default:
		t.Fatalf("no values for a %s", v.Type())
	}
}

var sameWindow = cmp.Options{
	cmp.AllowUnexported(Moments{}), cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b Sketch) bool { return bytes.Equal(a.AppendBinary(nil), b.AppendBinary(nil)) }),
}

func TestWindowsAreEncodedInFull(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want, got Window
		fill(t, reflect.ValueOf(&want).Elem())
		b, err := want.AppendBinary([]byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if err := got.UnmarshalBinary(b[1:]); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, sameWindow); diff != "" {
			t.Fatalf("window (-want +got):\n%s", diff)
		}
		again, err := got.AppendBinary([]byte("x"))
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("encoded again, it has other bytes, %v", err)
		}
		for i := 1; i < len(b); i++ {
			if err := new(Window).UnmarshalBinary(b[1:i]); err == nil {
				t.Fatalf("cut at %d of %d, it was read", i, len(b))
			}
		}
	})
}

func FuzzUnmarshalWindow(f *testing.F) {
	w := NewWindow(10, 10)
	n := NodeID{Service, "prod", "shop"}
	w.Nodes[n] = &NodeStats{}
	w.Nodes[n].All.Latency.Add(1000)
	w.Routes[RouteID{n, "GET"}] = &RouteStats{Requests: 1}
	w.Edges[EdgeID{Caller: n, Callee: n}] = &EdgeStats{Calls: 1}
	b, err := w.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var w Window
		if w.UnmarshalBinary(b) != nil {
			return
		}
		if _, err := w.AppendBinary(nil); err != nil {
			t.Fatal(err)
		}
	})
}

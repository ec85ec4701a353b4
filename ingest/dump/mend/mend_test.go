package mend_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"headwater/graph/trace"
	"headwater/ingest/dump/mend"
)

func took(m *mend.Mender) (what []string) {
	m.Take(func(w string, _ int64) { what = append(what, w) })
	return what
}

func TestIDs(t *testing.T) {
	for _, c := range []struct {
		text, want string
		mended     []string
	}{
		{"0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c", nil},
		{"0AF7651916CD43DD8448EB211C80319C", "0af7651916cd43dd8448eb211c80319c", nil},
		{"0x0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c", nil},
		{"0af76519-16cd-43dd-8448-eb211c80319c", "0af7651916cd43dd8448eb211c80319c", nil},
		{"8448eb211c80319c", "00000000000000008448eb211c80319c", nil},
		{"48eb211c80319c", "0000000000000000" + "0048eb211c80319c", []string{mend.OddID}},
		{"CvdlGRbNQ92ESOshHIAxnA==", "0af7651916cd43dd8448eb211c80319c", []string{mend.Base64ID}},
		{"CvdlGRbNQ92ESOshHIAxnA", "0af7651916cd43dd8448eb211c80319c", []string{mend.Base64ID}},
		{"", "00000000000000000000000000000000", nil},
		{"0af7651916cd43dd8448eb211c80319c00", "00000000000000000000000000000000", nil},
		{"not an id", "00000000000000000000000000000000", nil},
	} {
		var m mend.Mender
		if got := m.TraceID(c.text); got.String() != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
		if diff := cmp.Diff(c.mended, took(&m)); diff != "" {
			t.Errorf("%q: mended (-want +got):\n%s", c.text, diff)
		}
	}
	for _, none := range []string{"", "0", "0000000000000000", "0x0000000000000000"} {
		var m mend.Mender
		if got := m.Parent(none); !got.IsZero() || took(&m) != nil {
			t.Errorf("parent %q is %s", none, got)
		}
	}
	for text, want := range map[string]string{"42": "000000000000002a", "18446744073709551615": "ffffffffffffffff", "-1": "ffffffffffffffff"} {
		if got, ok := mend.DecimalID(text); !ok || got.String() != want {
			t.Errorf("decimal %s: %s", text, got)
		}
	}
}

func TestTimesAreExact(t *testing.T) {
	for _, c := range []struct {
		raw    string
		unit   time.Duration
		want   int64
		mended []string
	}{
		{"1772442000000120", time.Microsecond, 1772442000000120000, nil},
		{`"1772442000000120"`, time.Microsecond, 1772442000000120000, nil},
		{"512.682", time.Microsecond, 512682, nil},
		{"1772442000.231", time.Second, 1772442000231000000, nil},
		{"1.772442E9", time.Second, 1772442000000000000, nil},
		{"0", time.Second, 0, nil},
		{"null", time.Second, 0, nil},
		{"-5", time.Microsecond, 0, []string{mend.NegativeTime}},
		{"1e300", time.Second, 9223372036854775807, nil},
		{`"soon"`, time.Second, 0, []string{mend.BadTag}},
	} {
		var m mend.Mender
		if got := mend.NumberOf(mend.Raw(c.raw)).Nanos(c.unit, &m); got != c.want {
			t.Errorf("%s: %d, want %d", c.raw, got, c.want)
		}
		if diff := cmp.Diff(c.mended, took(&m)); diff != "" {
			t.Errorf("%s: mended (-want +got):\n%s", c.raw, diff)
		}
	}
}

func TestValues(t *testing.T) {
	for raw, want := range map[string]trace.Value{
		`"a\n\"ü"`:               trace.String("a\n\"ü"),
		`"\u00e9"`:               trace.String("é"),
		"12":                     trace.Int(12),
		"9223372036854775807":    trace.Int(9223372036854775807),
		"1.5":                    trace.Double(1.5),
		"12345678901234567890":   trace.Double(12345678901234567890),
		"true":                   trace.Bool(true),
		`["a",null,2]`:           trace.Array([]trace.Value{trace.String("a"), trace.Int(2)}),
		`{"a":{"b":1},"c":null}`: trace.Map([]trace.Attr{{Key: "a", Value: trace.Map([]trace.Attr{{Key: "b", Value: trace.Int(1)}})}}),
	} {
		got, ok := mend.Value(mend.Raw(raw))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(trace.Value{})); !ok || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", raw, ok, diff)
		}
	}
	for _, raw := range []string{"null", "", "[", `{"a":`} {
		if got, ok := mend.Value(mend.Raw(raw)); ok {
			t.Errorf("%q is %s", raw, got.Text())
		}
	}
}

func TestTagsFillTheSpan(t *testing.T) {
	text := func(key, value string) trace.Attr { return trace.Attr{Key: key, Value: trace.String(value)} }
	for name, c := range map[string]struct {
		tags []trace.Attr
		want trace.Span
	}{
		"an error that says what": {[]trace.Attr{text("error", "timeout"), text("a", "b")}, trace.Span{Status: trace.StatusError, StatusMessage: "timeout", Attrs: []trace.Attr{text("a", "b")}}},
		"an error, no more":       {[]trace.Attr{{Key: "error", Value: trace.Bool(true)}}, trace.Span{Status: trace.StatusError}},
		"no error":                {[]trace.Attr{text("error", "false"), text("otel.status_description", "left over")}, trace.Span{}},
		"OpenTelemetry's":         {[]trace.Attr{text("otel.status_description", "boom"), text("otel.status_code", "ERROR"), text("span.kind", "CLIENT")}, trace.Span{Status: trace.StatusError, StatusMessage: "boom", Kind: trace.KindClient}},
		"a scope":                 {[]trace.Attr{text("otel.library.name", "lib"), text("otel.scope.version", "2")}, trace.Span{Scope: &trace.Scope{Name: "lib", Version: "2"}}},
	} {
		var m mend.Mender
		var got trace.Span
		m.Tags(&got, c.tags)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(trace.Value{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

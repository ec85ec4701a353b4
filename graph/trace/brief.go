package trace

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Brief is what the graph needs of a span: when it ran, where it stands in its
// trace, and its Class. A Brief is small, so that many traces can be waited for
// in memory.
type Brief struct {
	*Class
	SpanID SpanID
	Parent SpanID // zero for a root
	Start  int64  // Unix nanoseconds, as sent
	End    int64  // Unix nanoseconds, as sent; may be before Start in broken data
	// Target tells requests to one operation apart: it is made of the URL, and 0
	// where there is none.
	Target uint64
	Links  []Ref

	at int32 // place among the spans that were given
}

// Ref names a span.
type Ref struct {
	TraceID TraceID
	SpanID  SpanID
}

// Duration is End-Start in nanoseconds, and 0 for a span that ends before it
// starts.
func (b *Brief) Duration() int64 { return max(0, b.End-b.Start) }

// compareIdentity orders spans by what makes them one and the same.
func compareIdentity(a, b *Brief) int {
	return cmp.Or(slices.Compare(a.SpanID[:], b.SpanID[:]), cmp.Compare(a.Kind, b.Kind), compareService(a.Resource, b.Resource))
}

func compareService(a, b *Resource) int {
	if a == b {
		return 0
	}
	return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Environment, b.Environment))
}

// compareContent says which of two differing copies of a span is to be
// believed: the one that ends later, and else one that is chosen by what it
// says alone.
func compareContent(a, b *Brief) int {
	return cmp.Or(
		cmp.Compare(b.End, a.End), cmp.Compare(a.Start, b.Start), slices.Compare(a.Parent[:], b.Parent[:]),
		a.Class.compare(b.Class), cmp.Compare(a.Target, b.Target),
		slices.CompareFunc(a.Links, b.Links, func(x, y Ref) int {
			return cmp.Or(slices.Compare(x.TraceID[:], y.TraceID[:]), slices.Compare(x.SpanID[:], y.SpanID[:]))
		}))
}

// weightOf reads how many requests a span of a sampled trace stands for, in
// millionths, from OpenTelemetry's tracestate entry "ot=th:...": the rejection
// threshold as up to 14 hexadecimal digits, filled up with zeros at the right
// ("TraceState: Probability Sampling" of OpenTelemetry's specification). Without
// one it is Unsampled.
func weightOf(state string) int64 {
	if state == "" {
		return Unsampled
	}
	for entry := range strings.SplitSeq(state, ",") {
		fields, ok := strings.CutPrefix(strings.TrimSpace(entry), "ot=")
		if !ok {
			continue
		}
		for f := range strings.SplitSeq(fields, ";") {
			digits, ok := strings.CutPrefix(f, "th:")
			if !ok || digits == "" || len(digits) > 14 {
				continue
			}
			t, err := strconv.ParseUint(digits, 16, 64)
			if err != nil {
				return Unsampled
			}
			const all = uint64(1) << 56
			t <<= 4 * (14 - len(digits))
			rest := all - t // more than 0: t has at most 14 digits
			if rest < all/(maxWeight/Unsampled) {
				return maxWeight
			}
			hi, lo := bits.Mul64(all, Unsampled)
			quotient, _ := bits.Div64(hi, lo, rest)
			return int64(quotient)
		}
	}
	return Unsampled
}

// maxWeight bounds, in millionths, how many requests one span may stand for:
// a million.
const maxWeight = 1_000_000 * Unsampled

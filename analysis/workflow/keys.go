package workflow

import (
	"cmp"
	"slices"
	"strings"

	"headwater/graph/trace"
)

// technical are the first parts of attribute keys that speak of the machinery,
// not of the business.
var technical = set(`http url net network server client peer db messaging rpc grpc code exception error thread user_agent
	telemetry otel service host process os faas cloud k8s container aws gcp azure enduser session tls graphql span event log
	feature_flag dns device browser internal sampling sampler component`)

// keysOf notes the attributes of the trace that may be business keys: named by
// the user, or texts and numbers that no convention speaks of.
func (r *Reader) keysOf(t *trace.Trace, rec *record) {
	for i := range t.Full {
		for _, a := range t.Full[i].Attrs {
			named := slices.Contains(r.opt.Keys, a.Key)
			if !named && (!businessName(a.Key) || a.Value.Kind() != trace.ValueString && a.Value.Kind() != trace.ValueInt) {
				continue
			}
			value := a.Value.Text()
			if value == "" || len(value) > maxValue || !named && len(value) < 2 {
				continue
			}
			n := r.keyNames.number(strings.Clone(a.Key))
			if n == none {
				continue
			}
			at := slices.IndexFunc(rec.keys, func(k keyValue) bool { return k.name == n && k.value == value })
			if at >= 0 {
				rec.keys[at].spans++
			} else if len(rec.keys) < maxKeys {
				rec.keys = append(rec.keys, keyValue{n, 1, strings.Clone(value)})
			}
		}
	}
}

func businessName(key string) bool {
	top, _, _ := strings.Cut(key, ".")
	return !technical[strings.ToLower(top)]
}

// The least evidence for a key that nobody named: in how many workflows it must
// stand, and which share of its values must be of one workflow alone.
const (
	leastKeyed  = 5
	uniqueShare = 0.9
)

// findKeys decides which attributes are business keys: those named, or those
// whose values are shared by spans of one workflow and by no other workflow.
func (a *analyst) findKeys() {
	type tally struct {
		workflows, shared int
		values            map[string]int32 // the workflow, or -2 for several
	}
	tallies := make([]tally, len(a.keyNames.list))
	for w := range a.flows {
		for name, values := range a.valuesOf(int32(w)) {
			t := &tallies[name]
			if t.values == nil {
				t.values = map[string]int32{}
			}
			t.workflows++
			for _, v := range values {
				if v.spans > 1 {
					t.shared++
				}
				if had, ok := t.values[v.value]; ok && had != int32(w) {
					t.values[v.value] = -2
				} else {
					t.values[v.value] = int32(w)
				}
			}
		}
	}
	a.keyed = make([]bool, len(tallies))
	for n, t := range tallies {
		if slices.Contains(a.opt.Keys, a.keyNames.list[n]) {
			a.keyed[n] = true
			continue
		}
		own := 0
		for _, w := range t.values {
			if w >= 0 {
				own++
			}
		}
		a.keyed[n] = len(a.opt.Keys) == 0 && t.workflows >= leastKeyed && 2*t.shared >= t.workflows &&
			len(t.values) <= 2*t.workflows && float64(own) >= uniqueShare*float64(len(t.values))
	}
}

// valuesOf are the values of each candidate in a workflow, added up over its
// traces.
func (a *analyst) valuesOf(w int32) map[int32][]keyValue {
	out := map[int32][]keyValue{}
	for _, f := range a.flows[w].records {
		for _, k := range a.records[f].keys {
			list := out[k.name]
			if at := slices.IndexFunc(list, func(o keyValue) bool { return o.value == k.value }); at >= 0 {
				list[at].spans += k.spans
			} else {
				list = append(list, k)
			}
			out[k.name] = list
		}
	}
	return out
}

// keys are the business keys of a workflow, by name and value.
func (a *analyst) keysOf(w int32) []Key {
	var out []Key
	for name, values := range a.valuesOf(w) {
		if !a.keyed[name] {
			continue
		}
		for _, v := range values {
			out = append(out, Key{a.keyNames.list[name], v.value})
		}
	}
	slices.SortFunc(out, func(x, y Key) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Value, y.Value)) })
	return out
}

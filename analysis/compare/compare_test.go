package compare_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"headwater/analysis/compare"
	"headwater/graph"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

const length = int64(600e9)

// windows derives a window of each so many copies of traces.
func windows(copies map[string]int) []*graph.Window {
	var traces []*trace.Trace
	for text, n := range copies {
		for i := range n {
			traces = append(traces, trace.Assemble(tracetest.MustParse(fmt.Sprint(text, i), text)))
		}
	}
	start := tracetest.Base - tracetest.Base%length
	return []*graph.Window{graph.Derive(start, length, slices.Values(traces), nil)}
}

const (
	usual = `
		r - shop server 0-100 /buy
		c r shop client 10-60 /pay
		s c bank server 12-58 /pay`
	slow = `
		r - shop server 0-500 /buy
		c r shop client 10-460 /pay
		s c bank server 12-458 /pay`
	failing = `
		r - shop server 0-100 /buy error
		c r shop client 10-60 /pay error
		s c bank server 12-58 /pay error`
	shorter = `
		r - shop server 0-100 /buy`
	other = `
		r - shop server 0-100 /buy
		c r shop client 10-60 /pay
		s c bank server 12-58 /pay
		d c mail server 62-90 /send`
)

func found(d *compare.Difference) (list []string) {
	for _, c := range d.Changes {
		list = append(list, fmt.Sprintf("%s %s %s: %.3g -> %.3g %s", c.Section, c.Name, c.Metric, c.Before, c.After, c.Unit))
	}
	return list
}

func TestWhatDiffersIsNamed(t *testing.T) {
	before := windows(map[string]int{usual: 100})
	for name, c := range map[string]struct {
		after map[string]int
		want  []string // in this order, among others
		never []string
	}{
		"nothing":   {map[string]int{usual: 105}, nil, []string{"time", "failures", "came", "went", "shape"}},
		"slower":    {map[string]int{slow: 100}, []string{"time /buy (shop) mean: 0.1 -> 0.5 s", "time bank own time: 0.046 -> 0.446 s"}, []string{"shop own", "failures"}},
		"failing":   {map[string]int{usual: 50, failing: 50}, []string{"failures bank failed with no failing callee: 0 -> 0.5 share"}, []string{"time", "shop failed with no"}},
		"by chance": {map[string]int{usual: 100, failing: 1}, nil, []string{"failures"}},
		"a call is missing": {map[string]int{usual: 60, shorter: 40},
			[]string{"shape /buy (shop): /pay of bank below /pay of shop present: 1 -> 0.6 share"}, []string{"went"}},
		"another service": {map[string]int{other: 100}, []string{"came mail (service)"}, []string{"went"}},
		"too few":         {map[string]int{slow: 5}, nil, []string{"time"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := compare.Compare(before, windows(c.after))
			all := strings.Join(found(d), "\n")
			for _, want := range c.want {
				if !strings.Contains(all, want) {
					t.Errorf("not named: %s\n%s", want, all)
				}
			}
			for _, never := range c.never {
				for _, line := range found(d) {
					if strings.HasPrefix(line, never) || strings.Contains(line, " "+never) {
						t.Errorf("named: %s", line)
					}
				}
			}
		})
	}
}

// TestTheOtherWayRoundItIsTheOpposite: what came has gone, what is slower was
// faster.
func TestTheOtherWayRoundItIsTheOpposite(t *testing.T) {
	a, b := windows(map[string]int{usual: 60}), windows(map[string]int{other: 50, slow: 30, failing: 20})
	there, back := compare.Compare(a, b), compare.Compare(b, a)
	turned := map[compare.Section]compare.Section{compare.Came: compare.Went, compare.Went: compare.Came}
	key := func(c compare.Change, swap bool) string {
		if swap {
			c.Before, c.After = c.After, c.Before
			if s, ok := turned[c.Section]; ok {
				c.Section = s
			}
		}
		return fmt.Sprintf("%s %s %s %g %g", c.Section, c.Name, c.Metric, c.Before, c.After)
	}
	var one, other []string
	for _, c := range there.Changes {
		one = append(one, key(c, false))
	}
	for _, c := range back.Changes {
		other = append(other, key(c, true))
	}
	slices.Sort(one)
	slices.Sort(other)
	// Quantiles are judged by the tail beyond the older one, which differs.
	drop := func(s string) bool { return strings.Contains(s, " p95 ") }
	if diff := cmp.Diff(slices.DeleteFunc(one, drop), slices.DeleteFunc(other, drop)); diff != "" {
		t.Errorf("(-there +back, turned):\n%s", diff)
	}
	if len(one) < 5 {
		t.Errorf("only %q", one)
	}
}

func TestTooLittleIsSaid(t *testing.T) {
	d := compare.Compare(windows(map[string]int{usual: 3}), nil)
	if len(d.Notes) != 2 || !strings.Contains(d.Notes[0], "first") {
		t.Errorf("notes %q", d.Notes)
	}
	var text strings.Builder
	if err := compare.Text(&text, d); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "too few requests") {
		t.Errorf("text:\n%s", text.String())
	}
}

func TestTheTextIsSafe(t *testing.T) {
	d := &compare.Difference{Changes: []compare.Change{{Section: compare.Came, Kind: "node", Name: "\x1b[2Jevil\n"}}}
	var text strings.Builder
	if err := compare.Text(&text, d); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(text.String(), "\x1b") || !strings.Contains(text.String(), "+ node ?[2Jevil?") {
		t.Errorf("text:\n%q", text.String())
	}
	broken := errors.New("pipe closed")
	if err := compare.Text(closed{broken}, d); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

type closed struct{ err error }

func (f closed) Write([]byte) (int, error) { return 0, f.err }

package workflow_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"headwater/analysis/workflow"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

func hand(t *testing.T, name string) (usual, incident []*trace.Trace) {
	t.Helper()
	a, err := txtar.ParseFile("testdata/cases/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, a)
}

func TestCSVHasARowForEachAndAColumnForEachKey(t *testing.T) {
	usual, incident := hand(t, "compensated")
	var out strings.Builder
	if err := workflow.CSV(&out, judged(usual, incident, workflow.Options{})); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, strings.Join([]string{r[1], r[3], r[6], r[7], r[9], r[13]}, "|"))
	}
	want := []string{
		"state|route|done|missing|undone|order.id",
		"undone|POST /checkout|||stock UPDATE levels stock-db; shop POST /v1/charges pay.example|X1",
		"half-done|POST /checkout|shop POST /v1/charges pay.example|orders INSERT orders orders-db (not-reached)|stock UPDATE levels stock-db|X2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTextNamesWhatIsHalfDone(t *testing.T) {
	usual, incident := hand(t, "committed-then-failed")
	var out strings.Builder
	if err := workflow.Text(&out, judged(usual, incident, workflow.Options{})); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1 of 2 workflows are half done", "missing  orders INSERT orders orders-db", "order.id=X1",
		"stock UPDATE levels stock-db in 100%, usually after 4ms",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

func TestJSONHasNoNullLists(t *testing.T) {
	usual, incident := hand(t, "committed-then-failed")
	for _, r := range []*workflow.WorkflowReport{judged(usual, incident, workflow.Options{}), workflow.NewReader(workflow.Options{}).Report()} {
		text, err := json.Marshal(r)
		if err != nil || bytes.Contains(text, []byte("null")) {
			t.Errorf("%v: %s", err, text)
		}
	}
}

// A key that users name is taken wherever it stands, and no other.
func TestNamedKeys(t *testing.T) {
	usual, incident := hand(t, "committed-then-failed")
	for i := range incident {
		for j := range incident[i].Full {
			incident[i].Full[j].Attrs = append(slices.Clone(incident[i].Full[j].Attrs), trace.Attr{Key: "db.user.id", Value: trace.Int(7)})
		}
	}
	r := judged(usual, incident, workflow.Options{Keys: []string{"db.user.id"}})
	if diff := cmp.Diff([]workflow.Key{{Name: "db.user.id", Value: "7"}}, r.Workflows[0].Keys); diff != "" {
		t.Error(diff)
	}
}

// What many workflows share, a shop's name or a customer's, is no key.
func TestSharedValuesAreNoKeys(t *testing.T) {
	usual, incident := hand(t, "committed-then-failed")
	for _, list := range [][]*trace.Trace{usual, incident} {
		for i, tr := range list {
			for j := range tr.Full {
				tr.Full[j].Attrs = append(slices.Clone(tr.Full[j].Attrs),
					trace.Attr{Key: "shop", Value: trace.String("north")}, trace.Attr{Key: "customer", Value: trace.String(fmt.Sprint("c", i%5))})
			}
		}
	}
	if diff := cmp.Diff([]string{"order.id"}, judged(usual, incident, workflow.Options{}).Keys); diff != "" {
		t.Error(diff)
	}
}

// A span that was lost now and then is no gap; where it is absent far more often
// than spans are lost, it is one.
func TestLostSpansAreToldFromGaps(t *testing.T) {
	a, err := txtar.ParseFile("testdata/cases/committed-then-failed.txtar")
	if err != nil {
		t.Fatal(err)
	}
	usual, _ := parse(t, a)
	many := func(absent int) *workflow.WorkflowReport {
		var text strings.Builder
		for n := range 400 {
			fmt.Fprintf(&text, "trace now%d\n", n)
			for line := range strings.Lines(string(a.Files[0].Data)) {
				inserts, serves := strings.HasPrefix(line, "o2 "), strings.HasPrefix(line, "s1 ")
				if inserts && n < absent || serves && n >= 396 { // of s1, the children tell that it was lost
					continue
				}
				text.WriteString(strings.ReplaceAll(line, "@", fmt.Sprint("now", n)))
			}
			text.WriteString("\n")
		}
		text.WriteString("trace later\nz - clock server 90000-90001 GET http.request.method=GET http.route=/tick\n")
		return judged(usual, assembled(tracetest.MustParse("x", text.String())), workflow.Options{})
	}
	r := many(2)
	if r.Lost == 0 || r.Counts.HalfDone != 0 || r.Counts.Doubtful != 2 {
		t.Errorf("two absent spans, %.2g lost: %+v", r.Lost, r.Counts)
	}
	r = many(200)
	if r.Counts.HalfDone != 200 || r.Workflows[0].LostSpans == 0 || r.Workflows[0].LostSpans > 0.1 {
		t.Errorf("half of all absent: %+v, %v", r.Counts, r.Workflows[0].LostSpans)
	}
}

func TestWhatFallsOverTheBoundIsCounted(t *testing.T) {
	usual, incident := hand(t, "committed-then-failed")
	r := judged(usual, incident, workflow.Options{MaxTraces: 39})
	if r.LeftOut != 3 || len(r.Notes) == 0 {
		t.Errorf("left out %d, notes %q", r.LeftOut, r.Notes)
	}
}

// Broken traces are read without harm, whatever they say.
func TestAnySpans(t *testing.T) {
	usual, _ := hand(t, "stuck-then-redelivered")
	rapid.Check(t, func(t *rapid.T) {
		r := workflow.NewReader(workflow.Options{})
		for _, tr := range usual {
			r.Baseline(tr)
		}
		n := rapid.IntRange(1, 3).Draw(t, "traces")
		for i := range n {
			spans := tracetest.Any(t)
			for j := range spans {
				spans[j].TraceID = trace.TraceID{byte(i + 1)}
				if rapid.IntRange(0, 3).Draw(t, "linked") == 0 {
					spans[j].Links = append(spans[j].Links, trace.Link{TraceID: trace.TraceID{byte(rapid.IntRange(1, 3).Draw(t, "to"))}, SpanID: tracetest.ID("a")})
				}
				if rapid.IntRange(0, 3).Draw(t, "writes") == 0 {
					spans[j].Attrs = []trace.Attr{{Key: "db.system", Value: trace.String("mysql")}, {Key: "db.operation", Value: trace.String("INSERT")}}
				}
			}
			r.Add(trace.Assemble(spans))
		}
		report := r.Report()
		if err := workflow.Text(&bytes.Buffer{}, report); err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(report); err != nil {
			t.Fatal(err)
		}
	})
}

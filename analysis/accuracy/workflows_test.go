package accuracy_test

import (
	"strings"
	"testing"

	"headwater/analysis/accuracy"
)

func TestWorkflowsAreCountedAgainstTheTruth(t *testing.T) {
	truth := &accuracy.Truth{HalfDone: []accuracy.HalfDone{
		{TraceID: "a", Done: []string{"x"}, Missing: []string{"y"}},
		{TraceID: "b", Done: []string{"x"}, Missing: []string{"y"}},
		{TraceID: "c", Done: []string{"x"}, Twice: []string{"x"}},
		{TraceID: "d", Done: []string{"x"}, Missing: []string{"y"}, Twice: []string{"x"}},
	}}
	var table accuracy.WorkflowTable
	table.Add("shop", truth, accuracy.Judged{HalfDone: []string{"a", "z"}, Twice: []string{"c", "d"}, Running: []string{"b"}})
	var out strings.Builder
	if err := table.Write(&out); err != nil {
		t.Fatal(err)
	}
	squeezed := strings.Join(strings.Fields(out.String()), " ")
	if want := "| shop | 1 | 3 | 1 | 1 | 1 | 50.0% | 33.3% | 2 | 2 | 0 | 100.0% | 100.0% |"; !strings.Contains(squeezed, want) {
		t.Errorf("want %s in\n%s", want, out.String())
	}
}

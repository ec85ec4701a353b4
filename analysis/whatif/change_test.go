package whatif

import "testing"

func TestChangesAreReadAsTheyAreWritten(t *testing.T) {
	for _, c := range []Setting{
		{Kind: CapRetries, Target: "checkout->orders", Value: 1}, {Kind: BudgetRetries, Target: "a->b", Value: 0.15}, {Kind: AddBreaker, Target: "a->b"},
		{Kind: SetTimeout, Target: "a->service:prod%2Fshop/b", Value: 0.25}, {Kind: SetPool, Target: "orders", Value: 64}, {Kind: SetReplicas, Target: "orders", Value: 4},
		{Kind: Shed, Target: "GET /search?q=x", Value: 0.3}, {Kind: MakeOptional, Target: "a->b"},
	} {
		got, err := ParseQuery(c.Query())
		if err != nil || got != c {
			t.Errorf("%q: %+v, %v", c.Query(), got, err)
		}
	}
	for _, text := range []string{"", "cap-retries", "cap-retries a->b", "cap-retries a->b=", "cap-retries a->b=-1", "cap-retries a->b=1.5", "timeout a->b=5", "timeout a->b=-5s", "breaker a", "shed all=2", "shed all=NaN", "magic a=1"} {
		if c, err := ParseQuery(text); err == nil {
			t.Errorf("%q: %+v", text, c)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	f.Add("cap-retries checkout->orders=1")
	f.Add("timeout a->b=500ms")
	f.Add("shed GET /a=b=0.3")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseQuery(text)
		if err != nil {
			return
		}
		again, err := ParseQuery(c.Query())
		if err != nil || again.Kind != c.Kind || again.Target != c.Target {
			t.Errorf("%q is written %q, which is %+v, %v", text, c.Query(), again, err)
		}
	})
}

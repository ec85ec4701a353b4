package risk_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/analysis/risk"
	"headwater/graph/trace"
	"headwater/graph/trace/tracetest"
)

// A usual request of a shop: front asks orders, which asks its database.
const usual = `
r - front server %[1]d-%[2]d GET http.request.method=GET http.route=/cart
c r front client %[1]d-%[2]d GET http.request.method=GET server.address=orders url.full=http://orders/cart
s c orders server %[1]d-%[2]d GET http.request.method=GET http.route=/cart
q s orders client %[1]d-%[2]d find db.system.name=postgresql db.operation.name=SELECT db.collection.name=carts server.address=orders-db
`

// retried needs three attempts at orders, of which the last needs two at the
// database.
const retried = `
r - front server %[1]d-%[3]d GET http.request.method=GET http.route=/cart
a r front client %[1]d-%[4]d GET error http.request.method=GET server.address=orders url.full=http://orders/cart http.response.status_code=500
a1 a orders server %[1]d-%[4]d GET error http.request.method=GET http.route=/cart http.response.status_code=500
b r front client %[5]d-%[6]d GET error http.request.method=GET server.address=orders url.full=http://orders/cart http.response.status_code=500 http.request.resend_count=1
b1 b orders server %[5]d-%[6]d GET error http.request.method=GET http.route=/cart http.response.status_code=500
c r front client %[7]d-%[3]d GET http.request.method=GET server.address=orders url.full=http://orders/cart http.request.resend_count=2
s c orders server %[7]d-%[3]d GET http.request.method=GET http.route=/cart
p s orders client %[7]d-%[8]d find error db.system.name=postgresql db.operation.name=SELECT db.collection.name=carts server.address=orders-db
q s orders client %[8]d-%[3]d find db.system.name=postgresql db.operation.name=SELECT db.collection.name=carts server.address=orders-db http.request.resend_count=1
`

// left is given up by front after a second, while orders waits for its database
// for three.
const left = `
r - front server %[1]d-%[2]d GET error http.request.method=GET http.route=/cart http.response.status_code=504
c r front client %[1]d-%[2]d GET error http.request.method=GET server.address=orders url.full=http://orders/cart error.type=timeout
s c orders server %[1]d-%[3]d GET http.request.method=GET http.route=/cart
q s orders client %[1]d-%[3]d find db.system.name=postgresql db.operation.name=SELECT db.collection.name=carts server.address=orders-db
`

// items asks the database for twelve things, one after the other.
func items(at int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "r - front server %d-%d GET http.request.method=GET http.route=/list\n", at, at+120)
	for i := range 12 {
		fmt.Fprintf(&b, "q%c r front client %d-%d find db.system.name=postgresql db.operation.name=SELECT db.collection.name=items server.address=items-db\n", 'a'+rune(i), at+10*i, at+10*i+8)
	}
	return b.String()
}

// report is a front on one thread that is busy for most of the time.
func report(at, long int) string {
	return fmt.Sprintf(`r - reports server %[1]d-%[2]d POST http.request.method=POST http.route=/reports
q r reports client %[1]d-%[2]d find db.system.name=postgresql db.operation.name=SELECT db.collection.name=archive server.address=orders-db
`, at, at+long)
}

// traffic is usual requests with others among them.
func traffic(t testing.TB, more ...string) []*trace.Trace {
	t.Helper()
	var out []*trace.Trace
	add := func(text string) {
		spans, err := tracetest.Parse(fmt.Sprintf("t%d", len(out)), text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, trace.Assemble(spans))
	}
	for i := range 400 {
		add(fmt.Sprintf(usual, 250*i, 250*i+8+i%5))
	}
	for _, text := range more {
		add(text)
	}
	return out
}

func told(traces []*trace.Trace, opt risk.Options) *risk.RiskReport {
	r := risk.NewReader(opt)
	for _, t := range traces {
		r.Add(t)
	}
	return r.Report()
}

func many(n int, text func(at int) string) (out []string) {
	for i := range n {
		out = append(out, text(250*i+100))
	}
	return out
}

func TestWeaknessesAreSeen(t *testing.T) {
	tests := []struct {
		name    string
		more    []string
		kind    risk.RiskKind
		subject string
		says    string
	}{
		{"retries multiply", many(6, func(at int) string { return fmt.Sprintf(retried, at, 0, at+60, at+10, at+20, at+30, at+40, at+50) }),
			risk.Amplification, "front -> orders -> orders-db", "One request can become 6 attempts at orders-db"},
		{"a callee is waited for after the caller has left", many(5, func(at int) string { return fmt.Sprintf(left, at, at+1000, at+3000) }),
			risk.LateDeadline, "front -> orders -> orders-db", "orders waits for orders-db for up to 3.0 s, but front leaves after 1.0 s"},
		{"nobody gives up", many(2, func(at int) string { return fmt.Sprintf(usual, at, at+21000) }),
			risk.NoTimeout, "front -> orders", "without a limit"},
		{"a call for each item", many(40, items), risk.CallPerItem, "front: GET /list -> items-db SELECT items", "12 times for one request"},
		{"reports in the database of orders", many(30, func(at int) string { return report(at, 400) }), risk.SharedByMinor, "orders-db", "POST /reports takes"},
		{"one place, always taken", many(390, func(at int) string { return report(at+9_000_000, 240) }), risk.NearlyFull, "reports", "94% full"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			traces := traffic(t, tt.more...)
			if tt.kind == risk.NearlyFull {
				traces = traces[400:]
			}
			r := told(traces, risk.Options{})
			i := slices.IndexFunc(r.Risks, func(k risk.Risk) bool { return k.Kind == tt.kind && k.Subject == tt.subject })
			if i < 0 || i > 2 {
				t.Fatalf("stands at %d of %d: %+v", i, len(r.Risks), r.Risks)
			}
			k := &r.Risks[i]
			if !strings.Contains(k.Sentence, tt.says) {
				t.Errorf("says %q", k.Sentence)
			}
			if k.Rank != i+1 || k.Remedy == "" || len(k.Evidence) == 0 || len(k.Examples) == 0 || k.Score <= 0 || k.Score > 1 || k.Sure <= 0 || k.Sure > 1 {
				t.Errorf("%+v", k)
			}
		})
	}
}

// Calls that several callers retry are one risk, which names all ways to them.
func TestOneRiskForAllPathsToTheSameCalls(t *testing.T) {
	more := many(6, func(at int) string { return fmt.Sprintf(retried, at, 0, at+60, at+10, at+20, at+30, at+40, at+50) })
	for _, text := range slices.Clone(more) {
		more = append(more, strings.ReplaceAll(text, " front ", " kiosk "))
	}
	found := 0
	for _, k := range told(traffic(t, more...), risk.Options{}).Risks {
		if k.Kind != risk.Amplification {
			continue
		}
		found++
		if k.Subject != "front -> orders -> orders-db" || len(k.Others) != 1 || k.Others[0].Path[0].Name != "kiosk" || k.Others[0].Attempts != 6 {
			t.Errorf("%+v", k)
		}
	}
	if found != 1 {
		t.Errorf("%d risks", found)
	}
}

func TestHealthyTrafficHasNoRisks(t *testing.T) {
	if r := told(traffic(t), risk.Options{}); len(r.Risks) > 0 {
		t.Errorf("%+v", r.Risks)
	}
	if r := told(traffic(t)[:10], risk.Options{}); len(r.Routes) > 0 || len(r.Notes) == 0 {
		t.Errorf("too few traces: %+v", r)
	}
}

// Whose requests matter can be said.
func TestCriticalRoutesAreNamed(t *testing.T) {
	traces := traffic(t, many(30, func(at int) string { return report(at, 400) })...)
	r := told(traces, risk.Options{Critical: []string{"POST /reports"}})
	for _, route := range r.Routes {
		if route.Critical != (route.Route == "POST /reports") {
			t.Errorf("%+v", route)
		}
	}
}

// How the traces come changes nothing, and no trace breaks anything.
func TestOrderChangesNothing(t *testing.T) {
	traces := traffic(t, slices.Concat(many(30, items), many(5, func(at int) string { return fmt.Sprintf(left, at, at+1000, at+3000) }))...)
	want := told(traces, risk.Options{})
	r := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		r.Shuffle(len(traces), func(i, j int) { traces[i], traces[j] = traces[j], traces[i] })
		if diff := cmp.Diff(want, told(traces, risk.Options{})); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestAnyTraceIsBorne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := risk.NewReader(risk.Options{})
		spans := tracetest.Any(t)
		if len(spans) == 0 {
			return
		}
		for i := range 60 {
			for k := range spans {
				spans[k].TraceID = trace.TraceID{1, byte(i)}
			}
			r.Add(trace.Assemble(slices.Clone(spans)))
		}
		for _, k := range r.Report().Risks {
			if !(k.Score >= 0 && k.Score <= 1) || !(k.Sure >= 0 && k.Sure <= 1) || !(k.Users >= 0 && k.Users <= 1) {
				t.Fatalf("%+v", k)
			}
		}
	})
}

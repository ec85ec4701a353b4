package simulate

import (
	"strings"
	"testing"
)

func TestMistakesAreNamedWithLineAndField(t *testing.T) {
	shop := "testdata/corner-shop.yaml"
	for _, tt := range []struct{ name, old, new, want string }{
		{"unknown field", "workers: 8", "wrokers: 8", `x.yaml:12: unknown field "wrokers"`},
		{"not YAML", "duration: 4m", "duration: [4m", "x.yaml:3:"},
		{"no number", "workers: 8", "workers: many", `x.yaml:12: workers: "many" is not what belongs here (int)`},
		{"no duration", "time: 5ms", "time: 5 minutes", `x.yaml:16: time: "5 minutes" is no duration up to 24h`},
		{"duration out of range", "time: 5ms", "time: 5000h", "x.yaml:16: time:"},
		{"alias", "time: 5ms", "time: *five", "x.yaml:16: aliases are not read"},
		{"broken tag", "  - {call: front.view", "  ! {call: front.view", "x.yaml: not readable as YAML"},
		{"long line", "time: 5ms", "time: 5ms #" + strings.Repeat("x", 1000), "x.yaml:16: line is longer than"},
		{"negative duration", "time: 5ms", "time: -5ms", `x.yaml:16: time: "-5ms" is no duration up to 24h`},
		{"too short", "duration: 4m", "duration: 1s", "x.yaml:2: duration: 1s is out of range"},
		{"no description", "description: A price service slows down and the basket's retries make it worse.", "description: ''", "x.yaml:1: description: one sentence"},
		{"unknown service", "call: prices.list", "call: pries.list", `x.yaml:18: services[1].operations[0].steps[0].call: there is no service "pries"; there are: front, basket, prices`},
		{"unknown operation", "call: prices.list", "call: prices.lost", `x.yaml:18: services[1].operations[0].steps[0].call: there is no operation of prices "lost"; there are: list`},
		{"no operation", "call: prices.list", "call: prices", `must be written service.operation`},
		{"unknown database", "query: basket-db", "query: other-db", `x.yaml:19: services[1].operations[0].steps[1].query: there is no database or external system "other-db"; there are: basket-db`},
		{"unknown client", "to: prices", "to: price", `x.yaml:22: services[1].clients[0].to: there is no service or system "price"`},
		{"too many attempts", "attempts: 3", "attempts: 300", `x.yaml:22: services[1].clients[0].attempts: 300 is out of range`},
		{"share", "jitter: 0.5", "jitter: 1.5", `clients[0].jitter: 1.5 is no share`},
		{"two kinds in a step", "          - call: prices.list", "          - {call: prices.list, work: 3ms}", `x.yaml:18: services[1].operations[0].steps[0]: a step has exactly one of`},
		{"same name twice", "name: prices", "name: basket", `is the name of $.services[1].name already`},
		{"bad route", "route: GET /list", "route: list", `must be written like GET /orders/{id}`},
		{"rate", "rate: 40", "rate: 0", `x.yaml:32: entries[0].rate: 0 is out of range`},
		{"too many spans", "rate: 40", "rate: 90000", `entries[0].rate: this makes more than 50 million spans`},
		{"circle", "time: 20ms", "steps: [{call: basket.show}]", `basket.show calls itself in a circle`},
		{"fault without target", "service: prices, slow", "slow", `x.yaml:34: faults[0]: a fault has exactly one of`},
		{"fault with two targets", "service: prices, slow", "service: prices, host: h, slow", `a fault has exactly one of`},
		{"fault without change", ", slow: 10", "", `faults[0]: a fault changes something`},
		{"fault that does not fit", "slow: 10", "hit_ratio: 0.5", `faults[0].hit_ratio: this target has no hit_ratio to change`},
		{"fault too late", "at: 2m", "at: 2h", `faults[0].at: 2h0m0s is not before the scenario's end`},
		{"unknown instance", "slow: 10", "instance: 7, slow: 10", `faults[0].instance: 7 is out of range`},
		{"unknown edge", "service: prices, slow: 10", "edge: front->prices, delay: 3ms", `no operation of "front" calls "prices"`},
		{"nothing goes wrong", "faults:\n  - {at: 2m, for: 30s, service: prices, slow: 10}", "", "faults: nothing goes wrong"},
		{"unknown system", "services:", "system: nowhere\nservices:", "x.yaml:3: system: a scenario has services of its own or names a system, not both"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(cornerShop(t), tt.old, tt.new, 1)
			if text == cornerShop(t) {
				t.Fatalf("%s has no %q", shop, tt.old)
			}
			_, err := Parse([]byte(text), "x.yaml")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestUnknownNamesAreAnswered(t *testing.T) {
	if _, err := Load("no-such"); err == nil || !strings.Contains(err.Error(), "slow-database") {
		t.Errorf("an unknown scenario: got %v, want the list of those that there are", err)
	}
	_, err := Parse([]byte("description: x\nhealthy: true\nsystem: nowhere\n"), "x.yaml")
	if err == nil || !strings.Contains(err.Error(), "x.yaml:3: system:") || !strings.Contains(err.Error(), "shop") {
		t.Errorf("an unknown system: got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(cornerShop(f)))
	for _, name := range []string{"scenarios/slow-database.yaml", "scenarios/systems/parcel.yaml", "scenarios/systems/metro.yaml"} {
		data, err := shipped.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		sc, err := Parse(data, "fuzz.yaml")
		if err == nil {
			build(&sc.Parts, 1) // whatever was found right can be built
		}
	})
}

//go:build browser

package main

import (
	"fmt"
	"strings"
	"time"
)

// spansASecond is what the large system sends, all services together.
const spansASecond = 3600

// largeScenario is sixty services that send so many spans, in which a database
// slows down near the end and pulls along what waits for it.
func largeScenario(spans int) string {
	length := max(20*time.Minute, time.Duration(float64(spans)/spansASecond*float64(time.Second)).Truncate(time.Second))
	return fmt.Sprintf(`description: A database of a busy system slows down; its callers wait, time out and retry.
duration: %s
generate: {services: 60, layers: 5, fan_out: 2, databases: 8, caches: 4, hosts: 12, entries: 4, rate: 40, seed: 7}
faults:
  - {at: %s, for: 3m, database: ticket-db, slow: 40}
`, length, length-7*time.Minute)
}

// subjects and roles make the names of the wide system's services.
var (
	subjects = strings.Fields("account tariff route ticket seat meter permit vehicle depot notice invoice refund schedule station partner profile report survey zone voucher")
	roles    = strings.Fields("api rules index feed view planner keeper sync audit broker")
)

// doors are the services of the wide system at which users come in.
const doors = 10

// wideScenario is so many services, of which each calls three or four others
// further down, for a few minutes in which nothing is wrong.
func wideScenario(services int) string {
	name := func(i int) string {
		return fmt.Sprintf("%s-%s-%d", subjects[i%len(subjects)], roles[i/len(subjects)%len(roles)], i/len(subjects)/len(roles))
	}
	var b strings.Builder
	b.WriteString("description: A thousand services and nothing wrong in them.\nhealthy: true\nduration: 6m\nservices:\n")
	for i := range services {
		fmt.Fprintf(&b, "- {name: %s, gateway: %t, operations: [{name: handle, route: POST /%[1]s, time: 1ms", name(i), i < doors)
		switch first := 3*i + doors; {
		case first+2 < services:
			fmt.Fprintf(&b, ", steps: [{call: %s.handle}, {call: %s.handle}, {call: %s.handle}", name(first), name(first+1), name(first+2))
			if i%5 == 0 && first+30 < services {
				fmt.Fprintf(&b, ", {call: %s.handle}", name(first+30))
			}
			b.WriteString("]")
		case i%3 == 0:
			fmt.Fprintf(&b, ", steps: [{query: db-%d, collection: items}]", i%15)
		}
		b.WriteString("}]}\n")
	}
	b.WriteString("databases:\n")
	for i := range 15 {
		fmt.Fprintf(&b, "- {name: db-%d, time: 2ms}\n", i)
	}
	b.WriteString("entries:\n")
	for i := range doors {
		fmt.Fprintf(&b, "- {call: %s.handle, rate: 0.5}\n", name(i))
	}
	return b.String()
}

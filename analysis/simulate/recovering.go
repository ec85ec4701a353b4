package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// recoveries are the ways in which trouble may outlast its cause.
var recoveries = []struct {
	name string
	make func(d *draw) string
}{
	{"backlog", backlogScenario},
	{"retries", retriesScenario},
	{"cold-cache", cacheScenario},
	{"tries-again", triesAgainScenario},
	{"requests-queue", requestsQueueScenario},
}

// Recovering makes up a small system and a fault that ends, after which the
// pressure goes down slowly, at once, or not at all: what becomes of it the
// mechanics decide. The seed decides all numbers; seeds go through the sorts of
// recovery in turn.
func Recovering(seed uint64) (*Scenario, error) {
	kind := recoveries[seed%uint64(len(recoveries))]
	d := &draw{rand.New(rand.NewPCG(seed, 0x7265636f766572))}
	head := fmt.Sprintf("description: What a fault leaves behind.\nfault: %s\nduration: 25m\nnamespace: %s\n", kind.name, d.one("north", "south", "east", "west"))
	return Parse([]byte(head+kind.make(d)), fmt.Sprintf("%s-%d.yaml", kind.name, seed))
}

// draw draws the numbers of a scenario.
type draw struct{ r *rand.Rand }

// between draws evenly by orders of magnitude.
func (d *draw) between(least, most float64) float64 {
	return least * math.Pow(most/least, d.r.Float64())
}

func (d *draw) one(list ...string) string { return list[d.r.IntN(len(list))] }

func (d *draw) coin(share float64) bool { return d.r.Float64() < share }

func took(seconds float64) string {
	return time.Duration(seconds * 1e9).Round(10 * time.Microsecond).String()
}

// surroundings are a second entry that nothing happens to.
const surroundings = `
  - name: pages
    language: nodejs
    gateway: true
    operations: [{name: read, route: "GET /pages/{id}", time: 3ms, steps: [{query: pages-db, collection: pages}]}]
`

// backlogScenario: consumers fall behind, and work the backlog off.
func backlogScenario(d *draw) string {
	rate := d.between(4, 14)
	concurrency, replicas := 1+d.r.IntN(3), 1+d.r.IntN(2)
	used := 0.35 + 0.5*d.r.Float64()
	each := used * float64(concurrency*replicas) / rate
	down := d.between(60, 240)
	fault := "pause: true"
	if d.coin(0.5) {
		fault = fmt.Sprintf("slow: %.1f", d.between(4, 30))
	}
	return fmt.Sprintf(`consumers_link: %t
services:
  - name: desk
    language: go
    gateway: true
    operations: [{name: submit, route: POST /jobs, time: 4ms, steps: [{query: jobs-db, collection: jobs, operation: INSERT}, {publish: jobs}]}]
  - name: worker
    language: java
    replicas: %d
    workers: 16
    operations: [{name: do, time: %s, spread: 0.4, steps: [{query: jobs-db, collection: jobs, operation: UPDATE}]}]
    consumers: [{queue: jobs, operation: do, concurrency: %d}]
%sdatabases: [{name: jobs-db, parallelism: 12, time: 2ms}, {name: pages-db, parallelism: 8, time: 3ms}]
brokers: [{name: stream, time: 2ms}]
queues: [{name: jobs, broker: stream}]
entries: [{name: submit, call: desk.submit, rate: %.2f}, {name: read, call: pages.read, rate: 6}]
faults: [{at: 6m, for: %.0fs, service: worker, %s}]
`, d.coin(0.5), replicas, took(each), concurrency, surroundings, rate, down, fault)
}

// storm is a service near its limit, and who calls it.
func storm(d *draw, retries, users, queue string, used float64) string {
	rate := d.between(14, 34)
	workers := 2 + d.r.IntN(5)
	each := used * float64(workers) / rate
	return fmt.Sprintf(`services:
  - name: counter
    language: nodejs
    gateway: true
    operations: [{name: buy, route: POST /buy, time: 3ms, steps: [{call: stalls.take}]}]
    clients: [{to: stalls, %s}]
  - name: stalls
    language: java
    replicas: 1
    workers: %d
    %s
    operations: [{name: take, route: POST /take, time: %s, spread: 0.4, steps: [{query: stalls-db, collection: stalls, operation: UPDATE}]}]
%sdatabases: [{name: stalls-db, parallelism: 12, time: 3ms}, {name: pages-db, parallelism: 8, time: 3ms}]
entries: [{name: buy, call: counter.buy, rate: %.2f, %s}, {name: read, call: pages.read, rate: 6}]
faults: [{at: 6m, for: %.0fs, service: stalls, slow: %.1f}%s]
`, retries, workers, queue, took(each), surroundings, rate, users, d.between(30, 120), d.between(2.5, 8), remedy(d))
}

// remedy is a change that ends a storm, at times.
func remedy(d *draw) string {
	if !d.coin(0.3) {
		return ""
	}
	return fmt.Sprintf(`, {at: %.0fs, edge: "counter->stalls", attempts: 1, remedy: true}`, 480+300*d.r.Float64())
}

// retriesScenario: callers try again until the callee keeps up, or for ever.
func retriesScenario(d *draw) string {
	retries := fmt.Sprintf("timeout: %s, attempts: %d, backoff: %s, jitter: 0.5", took(d.between(0.4, 2)), 2+d.r.IntN(4), took(d.between(0.02, 0.3)))
	if d.coin(0.2) {
		retries += ", budget: 0.15"
	}
	return storm(d, retries, "timeout: 30s", fmt.Sprintf("queue: %d", 20+d.r.IntN(80)), 0.4+0.45*d.r.Float64())
}

// triesAgainScenario: users press the button again.
func triesAgainScenario(d *draw) string {
	users := fmt.Sprintf("timeout: %s, attempts: %d, backoff: %s", took(d.between(0.8, 3)), 2+d.r.IntN(4), took(d.between(0.1, 1)))
	return storm(d, "timeout: 5s", users, fmt.Sprintf("queue: %d", 20+d.r.IntN(80)), 0.4+0.45*d.r.Float64())
}

// requestsQueueScenario: requests wait in a long queue that is worked off.
func requestsQueueScenario(d *draw) string {
	return storm(d, "timeout: 120s", "timeout: 300s", "queue: 100000", 0.45+0.45*d.r.Float64())
}

// cacheScenario: a cache is emptied, and the database behind it takes what the
// cache took.
func cacheScenario(d *draw) string {
	rate := d.between(15, 40)
	hit := 0.9 + 0.09*d.r.Float64()
	each := d.between(0.02, 0.15)
	// What the database can do, as a share of what comes when nothing is cached.
	able := d.between(0.12, 1.6)
	parallel := max(1, int(math.Round(able*rate*each)))
	able = float64(parallel) / (rate * each)
	if 1-hit > 0.6*able { // it must keep up while the cache is warm
		hit = 1 - 0.5*able
	}
	return fmt.Sprintf(`services:
  - name: shopfront
    language: nodejs
    gateway: true
    operations: [{name: show, route: "GET /things/{id}", time: 3ms, steps: [{call: things.show}]}]
    clients: [{to: things, timeout: %s, attempts: %d}]
  - name: things
    language: go
    workers: %d
    operations: [{name: show, route: "GET /things/{id}", time: 2ms, steps: [{get: things-cache, miss: [{query: things-db, collection: things}]}]}]
%sdatabases: [{name: things-db, parallelism: %d, time: %s, spread: 0.3}, {name: pages-db, parallelism: 8, time: 3ms}]
caches: [{name: things-cache, time: 300us, hit_ratio: %.3f, keys: %d}]
entries: [{name: show, call: shopfront.show, rate: %.2f}, {name: read, call: pages.read, rate: 6}]
faults: [{at: 6m, for: 5s, cache: things-cache, flush: true}]
`, took(d.between(1, 4)), 1+d.r.IntN(2), 24+d.r.IntN(60), surroundings, parallel, took(each), hit, 300+d.r.IntN(3000), rate)
}

// Helped reports whether a scenario has a change that was made to help.
func (sc *Scenario) Helped() bool {
	for i := range sc.Faults {
		if sc.Faults[i].Remedy {
			return true
		}
	}
	return false
}

// Well is the scenario with nothing wrong in it.
func (sc *Scenario) Well() *Scenario {
	out := *sc
	out.Faults, out.Healthy = nil, true
	return &out
}

// Lasting is the scenario over another length of time.
func (sc *Scenario) Lasting(length time.Duration) *Scenario {
	out := *sc
	out.Duration = duration(length)
	return &out
}

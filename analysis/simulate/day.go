package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// madeUp are systems beside the shipped ones that days are played in.
var madeUp = map[string]string{
	"made-up-1": "generate: {services: 24, layers: 4, fan_out: 2, databases: 4, caches: 2, hosts: 4, entries: 4, rate: 5, seed: 101}",
	"made-up-2": "generate: {services: 40, layers: 5, fan_out: 2, databases: 6, caches: 3, hosts: 6, entries: 5, rate: 3, seed: 102}",
}

// DaySystems are the systems that HealthyDay knows, in alphabetical order.
func DaySystems() []string {
	out := systems()
	for name := range madeUp {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// What happens on a healthy day.
const (
	dayRhythm    = 0.5 // traffic swings by this share about its mean, within 24 hours
	deployEach   = 3 * time.Hour
	outlierEach  = 20 * time.Minute
	outlierLasts = 200 * time.Millisecond
)

// HealthyDay makes up a day on which nothing is wrong: traffic follows the daily
// rhythm, every three hours a new version of some service is rolled out that
// changes nothing, and about every twenty minutes the few requests of a blink are
// thirty times slower. The seed decides where and when. Of systems with much
// traffic there is less.
func HealthyDay(system string, seed uint64, length time.Duration) (*Scenario, error) {
	body := "system: " + system
	if made, ok := madeUp[system]; ok {
		body = made
	}
	head := fmt.Sprintf("description: A day on which nothing is wrong.\n%s\nhealthy: true\n", body)
	sc, err := Parse([]byte(head), system+".yaml")
	if err != nil {
		return nil, err
	}
	sc.Duration = duration(length)
	sc.thin()
	r := rand.New(rand.NewPCG(seed, 0x6865616c746879))
	var services []string
	for _, s := range sc.Parts.Services {
		services = append(services, s.Name)
	}
	var faults strings.Builder
	add := func(at time.Duration, what string) {
		if at < length {
			fmt.Fprintf(&faults, "  - {at: %s, %s}\n", at.Truncate(time.Millisecond), what)
		}
	}
	for i, n := range r.Perm(len(services))[:min(len(services), int(length/deployEach)+1)] {
		add(time.Duration(i)*deployEach+jittered(r, deployEach), "service: "+services[n]+", deploy: 1.0.1, every: 20s")
	}
	for at := jittered(r, outlierEach); at < length; at += jittered(r, 2*outlierEach) + time.Second {
		add(at, fmt.Sprintf("for: %s, service: %s, slow: 30", outlierLasts, services[r.IntN(len(services))]))
	}
	if faults.Len() > 0 {
		if err := decode([]byte("faults:\n"+faults.String()), system+".yaml", sc); err != nil {
			return nil, err
		}
	}
	for i := range sc.Parts.Entries {
		n := &sc.Parts.Entries[i]
		n.Rate /= 1 + dayRhythm // at its top it is what the system is made for
		n.Rhythm = &rhythmSpec{Amplitude: dayRhythm, Period: duration(24 * time.Hour)}
	}
	if where, err := sc.validate(); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", system, where, err)
	}
	return sc, nil
}

// thin lowers all traffic alike where it would make more spans than a scenario may.
func (sc *Scenario) thin() {
	k := &costs{checker: &checker{sc: sc}, known: map[string]float64{}, open: map[string]bool{}}
	spans := 0.0
	for i := range sc.Parts.Entries {
		n := &sc.Parts.Entries[i]
		spans += n.Rate * k.surge(n) * time.Duration(sc.Duration).Seconds() * k.of(n.Call)
	}
	for i := range sc.Parts.Entries {
		sc.Parts.Entries[i].Rate *= min(1, 0.9*mostSpans/spans)
	}
}

// jittered draws a time up to the given one.
func jittered(r *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(r.Float64() * float64(most))
}

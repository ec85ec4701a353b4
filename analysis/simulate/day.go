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
	dayRhythm   = 0.5  // traffic swings by this share about its mean, within 24 hours
	dayTop      = 0.75 // of what the system is written for, at the top of the day
	deployEach  = 3 * time.Hour
	outlierEach = 20 * time.Minute
	outlierSlow = 30.0        // times as slow as others,
	outlierMost = time.Second // but so long at the most
)

// HealthyDay makes up a day on which nothing is wrong: traffic follows the daily
// rhythm, every three hours a new version of some service is rolled out that
// changes nothing, and about every twenty minutes a lonely request, or two, is up
// to thirty times slower at some service. The seed decides where and when. Of
// systems with much traffic there is less.
//
// All that is such that no system falls ill of it. One with few workers and eager
// retries is in a storm, in which every request fails for half a day, once a blink
// holds up all its workers, and at its full load by mere chance.
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
	rate := 0.0
	for i := range sc.Parts.Entries {
		n := &sc.Parts.Entries[i]
		n.Rate *= dayTop / (1 + dayRhythm)
		n.Rhythm = &rhythmSpec{Amplitude: dayRhythm, Period: duration(24 * time.Hour)}
		rate += n.Rate
	}
	blink := max(time.Millisecond, time.Duration(float64(time.Second)/rate).Truncate(time.Millisecond))
	for at := jittered(r, outlierEach); at < length; at += jittered(r, 2*outlierEach) + time.Second {
		s := &sc.Parts.Services[r.IntN(len(services))]
		add(at, fmt.Sprintf("for: %s, service: %s, slow: %.1f", blink, s.Name, outlying(s)))
	}
	if faults.Len() > 0 {
		if err := decode([]byte("faults:\n"+faults.String()), system+".yaml", sc); err != nil {
			return nil, err
		}
	}
	if where, err := sc.validate(); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", system, where, err)
	}
	return sc, nil
}

// outlying is by what factor a request of a service is slower that is an outlier.
func outlying(s *serviceSpec) float64 {
	factor := outlierSlow
	for i := range s.Operations {
		if t := time.Duration(s.Operations[i].Time); t > 0 {
			factor = min(factor, float64(outlierMost)/float64(t))
		}
	}
	return max(factor, 2)
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

package simulate

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// unhurt are incidents of which users notice nothing at once: messages wait.
var unhurt = []string{"consumer-pause", "consumer-stall", "failing-redeliveries"}

func TestShippedScenarios(t *testing.T) {
	systems := map[string]int{}
	incidents := 0
	for _, name := range Names() {
		sc := load(t, name)
		systems[sc.SystemName] = len(sc.Parts.Services)
		if !sc.Healthy {
			incidents++
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if sc.Healthy {
				staysQuiet(t, sc)
			} else {
				hasItsTruth(t, sc)
			}
		})
	}
	if incidents < 20 || len(systems) < 5 {
		t.Errorf("%d incidents on %d systems ship, want 20 on 5", incidents, len(systems))
	}
	for name, least := range map[string]int{"clinic": 5, "metro": 200} {
		if systems[name] != least {
			t.Errorf("%s has %d services, want %d", name, systems[name], least)
		}
	}
}

// hasItsTruth plays the first minutes of an incident.
func hasItsTruth(t *testing.T, sc *Scenario) {
	start := sc.Faults[0].At
	if start < duration(5*time.Minute) {
		t.Errorf("the fault comes after %v: too little healthy history", time.Duration(start))
	}
	sc.Duration = min(sc.Duration, start+duration(150*time.Second))
	if sc.Faults[0].Ramp > duration(5*time.Minute) {
		sc.Faults[0].Ramp = duration(time.Minute)
	}
	e := engineAfter(t, sc, 3)
	truth := e.truth()
	if truth.Cause.Name == "" || !slices.Contains(truth.Cause.Accept, truth.Cause.Name) || truth.TriggerStart != e.start+int64(start) {
		t.Errorf("truth: cause %+v, trigger at %d", truth.Cause, truth.TriggerStart)
	}
	hurt := truth.UsersHit != 0
	if hurt == slices.Contains(unhurt, sc.Name) {
		t.Errorf("users hurt: %v", hurt)
	}
	if hurt && (truth.UsersHit < truth.TriggerStart || truth.UsersWell <= truth.UsersHit) {
		t.Errorf("users hurt from %d to %d, trigger at %d", truth.UsersHit, truth.UsersWell, truth.TriggerStart)
	}
	for _, n := range e.entries {
		if _, last := leap(n.book.failing()[:e.tickOf(truth.TriggerStart)], 120, 0.05); last >= 0 {
			t.Errorf("entry %s fails before the trigger", n.name)
		}
	}
}

// staysQuiet plays a healthy scenario: no user is hurt.
func staysQuiet(t *testing.T, sc *Scenario) {
	e := engineAfter(t, sc, 3)
	for _, n := range e.entries {
		if first, _ := leap(n.book.failing(), 300, 0.05); first >= 0 {
			t.Errorf("entry %s fails after %d s", n.name, first)
		}
		if first, _ := leap(n.book.waiting(), 300, 0.02); first >= 0 {
			t.Errorf("entry %s is slow after %d s", n.name, first)
		}
	}
	if truth := e.truth(); !truth.Healthy || truth.Cause.Name != "" {
		t.Errorf("truth: %+v", truth)
	}
}

func TestDocumentationIsComplete(t *testing.T) {
	data, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	for _, name := range Names() {
		if sentence, err := Describe(name); err != nil || !strings.Contains(doc, "`"+name+"`") || !strings.Contains(doc, sentence) {
			t.Errorf("scenario %s with its sentence is not in docs/scenarios.md (%v)", name, err)
		}
	}
	seen := map[reflect.Type]bool{}
	var walk func(of reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Slice || of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			f := of.Field(i)
			if tag, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); tag != "" && tag != "-" && !strings.Contains(doc, "`"+tag+"`") {
				t.Errorf("field %s of %s is not in docs/scenarios.md", tag, of.Name())
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[Scenario]())
	if example := cornerShop(t); !strings.Contains(doc, example) {
		t.Error("the example in docs/scenarios.md is not testdata/corner-shop.yaml")
	}
}

package simulate

import (
	"reflect"
	"testing"
)

func TestArbitraryScenariosAreValidAndRepeatable(t *testing.T) {
	kinds := map[string]bool{}
	for seed := range uint64(300) {
		sc, err := Arbitrary(seed)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		kinds[sc.Fault] = true
		again, err := Arbitrary(seed)
		if err != nil || !reflect.DeepEqual(sc, again) {
			t.Fatalf("seed %d gives another scenario the second time", seed)
		}
	}
	if len(kinds) < 15 {
		t.Errorf("only %d kinds of faults in 300 scenarios: %v", len(kinds), kinds)
	}
}

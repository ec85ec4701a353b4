package simulate_test

import (
	"testing"
	"time"

	"headwater/analysis/simulate"
)

func TestEverySystemHasAHealthyDay(t *testing.T) {
	systems := simulate.DaySystems()
	if len(systems) < 10 {
		t.Errorf("%d systems: %v", len(systems), systems)
	}
	for _, system := range systems {
		sc, err := simulate.HealthyDay(system, 1, 24*time.Hour)
		if err != nil {
			t.Errorf("%s: %v", system, err)
			continue
		}
		deployments, outliers := 0, 0
		for _, f := range sc.Faults {
			if f.Deploy != "" {
				deployments++
			} else {
				outliers++
			}
		}
		if !sc.Healthy || deployments < 4 || outliers < 30 {
			t.Errorf("%s: %d deployments, %d outliers", system, deployments, outliers)
		}
	}
}

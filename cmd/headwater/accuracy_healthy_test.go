package main

import "testing"

// TestHealthyStaysQuiet is a short form of what make soak does for days.
func TestHealthyStaysQuiet(t *testing.T) {
	for _, system := range []string{"clinic", "bank"} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			day, err := healthyRun(t.Context(), system, 3, lookBack, true)
			if err != nil {
				t.Fatal(err)
			}
			if day.windows < 170 {
				t.Errorf("%d windows of half an hour", day.windows)
			}
			for _, inc := range day.alarms {
				t.Errorf("an incident in a healthy system: %s", inc.Sentence)
			}
		})
	}
}

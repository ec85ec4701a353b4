package analysis

// split divides the difference of a product of three factors between before
// and after exactly among the factors, by their Shapley values (Shapley, A
// Value for n-Person Games, 1953): each factor's change, averaged over the
// orders in which the factors may change.
//
// Order of the factors: calls per request, attempts per call, time per attempt.
func split(before, after [3]float64) (parts [3]float64) {
	for j := range 3 {
		a, b := (j+1)%3, (j+2)%3
		weight := (before[a]*before[b]+after[a]*after[b])/3 + (before[a]*after[b]+after[a]*before[b])/6
		parts[j] = (after[j] - before[j]) * weight
	}
	return parts
}

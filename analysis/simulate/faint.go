package simulate

import "slices"

// faintness is by what a faint scenario divides the severity of its faults.
const faintness = 3

// Faint is the scenario with faults of a third of their severity: what is added
// to a factor of 1, a share, a delay. What can't be divided (a process that is
// killed, a pool of one) stays. Together with Options.Sample it makes the cases
// that are hard to tell from noise.
func (sc *Scenario) Faint() *Scenario {
	out := *sc
	out.Faults = slices.Clone(sc.Faults)
	for i := range out.Faults {
		f := &out.Faults[i]
		for _, factor := range []**float64{&f.Slow, &f.Traffic} {
			if *factor != nil {
				v := 1 + (**factor-1)/faintness
				*factor = &v
			}
		}
		for _, share := range []**float64{&f.Errors, &f.Skip, &f.Lost, &f.BusyCPUs} {
			if *share != nil {
				v := **share / faintness
				*share = &v
			}
		}
		if f.Delay != nil {
			v := *f.Delay / faintness
			f.Delay = &v
		}
	}
	return &out
}

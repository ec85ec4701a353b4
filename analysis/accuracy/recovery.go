package accuracy

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"headwater/analysis"
)

// Recovered is one recovery and what was said of it.
type Recovered struct {
	Name, Kind string
	Truth      *Truth
	Helped     bool          // somebody made a change that ended it
	Length     time.Duration // from the trigger's end to the last trouble
	Endless    bool          // it had not ended when the recording did
	Found      bool          // an incident was reported
	Said       bool          // it was said to be metastable
	Sustained  string
	// Asked is set where a forecast was asked for, halfway; the rest is what was
	// said then.
	Asked, Running bool
	At             time.Time
	Forecast       *analysis.Forecast
	Recovery       *analysis.Recovery
}

// Miss is by what share of the recovery's length the forecast's end is off, and
// whether its interval holds the end; false where no end was forecast.
func (r *Recovered) Miss() (miss float64, held, ok bool) {
	if !r.Asked || r.Endless || r.Forecast == nil {
		return 0, false, false
	}
	f := r.Forecast
	end := time.Unix(0, r.Truth.Calm)
	miss = math.Abs(f.Well.Sub(end).Seconds()) / r.Length.Seconds()
	return miss, !end.Before(f.Earliest) && !end.After(f.Latest), true
}

// Never reports whether it was said, halfway, that it would not end by itself.
func (r *Recovered) Never() bool { return r.Recovery != nil && r.Recovery.Endless }

// String tells of a case in a line.
func (r Recovered) String() string {
	text := fmt.Sprintf("%s: %.0f s, metastable %t, said %t (%s)", r.Name, r.Length.Seconds(), r.Truth.Metastable, r.Said, r.Sustained)
	switch miss, held, ok := r.Miss(); {
	case ok:
		text += fmt.Sprintf("; misses by %.0f%%, held %t: %+.0f s [%.0f %.0f]", 100*miss, held, r.Forecast.Well.Sub(time.Unix(0, r.Truth.Calm)).Seconds(), r.Forecast.Earliest.Sub(r.At).Seconds(), r.Forecast.Latest.Sub(r.At).Seconds())
	case r.Asked:
		text += fmt.Sprintf("; no forecast, endless %t, never %t, running %t", r.Endless, r.Never(), r.Running)
	}
	return text
}

// RecoveryTable counts recoveries by their kind.
type RecoveryTable struct{ rows map[string][]Recovered }

// Add counts a case.
func (t *RecoveryTable) Add(r Recovered) {
	if t.rows == nil {
		t.rows = map[string][]Recovered{}
	}
	t.rows[r.Kind] = append(t.rows[r.Kind], r)
}

// Write writes the table in Markdown; the error is the writer's.
func (t *RecoveryTable) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(tw, "| kind\t| cases\t| metastable right\t| forecasts asked\t| made\t| median miss\t| in 80% interval\t| endless\t| said so\t| said so in vain\t|")
	fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	var all []Recovered
	for _, kind := range slices.Sorted(maps.Keys(t.rows)) {
		recoveryRow(tw, kind, t.rows[kind])
		all = append(all, t.rows[kind]...)
	}
	recoveryRow(tw, "all", all)
	return tw.Flush()
}

func recoveryRow(w io.Writer, kind string, cases []Recovered) {
	right, asked, held, endless, said, vain := 0, 0, 0, 0, 0, 0
	var misses []float64
	for i := range cases {
		r := &cases[i]
		if r.Said == r.Truth.Metastable {
			right++
		}
		switch {
		case !r.Asked:
		case r.Endless:
			endless++
			if r.Never() {
				said++
			}
		default:
			asked++
			if miss, in, ok := r.Miss(); ok {
				misses = append(misses, miss)
				if in {
					held++
				}
			}
			if r.Never() {
				vain++
			}
		}
	}
	slices.Sort(misses)
	median, share := "", ""
	if n := len(misses); n > 0 {
		median, share = fmt.Sprintf("%.0f%%", 100*misses[n/2]), fmt.Sprintf("%.0f%%", 100*float64(held)/float64(n))
	}
	fmt.Fprintf(w, "| %s\t| %d\t| %d (%.0f%%)\t| %d\t| %d\t| %s\t| %s\t| %d\t| %d\t| %d\t|\n", kind, len(cases), right, 100*float64(right)/float64(max(1, len(cases))), asked, len(misses), median, share, endless, said, vain)
}

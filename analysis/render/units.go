package render

import (
	"fmt"
	"math"
	"time"
)

// moment is a time as the text writes it, always in UTC.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// clockOr is the time of day alone where the day is that of the reference.
func clockOr(reference, t time.Time) string {
	a, b := reference.UTC(), t.UTC()
	if a.YearDay() == b.YearDay() && a.Year() == b.Year() {
		return b.Format("15:04:05")
	}
	return moment(b)
}

func span(d time.Duration) string { return d.Round(time.Second).String() }

// seconds writes a duration, given in seconds, with two or three digits.
func seconds(s float64) string {
	switch a := math.Abs(s); {
	case a == 0:
		return "0 s"
	case a < 1e-3:
		return fmt.Sprintf("%.0f us", s*1e6)
	case a < 1:
		return fmt.Sprintf("%.3g ms", s*1e3)
	case a < 100:
		return fmt.Sprintf("%.3g s", s)
	case a < 1e7:
		return span(time.Duration(s * float64(time.Second)))
	}
	return fmt.Sprintf("%.3g s", s)
}

// share writes a share of 1 as a percentage.
func share(v float64) string {
	switch a := math.Abs(v) * 100; {
	case a == 0:
		return "0%"
	case a < 0.1:
		return "<0.1%"
	case a < 10:
		return fmt.Sprintf("%.1f%%", v*100)
	}
	return fmt.Sprintf("%.0f%%", v*100)
}

// quantity writes a number of the given unit, as Evidence names units.
func quantity(v float64, unit string) string {
	switch unit {
	case "s":
		return seconds(v)
	case "share":
		return share(v)
	case "1/s":
		return fmt.Sprintf("%.3g/s", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func change(from, to string) string { return from + " -> " + to }

func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

package compare

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode"
)

// shown is how many changes of a section the text lists. JSON has them all.
const shown = 12

var headings = map[Section]string{
	Came: "There are now", Went: "There are no more", Slower: "Time", Failing: "Failures", Retried: "Attempts per call",
	Fanned: "Visits per request", Loaded: "Requests per second", Shaped: "What traces are made of: share of the requests with this span",
}

// Text writes the difference for people. The error is the writer's.
func Text(w io.Writer, d *Difference) error {
	var b strings.Builder
	if len(d.Changes) == 0 {
		b.WriteString("Nothing differs by more than chance explains.\n")
	}
	for _, section := range sections {
		n := 0
		for i := range d.Changes {
			c := &d.Changes[i]
			if c.Section != section {
				continue
			}
			if n == 0 {
				fmt.Fprintf(&b, "%s\n", strings.ToUpper(headings[section]))
			}
			if n++; n <= shown {
				fmt.Fprintf(&b, "  %s\n", line(c))
			}
		}
		if n > shown {
			fmt.Fprintf(&b, "  and %d more\n", n-shown)
		}
		if n > 0 {
			b.WriteByte('\n')
		}
	}
	for _, side := range []struct {
		name string
		*Side
	}{{"before", &d.Before}, {"after", &d.After}} {
		fmt.Fprintf(&b, "%-6s  %s - %s: %d spans in %d requests, %d nodes, %d edges\n", side.name,
			side.Start.Format(time.DateTime), side.End.Format(time.DateTime), side.Spans, side.Requests, side.Nodes, side.Edges)
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func line(c *Change) string {
	name := clean(c.Name)
	switch c.Section {
	case Came:
		return fmt.Sprintf("+ %s %s (%.0f times)", c.Kind, name, c.After)
	case Went:
		return fmt.Sprintf("- %s %s (%.0f times before)", c.Kind, name, c.Before)
	}
	return fmt.Sprintf("%s  %-30s %s -> %s%s", sign(c), c.Metric, value(c.Before, c.Unit), value(c.After, c.Unit), times(c)) + "  " + name
}

func sign(c *Change) string {
	if c.After > c.Before {
		return "^"
	}
	return "v"
}

// times says how many times as much it is, where that says something.
func times(c *Change) string {
	if c.Before <= 0 || c.After <= 0 || c.Unit == "share" {
		return ""
	}
	if r := c.After / c.Before; r >= 1.5 || r <= 0.67 {
		return fmt.Sprintf(" (x%.3g)", r)
	}
	return ""
}

func value(v float64, unit string) string {
	switch unit {
	case "s":
		switch a := math.Abs(v); {
		case a == 0:
			return "0 s"
		case a < 1e-3:
			return fmt.Sprintf("%.0f us", v*1e6)
		case a < 1:
			return fmt.Sprintf("%.3g ms", v*1e3)
		}
		return fmt.Sprintf("%.3g s", v)
	case "share":
		return fmt.Sprintf("%.3g%%", v*100)
	case "1/s":
		return fmt.Sprintf("%.3g/s", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// clean replaces what could drive a terminal or break a line.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

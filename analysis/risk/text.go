package risk

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"headwater/analysis"
)

// kindWords say what a kind of risk is.
var kindWords = map[RiskKind]string{
	Amplification: "retries multiply", LateDeadline: "waits longer than its caller", NoTimeout: "no timeout seen",
	CallPerItem: "a call for each item", SharedByMinor: "shared with unimportant work", NearlyFull: "nearly full", LittleRoom: "little room",
	NoReturn: "does not come back",
}

const (
	// risksShown and roomShown are how many the text has; JSON has all.
	risksShown = 15
	roomShown  = 10
)

// Text writes the report for a person. The error is the writer's.
func Text(w io.Writer, r *RiskReport) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %d traces", risks(len(r.Risks)), r.Traces)
	if !r.Range.Start.IsZero() && r.Traces > 0 {
		fmt.Fprintf(&b, ", %s to %s UTC", r.Range.Start.Format("2006-01-02 15:04:05"), r.Range.End.Format("15:04:05"))
	}
	b.WriteString(".\n")
	for i := range r.Risks[:min(risksShown, len(r.Risks))] {
		k := &r.Risks[i]
		fmt.Fprintf(&b, "\n%d  %s: %s   (score %.2f, sure %.2f, %s of users' requests)\n", k.Rank, kindWords[k.Kind], k.Subject, k.Score, k.Sure, analysis.Percent(k.Users))
		fmt.Fprintf(&b, "   %s\n", k.Sentence)
		for _, e := range k.Evidence {
			fmt.Fprintf(&b, "   - %s\n", e.Sentence)
		}
		for n, x := range k.Examples {
			if n == 0 {
				b.WriteString("   traces:")
			}
			fmt.Fprintf(&b, " %s", x.TraceID)
		}
		if len(k.Examples) > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "   Do: %s\n", k.Remedy)
	}
	if n := len(r.Risks) - risksShown; n > 0 {
		fmt.Fprintf(&b, "\n%d more are in --format json.\n", n)
	}
	r.roomText(&b)
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\nNote: %s\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// roomText tells how much slower dependencies may get: what was played first.
func (r *RiskReport) roomText(b *strings.Builder) {
	var played, rest []*RiskRoom
	for i := range r.Room {
		if k := &r.Room[i]; k.Played != nil {
			played = append(played, k)
		} else if k.Sentence != "" {
			rest = append(rest, k)
		}
	}
	if len(played) > 0 {
		slices.SortStableFunc(played, func(x, y *RiskRoom) int { return cmp.Compare(y.Users, x.Users) })
		b.WriteString("\nHow much slower each dependency may get, by playing the traffic again with it slowed for a while:\n")
		tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(tw, "  dependency\tusers feel it\tdoes not come back\tusers' requests")
		for _, k := range played {
			felt, stuck := k.Played.short()
			fmt.Fprintf(tw, "  %s\t%s\t%s\t%s\n", k.Node.Name, felt, stuck, analysis.Percent(k.Users))
		}
		_ = tw.Flush() // a strings.Builder takes everything
		b.WriteString("  What was not seen may be: limits, timeouts and retries that traffic never reached are not in a replay.\n")
		for _, k := range played {
			fmt.Fprintf(b, "  - %s\n", k.Played.Sentence)
		}
	}
	if len(rest) > 0 {
		b.WriteString("\nHow much slower each dependency may get before a timeout ends its calls or all places are taken:\n")
		for _, k := range rest[:min(roomShown, len(rest))] {
			fmt.Fprintf(b, "  %s\n", k.Sentence)
		}
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func risks(n int) string {
	if n == 1 {
		return "1 risk"
	}
	return fmt.Sprintf("%d risks", n)
}

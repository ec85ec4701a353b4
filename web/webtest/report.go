package webtest

import (
	"slices"
	"time"

	"headwater/analysis"
)

// The ids of the shop's incidents.
const (
	IncidentID = "20260312T140210-k7qd"
	EarlierID  = "20260312T091540-b2mw"
)

// Healthy is the report of the shop before anything happened.
func Healthy() *analysis.Report {
	return &analysis.Report{
		Version: analysis.ReportVersion, WindowSec: Window.Seconds(),
		Range: analysis.Interval{Start: Begin, End: Onset},
		Data: analysis.Data{
			Windows: 61, Spans: 612_480, Requests: 96_340, Services: 10, Nodes: 14, Edges: 17,
			Paired: 0.998, Malformed: []analysis.Malformed{}, Mended: []analysis.Malformed{},
		},
		Incidents: []analysis.Incident{}, Notes: []string{},
	}
}

// Silent is the report before any span has come.
func Silent() *analysis.Report {
	return &analysis.Report{
		Version: analysis.ReportVersion, WindowSec: Window.Seconds(),
		Data:      analysis.Data{Malformed: []analysis.Malformed{}, Mended: []analysis.Malformed{}},
		Incidents: []analysis.Incident{}, Notes: []string{},
	}
}

// Report is the report of the shop in its outage, with an earlier incident that
// is over.
func Report() *analysis.Report {
	r := Healthy()
	r.Range = analysis.Interval{Start: Begin.Add(-6 * time.Hour), End: Now}
	r.Data.Windows, r.Data.Spans, r.Data.Requests = 2283, 24_918_204, 3_480_112
	r.Data.Orphans = 1_204
	r.Incidents = []analysis.Incident{Earlier(), Outage()}
	r.Notes = []string{"Spans carry no sampling weight: rates are of what was sent."}
	return r
}

// Outage is the incident of the slow database.
func Outage() analysis.Incident {
	in := analysis.Incident{
		ID: IncidentID, State: analysis.Outage, Start: Onset,
		Sentence: "orders-db slowed at 14:02:10 and explains 41% of the lost time; retries of checkout to orders " +
			"(3.4 attempts per call) explain 52% and keep the outage up since orders-db is well again.",
		Confidence: 0.93,
		Baseline:   analysis.BaselineOf{Source: "before", Range: analysis.Interval{Start: Begin, End: Onset}, Windows: 61},
		Impact: []analysis.Impact{
			{Node: gateway, Service: "gateway", Route: "POST /checkout", Requests: 18_420, Failed: 6_998, BaselineFailed: 0.002, BaselineRate: 30.8, Rate: 29.7, BaselineP50: 0.104, P50: 4.21, BaselineP95: 0.412, P95: 6.1, ExcessSeconds: 78_344},
			{Node: gateway, Service: "gateway", Route: "GET /stock/{sku}", Requests: 8_112, Failed: 487, BaselineFailed: 0.001, BaselineRate: 13.1, Rate: 13, BaselineP50: 0.022, P50: 0.81, BaselineP95: 0.061, P95: 1.92, ExcessSeconds: 6_930},
		},
		Timeline: timeline(),
		Balance:  analysis.Balance{ExcessSeconds: 85_274, ExcessFailures: 7_440, Explained: 0.96, Unattributed: 0.04},
		Phases:   phases(), Metastable: true, Order: order(),
		Sustained: "What set it off was gone at 14:07:20; the retries of checkout->orders kept the pressure up.",
		Containment: &analysis.Containment{
			Caller: checkout, Callee: orders, By: "cap-retries", Spared: 0.71,
			Sentence: "Cap the retries of checkout -> orders (3.4 attempts per call): without them 71% of what came to orders would not have come.",
		},
		Forecast: &analysis.Forecast{
			Well: Now.Add(4 * time.Minute), Earliest: Now.Add(3 * time.Minute), Latest: Now.Add(6 * time.Minute), Decay: "exponential",
			Sentence: "As the pressure goes down now, users are well again at about 14:16:30.",
		},
		Recovery: recovery(),
		Notes:    []string{"payments and cart take part in the failing requests and are at their baseline."},
	}
	in.Nodes, in.Edges = graphOf()
	in.Causes = causes()
	return in
}

func order() []analysis.Hop {
	var out []analysis.Hop
	for _, a := range actors {
		if a.lag > 0 {
			at := Onset.Add(a.lag).Truncate(Window)
			out = append(out, analysis.Hop{Node: a.id, Name: a.id.Name, At: at, Own: a.cause > 0, Lag: at.Sub(Onset).Seconds()})
		}
	}
	return out
}

func phases() []analysis.Phase {
	risen, high, gone := Onset.Add(20*time.Second), Onset.Add(80*time.Second), Cured
	return []analysis.Phase{
		{Name: analysis.PhaseOnset, Start: Onset, End: risen, Sentence: "Something left its baseline, users do not feel it yet."},
		{Name: analysis.PhaseAmplification, Start: risen, End: high, Sentence: "The pressure on users grows."},
		{Name: analysis.PhaseOutage, Start: high, End: gone, Sentence: "The pressure is at its height."},
		{Name: analysis.PhaseRecovery, Start: gone, End: Now, Sentence: "What set it off is gone, its effects are not."},
	}
}

// Earlier is an incident that is over, with a cause that is far less clear.
func Earlier() analysis.Incident {
	in := Outage()
	end := time.Date(2026, 3, 12, 9, 21, 10, 0, time.UTC)
	in.ID, in.State, in.Start, in.End = EarlierID, analysis.Over, end.Add(-330*time.Second), &end
	in.Sentence = "recommendations became slow at 09:15:40, most of it in one instance; users of search waited 0.6 s longer."
	in.Confidence, in.Metastable, in.Sustained, in.Phases = 0.58, false, "", []analysis.Phase{}
	in.Order, in.Containment, in.Forecast, in.Recovery = []analysis.Hop{}, nil, nil, nil
	in.Impact = []analysis.Impact{{
		Node: gateway, Service: "gateway", Route: "GET /search", Requests: 19_800, Failed: 12, BaselineRate: 60.2, Rate: 60,
		BaselineP50: 0.044, P50: 0.39, BaselineP95: 0.12, P95: 0.73, ExcessSeconds: 6_840,
	}}
	in.Causes = in.Causes[2:3]
	in.Causes[0].Rank, in.Causes[0].ID, in.Causes[0].Kind, in.Causes[0].Name = 1, recommend.String(), analysis.CauseService, "recommendations"
	in.Causes[0].Parent = recommend.String()
	return in
}

func graphOf() ([]analysis.NodeView, []analysis.EdgeView) {
	var nodes []analysis.NodeView
	for _, a := range actors {
		nodes = append(nodes, analysis.NodeView{
			ID: a.id, Kind: a.id.Kind.String(), Name: a.id.Name, Entry: a.id == gateway,
			Own: a.own, Inherited: a.inherited, Rate: a.rate, ErrorRate: a.failed,
			Baseline: a.mean, Mean: a.slow, Onset: onsetOf(a), Cause: a.cause,
		})
	}
	slices.SortFunc(nodes, func(a, b analysis.NodeView) int { return a.ID.Compare(b.ID) })
	var edges []analysis.EdgeView
	for _, l := range links {
		edges = append(edges, analysis.EdgeView{
			Caller: l.caller, Callee: l.callee, Async: l.async, Pressure: l.pressure,
			Rate: l.busy, BaselineRate: l.rate, ErrorShare: l.failed,
			Amplification: l.attempts, BaselineAmplified: 1,
			Mean: l.slow, BaselineMean: l.mean, P95: 2.1 * l.slow, BaselineP95: 2.3 * l.mean, Paired: 1,
		})
	}
	slices.SortFunc(edges, func(a, b analysis.EdgeView) int {
		if c := a.Caller.Compare(b.Caller); c != 0 {
			return c
		}
		return a.Callee.Compare(b.Callee)
	})
	return nodes, edges
}

// onsetOf is when the node's own part began; most pressed nodes have none.
func onsetOf(a actor) *time.Time {
	if a.cause == 0 {
		return nil
	}
	t := Onset.Add(a.lag).Truncate(Window)
	return &t
}

func timeline() []analysis.Row {
	var rows []analysis.Row
	for seed, a := range actors {
		row := analysis.Row{Node: a.id, Name: a.id.Name, Onset: onsetOf(a)}
		for _, t := range times(Now) {
			c := analysis.Cell{Time: t}
			if t.Before(Begin.Add(7 * time.Minute)) {
				continue // the tail of the baseline is enough
			}
			if a.lag > 0 {
				own := height(t, Onset.Add(a.lag), Now)
				if a.id == ordersDB {
					own = height(t, Onset, Cured)
				}
				c.Own = a.own * own * ripple(t, seed, 0.12)
				c.Inherited = a.inherited * height(t, Onset.Add(a.lag), Now) * ripple(t, seed+50, 0.15)
				c.Failed = a.failed * height(t, Onset.Add(a.lag+time.Minute), Now) * ripple(t, seed+90, 0.2)
			} else {
				c.Own = a.own * max(0, ripple(t, seed, 3)-2)
			}
			row.Cells = append(row.Cells, c)
		}
		rows = append(rows, row)
	}
	return rows
}

// recovery is what still presses of the outage.
func recovery() *analysis.Recovery {
	gone := Now.Add(4 * time.Minute)
	return &analysis.Recovery{
		Since: Cured, Sentence: "checkout -> orders is tried 2.1 times a call, usually 1.0; what is too much halves in 70 s.",
		Pressing: []analysis.Pressing{{
			Kind: analysis.PressingRetries, Subject: "checkout -> orders", Unit: "1", Usual: 1.01, Highest: 3.6, Now: 2.1, HalfLife: 70, Gone: &gone,
			Sentence: "checkout -> orders is tried 2.1 times a call, usually 1.0; what is too much halves in 70 s.",
		}},
	}
}

package webtest

import (
	"time"

	"headwater/analysis"
	"headwater/graph"
)

func causes() []analysis.Cause {
	second, third := Onset.Add(40*time.Second), Onset.Add(50*time.Second)
	return []analysis.Cause{
		{
			Rank: 1, ID: ordersDB.String(), Kind: analysis.CauseDatabase, Name: "orders-db", Parent: ordersDB.String(),
			Trigger: 0.81, Sustaining: 0.07, Confidence: 0.93, Onset: &Onset,
			Sentence: "orders-db took 410 ms per statement instead of 9 ms from 14:02:10 to 14:08:00, before any of its callers changed.",
			Evidence: []analysis.Evidence{
				evidence("self_time", "orders-db", "s", 0.009, 0.41, "A statement took 410 ms instead of 9 ms.", Onset, Cured, 1),
				evidence("rate", "orders-db", "1/s", 212, 389, "Statements rose by 84% only after it was slow: it was not load that slowed it.", Onset.Add(time.Minute), Now, 2),
				evidence("error_share", "orders-db", "share", 0.001, 0.01, "1% of the statements failed.", Onset.Add(30*time.Second), Cured, 3),
			},
			Examples: examples(),
			Ledger: []analysis.Line{
				{Account: "own: orders-db SELECT orders", Route: "POST /checkout", Time: 29_870, Retries: 12_410, FanOut: 310, Demand: -420},
				{Account: "own: orders-db UPDATE stock", Route: "POST /checkout", Time: 3_120, Retries: 940, FanOut: 0, Demand: -40},
				{Account: "own: orders-db SELECT stock", Route: "GET /stock/{sku}", Time: 5_310, Retries: 610, FanOut: 0, Demand: -12},
			},
			Narrowed: []analysis.Narrowed{
				{Dimension: "operation", Value: "SELECT orders", Share: 0.78, Sentence: "78% of its added time is in SELECT orders."},
				{Dimension: "host", Value: "db-node-2", Share: 0.97, Sentence: "97% of it ran on db-node-2."},
			},
			Without: &analysis.Counterfact{
				Route: "POST /checkout", P95: 0.48, Mean: 0.13, Incident: 4.35, Failed: 0.004,
				Sentence: "With orders-db at its baseline, the p95 of POST /checkout would have been 480 ms instead of 6.1 s, and 0.4% would have failed instead of 38%.",
			},
			Path: []graph.NodeID{gateway, checkout, orders, ordersDB},
		},
		{
			Rank: 2, ID: checkout.String() + "->" + orders.String(), Kind: analysis.CauseRetryPolicy, Name: "checkout->orders", Parent: orders.String(),
			Trigger: 0.06, Sustaining: 0.83, Confidence: 0.97, Onset: &second,
			Sentence: "checkout tried each call to orders 3.4 times, which tripled the load on orders and kept it full after orders-db was well again.",
			Evidence: []analysis.Evidence{
				evidence("attempts_per_call", "checkout->orders", "1", 1.01, 3.4, "3.4 attempts per call instead of 1.01.", Onset.Add(40*time.Second), Now, 4),
				evidence("timeout_share", "checkout->orders", "share", 0.002, 0.61, "61% of the attempts ended at the deadline of 2 s.", Onset.Add(30*time.Second), Now, 5),
				evidence("orphan_work", "orders", "1", 0.1, 41, "orders worked on 41 requests at a time whose caller had left.", Onset.Add(time.Minute), Now, 6),
			},
			Examples: examples()[1:],
			Ledger: []analysis.Line{
				{Account: "own: orders CreateOrder", Route: "POST /checkout", Time: 2_110, Retries: 38_220, FanOut: 0, Demand: -610},
				{Account: "backoff: checkout->orders", Route: "POST /checkout", Time: 0, Retries: 4_020, FanOut: 0, Demand: 0},
			},
			Narrowed: []analysis.Narrowed{},
			Without: &analysis.Counterfact{
				Route: "POST /checkout", P95: 2.1, Mean: 0.92, Incident: 4.35, Failed: 0.09,
				Sentence: "With one attempt per call the mean of POST /checkout would have been 0.92 s instead of 4.35 s, and back at its baseline at 14:08:30.",
			},
			Path: []graph.NodeID{gateway, checkout, orders},
		},
		{
			Rank: 3, ID: stock.String() + "#instance=stock-6f9c-2", Kind: analysis.CauseInstance, Name: "stock-6f9c-2", Parent: stock.String(),
			Trigger: 0.05, Sustaining: 0.03, Confidence: 0.21, Onset: &third,
			Sentence: "One instance of stock took 1.4 times the time of its siblings; this may be chance.",
			Evidence: []analysis.Evidence{
				evidence("self_time", "stock-6f9c-2", "s", 0.004, 0.0057, "Its own time rose from 4.0 ms to 5.7 ms.", Onset.Add(50*time.Second), Now, 7),
			},
			Examples: []analysis.Example{}, Ledger: []analysis.Line{}, Narrowed: []analysis.Narrowed{},
			Path: []graph.NodeID{gateway, stock},
		},
	}
}

func evidence(metric, subject, unit string, before, after float64, sentence string, from, to time.Time, seed int) analysis.Evidence {
	e := analysis.Evidence{Metric: metric, Subject: subject, Unit: unit, Baseline: before, Incident: after, Sentence: sentence}
	for _, t := range times(Now) {
		v := (before + (after-before)*height(t, from, to)) * ripple(t, seed, 0.08)
		e.Series = append(e.Series, analysis.Point{Time: t, Value: v})
	}
	return e
}

func examples() []analysis.Example {
	return []analysis.Example{
		{TraceID: CalmTrace, Role: "baseline", Duration: 0.118, Start: Begin.Add(3 * time.Minute)},
		{TraceID: FailedTrace, Role: "failed", Duration: 6.42, Start: Onset.Add(4 * time.Minute)},
		{TraceID: LargeTrace, Role: "worst", Duration: 9.8, Start: Onset.Add(5 * time.Minute)},
	}
}

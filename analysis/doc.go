// Package analysis says where a cascade began. It is pure: windows in, a Report
// out. It asks no clock, touches no store, draws no random numbers and starts
// no goroutines, so live traffic and a dump give the same report for the same
// windows, byte for byte.
//
// It owns Baseline (what normal looks like), Incident (when users or nodes left
// it), Ledger (where the excess went), Cause and Evidence (the ranked answer)
// and Report (all of it, versioned, for text, page and API alike).
package analysis

// Package workflow tells which workflows an incident left half done, did twice,
// undid, or left waiting.
//
// A workflow is the trace of an entry, followed over span links and messages to
// whatever consumed what was sent in it. Its commit steps are the calls that
// change state: writes to databases, messages sent, requests that change what is
// behind them and of which nothing deeper is seen. Which steps belong together,
// in which order and how soon, is learned from the workflows that ended well.
//
// It owns Reader, which takes traces one at a time and keeps little of each, and
// WorkflowReport, what it makes of them. How a trace is read: read.go and write.go (what
// changes state), record.go (what is kept), keys.go (business keys). How the
// whole is read: join.go (traces to workflows), learn.go (what is usual),
// undo.go (what takes back), queue.go (what waits), lost.go (what may only have
// lost its spans), judge.go (the verdicts). csv.go and text.go write it. Around
// (around.go) asks a Store for what stands around one incident, and no more of it
// than fits.
//
// Guarantees:
//
//   - Pure: no clock, no store, no goroutines. The report is a function of the
//     set of traces and the Options; the order of traces changes nothing as long
//     as no bound is reached.
//   - Bounded: per trace at most 128 visits, 128 steps and 16 keys of at most 128
//     bytes are kept, about 1 KB for a common one; at most Options.MaxTraces
//     traces with changes of state (400,000 unless told otherwise), 4,096 kinds
//     of steps, 16,384 operations. What falls over a bound is counted in
//     WorkflowReport.LeftOut.
//   - A gap is listed only where lost spans are the less likely explanation; what
//     was held back is counted.
package workflow

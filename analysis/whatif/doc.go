// Package whatif plays an incident again with something changed: it fits the
// scenario engine to the windows before and in the incident, checks that the fit
// does what happened, and then runs it with another policy.
//
// It owns Fit (the measured system as a scenario), Setting (what an operator could
// have set otherwise), Outcome (what users saw in a run) and WhatIf (what a change
// would have changed, beside what happened). What is read from windows: steps.go
// (who calls whom, how often, in what order), policy.go (timeouts, retries), width.go
// (how much a service does at once), course.go (what changed by itself while the
// incident went on); build.go makes the scenario. healthy.go fits a system in which
// nothing is wrong, and slows its parts down.
//
// Guarantees:
//
//   - It sees windows and nothing else: what a user has.
//   - The same windows, changes and seeds give the same answer, byte for byte.
//   - A fit that does not do what happened is not used: the answer then says that
//     it is unknown, and where the fit is off.
//   - It is bounded by its context, and by the windows that it is given.
package whatif

// Package web serves the page and the API that the page uses: what the analysis
// found, the traces behind it and the live service graph.
//
// It owns the HTTP surface (routes under /api/v1, problem answers, the event
// stream, security headers), the JSON forms that exist for the page alone
// (IncidentList, TraceView, GraphView, Status) and the embedded page. It reads
// through the interfaces Incidents, Traces and Windows, which it declares and
// others implement; it writes nothing.
//
// Guarantees:
//
//   - Lists in JSON are never null, and the same report gives the same bytes.
//   - Every error is an application/problem+json answer.
//   - The page runs without inline script and asks no third party for anything.
//   - Bound to this machine alone, it answers only requests that name this
//     machine, so that a foreign site can't read it through a rebound name.
//
// The page's source is in ui; dist is its build, committed, so that Go alone
// builds Headwater. After a change to ui run "npm ci && npm run build" there.
// After a change to a JSON form run "go run ./web/gen". To work on the page
// without a store, run "go run ./web/preview".
package web

// Package web serves the page and the API that the page uses: what the analysis
// found, the traces behind it and the live service graph.
//
// It owns the HTTP surface (routes under /api/v1, problem answers, the event
// stream, security headers, the login), the JSON forms that exist for the page
// alone (IncidentList, FramesView, TraceView, TraceList, GraphView, NodeCourse,
// EdgeCourse, Status) and the embedded page. It reads through the interfaces
// Incidents, Traces, Windows and Spans, which it declares and others implement;
// it writes nothing.
//
// Guarantees:
//
//   - Lists in JSON are never null, and the same report gives the same bytes.
//   - Every error is an application/problem+json answer.
//   - What the API answers to stands in one table (Endpoints), from which its
//     routes and its description (openapi.json) are made; tests hold answers to it.
//   - A search answers in parts, each in bounded time, and says where the next begins;
//     nothing is left out.
//   - With Config.Authorized, nothing but the login and the page's program is
//     given without a token.
//   - The page runs without inline script and asks no third party for anything.
//   - Bound to this machine alone, it answers only requests that name this
//     machine, and none that another site's page makes.
//
// The page's source is in ui; dist is its build, committed, so that Go alone
// builds Headwater. After a change to ui run "npm ci && npm run build" there.
// After a change to a JSON form or an endpoint run "go run ./web/gen". To work on the page
// without a store, run "go run ./web/preview".
package web

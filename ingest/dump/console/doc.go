// Package console reads what the console exporters of OpenTelemetry's SDKs
// print: Go's stdouttrace, JavaScript's ConsoleSpanExporter and Python's. Each
// is a span an object, pretty-printed or on one line. JavaScript prints no JSON
// but what its console makes of an object: Literal turns it into JSON first.
//
// Guarantees:
//
//   - What a console abbreviated ([Object], ... 3 more items) is left out and
//     counted.
package console

// Command gen writes the page's TypeScript types from the Go structs that the
// API answers with. Run it from the module's root: go run ./web/gen
package main

// Command gen writes what is made from the Go structs that the API answers
// with: the page's TypeScript types, and the API's description in OpenAPI. Run it
// from the module's root: go run ./web/gen
package main

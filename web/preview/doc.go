// Command preview serves the page over made-up data, to work on it without a
// store: go run ./web/preview. The incident comes when a line is entered.
package main

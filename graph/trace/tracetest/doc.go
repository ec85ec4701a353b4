// Package tracetest writes traces by hand, for tests: one span a line.
//
//	id parent service[@host] kind start-end name [error] [key=value ...]
//
// Ids are single words, "-" is no parent, times are milliseconds after a fixed
// base, "" is an empty name. Of the keys, resource.* go to the resource,
// link=TRACE/SPAN adds a span link, tracestate and message are the span's; all
// others are attributes. A line "trace NAME" begins another trace. An empty line
// or one that begins with # says nothing.
package tracetest

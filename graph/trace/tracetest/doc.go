// Package tracetest writes traces by hand, for tests: one span a line.
//
//	id parent service kind start-end name [error] [key=value ...]
//
// Ids are single words, "-" is no parent, times are milliseconds after a fixed
// base. An empty line or one that begins with # says nothing.
package tracetest

// Package chrome writes traces as trace events, which Perfetto
// (ui.perfetto.dev) and chrome://tracing open: a trace is a process, each of its
// services a thread, or several where spans overlap without one standing in the
// other. Times are microseconds. There is no way back.
package chrome

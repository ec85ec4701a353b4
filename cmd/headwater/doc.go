// Command headwater tells where a cascade began, from OpenTelemetry spans alone.
//
// It wires the other packages together and holds no logic of its own: what
// spans mean is said in graph and analysis, how they come in and are kept in
// ingest, how answers are shown in web and analysis/render. One file a command.
// Below it, door is the lock on its ports and monitor what it says about itself.
package main

// Package accuracy measures the analysis against incidents whose cause is
// known. It owns Truth (what really happened, from the simulator's state or a
// labelled recording), the scoring of a Report against it, and the simple
// methods that stand beside ours in every table.
package accuracy

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// sources are the packages in which the structs stand, roots the answers of the
// API. All that a root reaches is written too.
var (
	sources = []string{"web", "analysis", "analysis/workflow", "analysis/risk", "analysis/whatif"}
	roots   = []string{
		"IncidentList", "IncidentView", "FramesView", "TraceList", "TraceView", "GraphView",
		"NodeCourse", "EdgeCourse", "WorkflowReport", "RiskReport", "RiskPlays", "WhatIf", "ReplayView", "Status", "Change", "Problem",
	}
	target      = filepath.Join("web", "ui", "src", "api", "types.ts")
	description = filepath.Join("web", "openapi.json")
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	text, err := generate(".")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(target, []byte(text), 0o644); err != nil {
		return err
	}
	doc, err := describe(".")
	if err != nil {
		return err
	}
	return os.WriteFile(description, doc, 0o644)
}

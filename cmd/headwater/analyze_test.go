package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
)

// TestAnInterruptedAnalysisLeavesNothing interrupts while standard input, which
// never ends, is being read.
func TestAnInterruptedAnalysisLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	stdin, silent := io.Pipe()
	defer silent.Close()
	ended := make(chan error)
	go func() { ended <- run(ctx, []string{"analyze", "-"}, stdin, io.Discard, io.Discard) }()
	// The write returns when it has been read: by then the folder is there.
	if _, err := io.WriteString(silent, strings.Repeat(" ", 1<<20)); err != nil {
		t.Fatal(err)
	}
	interrupt()
	if err := <-ended; err == nil || err.Error() != "interrupted" {
		t.Errorf("error %v", err)
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

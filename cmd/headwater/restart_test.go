package main

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"headwater/analysis"
	"headwater/analysis/simulate"
)

// TestIncidentsOutliveARestart tells an incident live, and what it left half done,
// ends Headwater, and starts it again on the same folder.
func TestIncidentsOutliveARestart(t *testing.T) {
	folder := t.TempDir()
	told := func() analysis.Incident {
		l, err := open(t.Context(), folder, anyPort, keeping{}, unlocked, quiet)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		changes := l.watcher.Subscribe(ctx)
		ended := make(chan error)
		go func() { ended <- l.serve(ctx) }()
		sendOutage(t, l.otlp.GRPCAddr())
		for len(l.watcher.Report().Incidents) == 0 || l.watcher.Report().Incidents[0].Left == nil {
			<-changes
		}
		first := l.watcher.Report().Incidents[0]
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		return first
	}()
	l, err := open(t.Context(), folder, anyPort, keeping{}, unlocked, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	again, ok := l.watcher.Incident(told.ID)
	if !ok || !again.Start.Equal(told.Start) {
		t.Errorf("incident %s of %v is now %+v", told.ID, told.Start, again)
	}
	if diff := cmp.Diff(told.Left, again.Left); diff != "" || !told.Left.Any() {
		t.Errorf("what it left half done (-before +after):\n%s", diff)
	}
}

// sendOutage sends a scenario with an outage that ends now, a second of it in a
// request: one of every batch would wait thousands of times for the disk.
func sendOutage(t *testing.T, address string) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	scenario, err := simulate.Load("slow-database")
	if err != nil {
		t.Fatal(err)
	}
	var sending errgroup.Group
	sending.SetLimit(sendersAtOnce)
	p := player{ctx: t.Context(), conn: conn, sending: &sending, historyEnd: math.MaxInt64}
	began := time.Now().Add(-time.Duration(scenario.Duration) - drained)
	_, err = simulate.Run(t.Context(), scenario, simulate.Options{Start: began}, p.take)
	if err := errors.Join(err, p.send(), sending.Wait()); err != nil {
		t.Fatal(err)
	}
}

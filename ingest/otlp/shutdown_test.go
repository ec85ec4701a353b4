package otlp

import (
	"context"
	"errors"
	"testing"
)

func TestShutdownFinishesWhatWasAccepted(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	sink := &collector{fail: func(context.Context, int) error {
		entered <- struct{}{}
		<-release
		return nil
	}}
	s := start(t, sink, Config{})
	answers := make(chan error, 2)
	conn := dial(t, s)
	go func() {
		_, st := invoke(t.Context(), conn, exportMethod, protobuf(t, span("by gRPC", 1, 1)))
		answers <- st.Err()
	}()
	go func() {
		_, err := post(s, "application/x-protobuf", "", protobuf(t, span("by HTTP", 1, 2)))
		answers <- err
	}()
	<-entered
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(context.Background()) }()
	close(release)
	for range 2 {
		if err := <-answers; err != nil {
			t.Errorf("accepted request: %v", err)
		}
	}
	if err := <-stopped; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if got := sink.names(); len(got) != 2 {
		t.Errorf("stored %q, want both", got)
	}
}

func TestShutdownCutsOffWhenItsTimeIsUp(t *testing.T) {
	entered := make(chan struct{})
	sink := &collector{fail: func(ctx context.Context, _ int) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	}}
	s := start(t, sink, Config{})
	answer := make(chan error, 1)
	conn := dial(t, s)
	go func() {
		_, st := invoke(t.Context(), conn, exportMethod, protobuf(t, span("never written", 1, 1)))
		answer <- st.Err()
	}()
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown: %v, want its context's error", err)
	}
	if err := <-answer; err == nil {
		t.Error("the sender was told that its span was taken")
	}
}

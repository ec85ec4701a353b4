package main

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"headwater/analysis/simulate"
	"headwater/graph/trace"
	"headwater/ingest/wire"
)

// The demo's timing. What comes before the first fault is history and is sent
// at once; the rest follows in playTime, however long it is in virtual time.
const (
	historyTime = 4 * time.Second
	playTime    = 16 * time.Second
	// before is how much of the ordinary traffic right before the fault is
	// played and not sent at once.
	before = 30 * time.Second
	// drained is how long requests may go on after the scenario's end.
	drained = time.Minute
)

// Requests to the receiver gather the spans of this stretch of virtual time, up
// to so many, as a collector would.
const (
	gatherTime  = time.Second
	gatherSpans = 4000
)

// sendersAtOnce is how many requests are on their way at one time.
const sendersAtOnce = 8

// play sends a scenario's spans over OTLP, in virtual times that end now.
func play(ctx context.Context, t *terminal, scenario *simulate.Scenario, opt simulate.Options, address string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	length := time.Duration(scenario.Duration) + drained
	finish := time.Now().Add(historyTime + playTime)
	opt.Start = finish.Add(-length)
	history := historyOf(scenario)
	sending, ctx := errgroup.WithContext(ctx)
	sending.SetLimit(sendersAtOnce)
	p := player{
		ctx: ctx, conn: conn, sending: sending,
		historyEnd: opt.Start.Add(history).UnixNano(),
		end:        finish,
		speed:      float64(length-history) / float64(playTime),
	}
	p.onHistory = func(spans int) {
		t.say("%s of ordinary traffic sent (%d spans); what follows runs %.0f times faster than the clock", history, spans, p.speed)
	}
	_, err = simulate.Run(ctx, scenario, opt, p.take)
	err = errors.Join(err, p.send())
	if waited := sending.Wait(); waited != nil {
		return waited
	}
	if err == nil {
		t.say("the scenario is over (%d spans); the page stays until Ctrl-C", p.sent)
	}
	return err
}

// historyOf is how long traffic is ordinary in a scenario.
func historyOf(scenario *simulate.Scenario) time.Duration {
	first := time.Duration(scenario.Duration) * 6 / 10 // a healthy one
	for _, f := range scenario.Faults {
		first = min(first, time.Duration(f.At)-before)
	}
	return max(0, first)
}

// player sends batches when their time has come.
type player struct {
	ctx     context.Context
	conn    *grpc.ClientConn
	sending *errgroup.Group

	historyEnd int64     // virtual time, Unix nanoseconds
	end        time.Time // of virtual and wall time
	speed      float64   // virtual time for wall time
	onHistory  func(spans int)

	gathered []trace.Span
	since    int64 // virtual time of the first gathered batch
	sent     int
}

// take gathers a batch, and sends what was gathered when it is enough.
func (p *player) take(b simulate.Batch) error {
	if p.onHistory != nil && b.At >= p.historyEnd {
		if err := p.send(); err != nil {
			return err
		}
		p.onHistory(p.sent)
		p.onHistory = nil
	}
	if len(p.gathered) == 0 {
		p.since = b.At
	}
	p.gathered = append(p.gathered, b.Spans...)
	if len(p.gathered) < gatherSpans && b.At-p.since < int64(gatherTime) {
		return nil
	}
	if b.At >= p.historyEnd {
		left := time.Duration(float64(p.end.UnixNano()-b.At) / p.speed)
		if err := pause(p.ctx, time.Until(p.end.Add(-left))); err != nil {
			return err
		}
	}
	return p.send()
}

// send hands the gathered spans to a sender; it waits while all are busy.
func (p *player) send() error {
	if len(p.gathered) == 0 {
		return nil
	}
	request, err := wire.Encode(p.gathered)
	if err != nil {
		return err
	}
	p.sent += len(p.gathered)
	p.gathered = p.gathered[:0]
	p.sending.Go(func() error { return export(p.ctx, p.conn, request) })
	return p.ctx.Err()
}

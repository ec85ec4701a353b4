package main

import (
	"context"
	"os"

	"headwater/analysis/risk"
	"headwater/analysis/whatif"
)

// playRisks finds by replay how much the dependencies most used may slow, at most
// so many. Where nothing can be fitted, a note says why.
func playRisks(ctx context.Context, reader *risk.Reader, r *risk.RiskReport, most int, tell func(done, all int)) error {
	if most == 0 || len(r.Room) == 0 {
		return nil
	}
	fit, err := whatif.NewHealthy(ctx, whatif.Well(reader.Seen()))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		r.NotPlayed(err.Error())
		return nil
	}
	return r.Play(ctx, fit, nil, most, tell)
}

// playBar draws a bar while dependencies are played.
func playBar(t *terminal) (tell func(done, all int), end func()) {
	bar := newProgress(os.Stderr, 1)
	if t.quiet {
		bar.out = nil
	}
	return func(done, all int) {
		bar.all = all
		for bar.done < done {
			bar.step()
		}
	}, bar.end
}

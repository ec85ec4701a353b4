package simulate

import (
	"context"
	"testing"
)

func BenchmarkRun(b *testing.B) {
	sc := load(b, "slow-database")
	spans := 0
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Run(context.Background(), sc, Options{Seed: 1}, func(batch Batch) error {
			spans += len(batch.Spans)
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(spans)/b.Elapsed().Seconds(), "spans/s")
}

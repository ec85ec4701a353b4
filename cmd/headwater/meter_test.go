package main

import (
	"testing"
	"time"

	"headwater/ingest/dump"
)

func TestTheMeterSaysHowFarReadingIs(t *testing.T) {
	for _, c := range []struct {
		all  int64
		p    dump.Progress
		want string
	}{
		{10_000_000, dump.Progress{Input: "a.json", Bytes: 2_500_000, Spans: 1234}, "reading a.json: 2.5 MB of 10 MB, 1234 spans, 1.25 MB/s, 6s left"},
		{0, dump.Progress{Input: "standard input", Bytes: 999, Spans: 1}, "reading standard input: 999 B, 1 span, 499 B/s"},
		{100, dump.Progress{Input: "a/very/long/path/that/leaves/no/room/for/the/figures.json", Bytes: 100}, "reading ...t/leaves/no/room/for/the/figures.json: 100 B of 100 B, 0 spans, 50 B/s"},
	} {
		m := meter{all: c.all}
		if got := m.line(c.p, 2*time.Second); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

package store

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/google/go-cmp/cmp"

	"headwater/graph"
	"headwater/graph/trace"
	"headwater/ingest"
)

func TestOldWindowsAreKeptByTheMinute(t *testing.T) {
	opt, _, _ := testOptions(t)
	opt.Keep, opt.KeepMinutes = 2*time.Minute, 6*time.Minute
	dir := t.TempDir()
	s := open(t, dir, opt)
	var all []trace.Span
	for i := range 60 {
		more := request(byte(i+1), float64(10*i)+1)
		write(t, s, more...)
		all = append(all, more...)
		if _, err := s.Settle(t.Context(), opt.now()); err != nil {
			t.Fatal(err)
		}
	}
	check := func(s *Store) {
		t.Helper()
		got, err := s.Windows(t.Context(), 0, math.MaxInt64)
		if err != nil {
			t.Fatal(err)
		}
		want := map[int64]*graph.Window{}
		short := direct(all)
		next := got[0].Start
		for _, w := range got {
			if w.Start != next {
				t.Errorf("window at %v s, want it at %v s", float64(w.Start-at(0))/1e9, float64(next-at(0))/1e9)
			}
			next = w.Start + w.Length
			want[w.Start] = graph.NewWindow(w.Start, w.Length)
			for _, part := range short {
				if part.Start >= w.Start && part.Start < next {
					want[w.Start].Merge(part)
				}
			}
			if diff := cmp.Diff(want[w.Start], w, sameWindows); diff != "" {
				t.Errorf("window (-want +got):\n%s", diff)
			}
		}
		// Event time is near 590 s: windows from about 470 s on, minutes from 230 s.
		if first := got[0]; first.Length != minute || first.Start < at(180) || first.Start > at(300) {
			t.Errorf("the first window is at %v s with %v s", float64(first.Start-at(0))/1e9, first.Length/1e9)
		}
		if last := got[len(got)-1]; last.Length != 10e9 {
			t.Errorf("the last window has %v s", last.Length/1e9)
		}
	}
	check(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(open(t, dir, opt))
}

func TestWindowThatCantBeReadIsMadeAgain(t *testing.T) {
	opt, _, log := testOptions(t)
	dir := t.TempDir()
	s := open(t, dir, opt)
	all := append(request(1, 1), request(2, 11)...)
	write(t, s, all...)
	if _, err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := s.meta.Update(func(txn *badger.Txn) error {
		return txn.Set(timeKey(windowPrefix, at(0)), []byte("no window"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, opt)
	got, err := s.Windows(t.Context(), 0, math.MaxInt64)
	requireStarts(t, got, err, 10)
	got, err = s.Finish(t.Context())
	requireStarts(t, got, err, 0)
	requireWindows(t, s, direct(all))
	if !strings.Contains(log.String(), "window is made again") {
		t.Errorf("log:\n%s", log)
	}
}

func TestTooMuchAtOnceIsBusy(t *testing.T) {
	opt, _, _ := testOptions(t)
	opt.MaxPending = 1000
	s := open(t, t.TempDir(), opt)
	large := span(1, 1, 0, "shop", trace.KindServer, 0, 1)
	large.Name = strings.Repeat("x", 2000)
	write(t, s, large) // alone it may be larger than the limit
	leave, err := s.pending.enter(900)
	if err != nil {
		t.Fatal(err)
	}
	small := batch(t, span(1, 2, 0, "shop", trace.KindServer, 0, 1))
	small.Size += 200
	if err := s.Write(t.Context(), small); !errors.Is(err, ingest.ErrBusy) {
		t.Errorf("error %v", err)
	}
	if st := s.Stats(); st.Busy[noMemory] != 1 || st.Pending != 900 || st.Accepted != 1 {
		t.Errorf("stats %+v", st)
	}
	leave()
	if err := s.Write(t.Context(), small); err != nil {
		t.Error(err)
	}
	if st := s.Stats(); st.Pending != 0 || st.Accepted != 2 {
		t.Errorf("stats %+v", st)
	}
}

func TestWhatCameIsCounted(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	once := span(1, 1, 0, "shop", trace.KindServer, 0, 1)
	write(t, s, once)
	write(t, s, once, span(1, 2, 0, "shop", trace.KindServer, 0, 1))
	for range 2 {
		err := s.Write(t.Context(), &ingest.Batch{Refused: map[ingest.Reason]int{ingest.NoSpanID: 3}})
		if err != nil {
			t.Fatal(err)
		}
	}
	st := s.Stats()
	if st.Accepted != 3 || st.Batches != 2 || st.Duplicates != 1 || st.Refused[ingest.NoSpanID] != 6 || st.BytesIn == 0 {
		t.Errorf("stats %+v", st)
	}
	requireTrace(t, s, once.TraceID, once, span(1, 2, 0, "shop", trace.KindServer, 0, 1))
}

func TestSpansAreFoundByServiceAndTime(t *testing.T) {
	opt, _, _ := testOptions(t)
	s := open(t, t.TempDir(), opt)
	for i := range 10 {
		write(t, s, request(byte(i+1), float64(i)*60)...)
	}
	for _, c := range []struct {
		q    Query
		want int
	}{
		{Query{From: 0, To: math.MaxInt64}, 40},
		{Query{From: 0, To: math.MaxInt64, Service: "cart"}, 20},
		{Query{From: at(60), To: at(120), Service: "cart"}, 2},
		{Query{From: at(60), To: at(60.15)}, 2},
		{Query{From: 0, To: math.MaxInt64, Service: "nobody"}, 0},
	} {
		n := 0
		if err := s.Spans(t.Context(), c.q, func(*trace.Span) bool { n++; return true }); err != nil || n != c.want {
			t.Errorf("%+v: %d spans, %v; want %d", c.q, n, err, c.want)
		}
	}
	n := 0
	if err := s.Spans(t.Context(), Query{To: math.MaxInt64}, func(*trace.Span) bool { n++; return n < 3 }); err != nil || n != 3 {
		t.Errorf("stopped after %d spans, %v", n, err)
	}
}

func TestWriteEndsWithItsContext(t *testing.T) {
	opt, _, _ := testOptions(t)
	opt.pause = time.Hour // until the gathering ends by itself
	s := open(t, t.TempDir(), opt)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Write(ctx, batch(t, span(1, 1, 0, "shop", trace.KindServer, 0, 1))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func FuzzDecodeIndex(f *testing.F) {
	h := summarize([]trace.Span{span(1, 1, 0, "shop", trace.KindServer, 0, 1)})
	f.Add(appendHeader(nil, &h))
	f.Add([]byte(indexMagic + "\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, n, err := decodeHeader(b); err == nil && !bytes.Equal(appendHeader(nil, &h), b[:n]) {
			t.Error("a header was read as another")
		}
		_, _ = decodeIndex(b)
	})
}

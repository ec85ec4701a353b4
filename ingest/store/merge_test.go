package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"headwater/graph"
	"headwater/graph/trace"
	"headwater/ingest/store/column"
)

// answers is what a store says about all of its spans and windows.
type answers struct {
	Spans   [][]trace.Span // of queries, in their order
	Traces  [][]trace.Span
	Windows []*graph.Window
	Stats   Stats
}

func ask(t rapid.TB, s *Store, all []trace.Span) answers {
	t.Helper()
	ctx := context.Background()
	var a answers
	lo, hi := int64(math.MaxInt64), int64(0)
	ids := map[trace.TraceID]bool{}
	for i := range all {
		lo, hi = min(lo, all[i].Start), max(hi, all[i].Start)
		ids[all[i].TraceID] = true
	}
	middle := lo + (hi-lo)/2
	for _, q := range []Query{
		{From: math.MinInt64, To: math.MaxInt64}, {From: lo, To: middle}, {From: middle, To: hi + 1},
		{From: lo, To: hi, Service: "shop"}, {From: middle, To: math.MaxInt64, Service: "cart"}, {Service: "nobody", To: math.MaxInt64},
	} {
		var got []trace.Span
		if err := s.Spans(ctx, q, func(sp *trace.Span) bool { got = append(got, *sp); return true }); err != nil {
			t.Fatal(err)
		}
		a.Spans = append(a.Spans, got)
	}
	for _, id := range sortedIDs(ids) {
		got, err := s.Trace(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		a.Traces = append(a.Traces, got)
	}
	var err error
	if a.Windows, err = s.Windows(ctx, 0, math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	st := s.Stats()
	a.Stats = Stats{Spans: st.Spans, Buckets: st.Buckets, Windows: st.Windows, Oldest: st.Oldest, Newest: st.Newest, Event: st.Event, Settled: st.Settled}
	return a
}

func sortedIDs(ids map[trace.TraceID]bool) []trace.TraceID {
	var out []trace.TraceID
	for id := range ids {
		out = append(out, id)
	}
	slices.SortFunc(out, func(a, b trace.TraceID) int { return slices.Compare(a[:], b[:]) })
	return out
}

// closeBucket has the next batch begin a new bucket.
func closeBucket(s *Store) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		s.current.bytes = bucketBytes
	}
}

// TestMergedBucketAnswersAsBefore holds that nothing but the number of blocks
// changes when buckets are merged: not at once, not after a restart, not after
// more spans of the same traces and times.
func TestMergedBucketAnswersAsBefore(t *testing.T) {
	fewer(t, "15") // each opens databases
	defer func(n int) { mergedSpans = n }(mergedSpans)
	merged := false
	holds := func(rt *rapid.T) {
		all := drawTraces(rt)
		all = append(all, all[:rapid.IntRange(0, len(all)).Draw(rt, "twice")]...)
		if rapid.Bool().Draw(rt, "in any order") {
			all = rapid.Permutation(all).Draw(rt, "order")
		}
		opt, _, _ := testOptions(t)
		opt.still = true // but for what the test does
		mergedSpans = rapid.SampledFrom([]int{6, 20, column.MaxSpans}).Draw(rt, "merged spans")
		opt.CacheSpans = rapid.SampledFrom([]int{1, 100_000}).Draw(rt, "cache")
		dir := t.TempDir()
		s, err := Open(dir, opt)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		kept := 0
		send := func(spans []trace.Span) {
			for len(spans) > 0 {
				n := rapid.IntRange(1, min(len(spans), 25)).Draw(rt, "batch")
				write(rt, s, spans[:n]...)
				kept, spans = kept+n, spans[n:]
				switch rapid.IntRange(0, 9).Draw(rt, "then") {
				case 0:
					closeBucket(s)
				case 1:
					if _, err := s.Settle(context.Background(), opt.now()); err != nil {
						rt.Fatal(err)
					}
				case 2:
					if err := s.merge(context.Background()); err != nil {
						rt.Fatal(err)
					}
				}
			}
		}
		later := rapid.IntRange(0, len(all)/2).Draw(rt, "later")
		send(all[later:])
		closeBucket(s)
		if _, err := s.Finish(context.Background()); err != nil {
			rt.Fatal(err)
		}
		write(rt, s, all[0]) // begins another bucket
		kept++
		if _, err := s.Finish(context.Background()); err != nil {
			rt.Fatal(err)
		}
		s.work.Wait() // until all are sealed
		want, blocks := ask(rt, s, all), s.Stats().Blocks
		if err := s.merge(context.Background()); err != nil {
			rt.Fatal(err)
		}
		merged = merged || s.Stats().Blocks < blocks
		same := func(when string) {
			rt.Helper()
			if diff := cmp.Diff(want, ask(rt, s, all), exact, sameWindows); diff != "" {
				rt.Fatalf("%s (-want +got):\n%s", when, diff)
			}
		}
		same("after merging")
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
		if s, err = Open(dir, opt); err != nil {
			rt.Fatal(err)
		}
		same("after a restart")
		if again, err := s.Finish(context.Background()); err != nil || len(again) != 0 || s.Stats().Derived != 0 {
			rt.Fatalf("after a restart %d windows are made again, %v", len(again), err)
		}
		send(all[:later])
		if _, err := s.Finish(context.Background()); err != nil {
			rt.Fatal(err)
		}
		requireWindows(rt, s, direct(all))
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
		c, err := Check(context.Background(), dir, opt)
		if err != nil || len(c.Damage) != 0 || c.Spans != int64(kept) {
			rt.Fatalf("%+v, %v; want %d spans", c, err, kept)
		}
	}
	for range 6 { // now and then no draw has a bucket that is worth merging
		if rapid.Check(t, holds); merged || t.Failed() {
			return
		}
	}
	t.Error("nothing was ever merged")
}

// mergeDir and mergeStep tell the test binary to merge a folder and to kill
// itself at a step.
const (
	mergeDir  = "HEADWATER_STORE_MERGE"
	mergeStep = "HEADWATER_STORE_STEP"
)

// beMerger merges until it is killed, and says which steps it took.
func beMerger(dir string) {
	opt := Options{still: true, reach: func(step string) error {
		if fmt.Println(step); step == os.Getenv(mergeStep) {
			p, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = p.Kill()
			}
			fmt.Println(err)
			select {} // until it has happened
		}
		return nil
	}}
	s, err := Open(dir, opt)
	if err == nil {
		err = s.merge(context.Background())
	}
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// closedBucket makes a folder with a bucket of small blocks that nothing is
// written to any more, and gives what it answers.
func closedBucket(t *testing.T, dir string, opt Options) (all []trace.Span, want answers) {
	t.Helper()
	s := open(t, dir, opt)
	for i := range 40 {
		more := request(byte(i+1), float64(i)*3)
		more[1].Attrs = []trace.Attr{{Key: "noise", Value: trace.Bytes(noise(i))}} // lies in the value log
		all = append(all, more...)
		write(t, s, more...)
	}
	closeBucket(s)
	late := span(3, 9, 2, "cart", trace.KindServer, 9.3, 9.6)
	all = append(all, late)
	write(t, s, late)
	if _, err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.work.Wait()
	want = ask(t, s, all)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return all, want
}

// mergeSteps are what merging goes through.
func mergeSteps(t *testing.T) []string {
	t.Helper()
	opt, _, _ := testOptions(t)
	opt.still = true
	dir := t.TempDir()
	closedBucket(t, dir, opt)
	var steps []string
	opt.reach = func(step string) error {
		if !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
		return nil
	}
	s := open(t, dir, opt)
	if err := s.merge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(steps) < 7 {
		t.Fatalf("merging went through %q", steps)
	}
	return steps
}

func copied(t *testing.T, made string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// requireAnswers checks that a folder answers as before, and that nothing is
// left over of a merge that was broken off.
func requireAnswers(t *testing.T, dir string, opt Options, all []trace.Span, want answers) {
	t.Helper()
	opt.reach = nil
	for range 2 { // also after it has gone through
		s := open(t, dir, opt)
		if diff := cmp.Diff(want, ask(t, s, all), exact, sameWindows); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if again, err := s.Finish(t.Context()); err != nil || len(again) != 0 {
			t.Errorf("%d windows are made again, %v", len(again), err)
		}
		for _, name := range bucketNames(t, dir) {
			if strings.Contains(name, ".") {
				t.Errorf("%s is left over", name)
			}
		}
		if err := s.merge(t.Context()); err != nil { // goes through this time
			t.Fatal(err)
		}
		if st := s.Stats(); st.Blocks != 2 {
			t.Errorf("%d blocks, want 2", st.Blocks)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := Check(t.Context(), dir, opt); err != nil || len(c.Damage) != 0 || c.Spans != int64(len(all)) {
		t.Errorf("%+v, %v; want %d spans", c, err, len(all))
	}
}

// TestKilledWhileMerging kills a process at each step of merging.
func TestKilledWhileMerging(t *testing.T) {
	opt, _, _ := testOptions(t)
	opt.still = true
	made := t.TempDir()
	all, want := closedBucket(t, made, opt)
	for _, step := range mergeSteps(t) {
		t.Run(step, func(t *testing.T) {
			opt, dir := opt, copied(t, made)
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), mergeDir+"="+dir, mergeStep+"="+step)
			out, err := child.StdoutPipe()
			if err == nil {
				err = child.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			last := ""
			for lines := bufio.NewScanner(out); lines.Scan(); {
				last = lines.Text()
			}
			_ = child.Wait() // it was killed
			if last != step && last != "<nil>" {
				t.Fatalf("the child said %q", last)
			}
			requireAnswers(t, dir, opt, all, want)
		})
	}
}

// TestFailedWhileMerging has each step of merging fail: the store goes on, and
// so does the next one on the folder.
func TestFailedWhileMerging(t *testing.T) {
	opt, _, _ := testOptions(t)
	opt.still = true
	made := t.TempDir()
	all, want := closedBucket(t, made, opt)
	for _, step := range mergeSteps(t) {
		t.Run(step, func(t *testing.T) {
			opt, dir := opt, copied(t, made)
			broken := errors.New("broken")
			opt.reach = func(s string) error {
				if s == step {
					return broken
				}
				return nil
			}
			s := open(t, dir, opt)
			if err := s.merge(t.Context()); !errors.Is(err, broken) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(want, ask(t, s, all), exact, sameWindows); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			requireAnswers(t, dir, opt, all, want)
		})
	}
}

// TestReaderOfMergedBucket reads while the bucket that it reads is merged: it
// sees each span once, and the old bucket goes when it is done.
func TestReaderOfMergedBucket(t *testing.T) {
	opt, _, _ := testOptions(t)
	opt.still, opt.CacheSpans = true, 1
	dir := t.TempDir()
	all, _ := closedBucket(t, dir, opt)
	published := make(chan struct{})
	opt.reach = func(step string) error {
		if step == "published" {
			close(published)
		}
		return nil
	}
	s := open(t, dir, opt)
	done := make(chan error)
	n := 0
	err := s.Spans(t.Context(), Query{To: math.MaxInt64}, func(*trace.Span) bool {
		if n++; n == 7 {
			go func() { done <- s.merge(context.Background()) }()
			<-published
		}
		return true
	})
	if err != nil || n != len(all) {
		t.Errorf("%d spans, %v; want %d", n, err, len(all))
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Damaged != 0 || st.Blocks != 2 {
		t.Errorf("stats %+v", st)
	}
	if names := bucketNames(t, dir); len(names) != 2 {
		t.Errorf("buckets on disk: %v", names)
	}
}

func TestWhatIsNotMerged(t *testing.T) {
	opt, _, log := testOptions(t)
	opt.still = true
	dir := t.TempDir()
	s := open(t, dir, opt)
	for i := range 10 {
		write(t, s, request(byte(i+1), float64(i))...)
	}
	merge := func(want int) {
		t.Helper()
		if err := s.merge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if st := s.Stats(); st.Blocks != want {
			t.Errorf("%d blocks, want %d", st.Blocks, want)
		}
	}
	settle := func() {
		t.Helper()
		if _, err := s.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	settle()
	merge(10) // it is written to
	closeBucket(s)
	write(t, s, request(11, 5)...)
	s.work.Wait()
	settle()
	room := opt.free
	s.opt.free = func(string) (uint64, error) { return uint64(s.opt.Reserve) + 1, nil }
	merge(11) // no room for two of it
	s.opt.free = room
	s.mu.Lock()
	s.windows.settled[at(0)] = 5 // as if the later blocks were news to it
	s.mu.Unlock()
	merge(11)
	s.mu.Lock()
	s.windows.settled[at(0)] = 11
	s.mu.Unlock()
	s.index.blocks[3].damaged.Store(true)
	merge(11) // of a damaged block nobody knows what it holds
	if !strings.Contains(log.String(), "bucket is not merged") {
		t.Errorf("log:\n%s", log)
	}
	s.index.blocks[3].damaged.Store(false)
}

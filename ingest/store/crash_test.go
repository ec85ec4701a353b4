package store

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"headwater/graph/trace"
	"headwater/ingest"
	"headwater/ingest/wire"
)

// The environment of a child process that writes until it is killed.
const (
	loadDir   = "HEADWATER_STORE_LOAD"
	loadRound = "HEADWATER_STORE_ROUND"
	// loadReserve is the reserve of disk space in bytes; with it the child says
	// when it is told to wait, and goes on when windows can't be written.
	loadReserve = "HEADWATER_STORE_RESERVE"
	// killsEnv is how often TestKilledUnderLoad kills; 3 times without it.
	killsEnv = "HEADWATER_KILLS"
)

// toldToWait is what the child says when a batch was refused.
const toldToWait = "told to wait"

const (
	loadWriters = 6
	loadSpans   = 40 // a batch
	// loadBucket makes buckets so small that some are sealed while the load runs.
	loadBucket = 64 << 10
)

// loadBatch makes the spans of a batch. Their ids say which it is.
func loadBatch(round, writer, n int) []trace.Span {
	spans := make([]trace.Span, loadSpans)
	for i := range spans {
		s := &spans[i]
		binary.BigEndian.PutUint32(s.TraceID[0:], uint32(round))
		binary.BigEndian.PutUint32(s.TraceID[4:], uint32(writer))
		binary.BigEndian.PutUint32(s.TraceID[8:], uint32(n))
		s.TraceID[15] = byte(i/8) + 1
		binary.BigEndian.PutUint32(s.SpanID[:], uint32(i+1))
		s.Name, s.Kind, s.Resource = "work "+strconv.Itoa(i), trace.KindServer, resource("shop")
		s.Start = at(float64(round*1000 + n))
		s.End = s.Start + int64(i)*1e6
		s.Attrs = []trace.Attr{{Key: "noise", Value: trace.String(strconv.Itoa(n * i * 7919))}}
	}
	return spans
}

// beLoad writes and says what was acknowledged until it is killed.
func beLoad(dir string) {
	bucketBytes = loadBucket
	round, err := strconv.Atoi(os.Getenv(loadRound))
	fail := func(err error) {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	if err != nil {
		fail(err)
	}
	reserve, _ := strconv.ParseInt(os.Getenv(loadReserve), 10, 64)
	s, err := Open(dir, Options{Reserve: reserve})
	if err != nil {
		fail(err)
	}
	resource("shop") // is made once, before it is shared
	var out sync.Mutex
	for writer := range loadWriters {
		go func() {
			for n := 0; ; n++ {
				request, err := wire.Encode(loadBatch(round, writer, n))
				var b *ingest.Batch
				if err == nil {
					b, err = wire.NewBatch(request)
				}
				if err == nil {
					err = s.Write(context.Background(), b)
				}
				if reserve > 0 && errors.Is(err, ingest.ErrBusy) {
					fmt.Println(toldToWait)
					select {}
				}
				if err != nil {
					fail(err)
				}
				out.Lock()
				fmt.Println(writer, n)
				out.Unlock()
			}
		}()
	}
	for {
		_, err := s.Settle(context.Background(), time.Now())
		if err == nil {
			err = s.merge(context.Background())
		}
		if err != nil && reserve == 0 {
			fail(err)
		}
		time.Sleep(20 * time.Millisecond) // nothing waits for it: windows settle, and blocks are merged, beside the writers
	}
}

// TestKilledUnderLoad kills a process that writes, at random times, and looks
// whether all that it acknowledged is there once.
func TestKilledUnderLoad(t *testing.T) {
	kills := 3
	if text := os.Getenv(killsEnv); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	acknowledged := map[trace.TraceID]int{} // spans of the trace
	for round := range kills {
		addAcknowledged(acknowledged, round, killLoad(t, dir, round))
		opt, _, log := testOptions(t)
		s, err := Open(dir, opt)
		if err != nil {
			t.Fatal(err)
		}
		requireOnce(t, s, acknowledged)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			t.Log(log) // says why
			return
		}
	}
}

// TestEmptyLogs opens a folder in which a process was killed between making a log of
// a database, or having emptied one, and its next step.
func TestEmptyLogs(t *testing.T) {
	size := bucketBytes
	bucketBytes = loadBucket
	t.Cleanup(func() { bucketBytes = size })
	opt, _, _ := testOptions(t)
	dir := t.TempDir()
	written := map[trace.TraceID]int{}
	s, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 200 {
		spans := loadBatch(0, 0, n)
		write(t, s, spans...)
		for i := range spans {
			written[spans[i].TraceID]++
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	buckets, err := listBuckets(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(buckets) < 3 {
		t.Fatalf("%d buckets: they are too large for the test", len(buckets))
	}
	for _, name := range []string{"09999.mem", "009999.vlog"} {
		for _, k := range buckets {
			if err := os.WriteFile(filepath.Join(k.dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, metaDir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if name == "09999.mem" { // one was not sealed
			if err := os.Remove(filepath.Join(buckets[1].dir, indexFile)); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(dir, opt)
		if err != nil {
			t.Fatalf("with an empty %s: %v", name, err)
		}
		requireOnce(t, s, written)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// fillFile tells the test binary to write a file until the disk is full.
const fillFile = "HEADWATER_STORE_FILL"

func fillDisk(name string) {
	f, err := os.Create(name)
	for err == nil {
		_, err = f.Write(make([]byte, 64<<10))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// addAcknowledged adds the spans of the batches up to the last of each writer.
func addAcknowledged(acknowledged map[trace.TraceID]int, round int, last map[int]int) {
	for writer, last := range last {
		for n := range last + 1 {
			for _, sp := range loadBatch(round, writer, n) {
				acknowledged[sp.TraceID]++
			}
		}
	}
}

// requireOnce checks that what was acknowledged is there, that nothing is there
// twice, and that nothing is damaged.
func requireOnce(t *testing.T, s *Store, acknowledged map[trace.TraceID]int) {
	t.Helper()
	type copyOf struct {
		trace trace.TraceID
		span  trace.SpanID
	}
	copies, found := map[copyOf]int{}, map[trace.TraceID]int{}
	err := s.Spans(t.Context(), Query{From: math.MinInt64, To: math.MaxInt64}, func(sp *trace.Span) bool {
		copies[copyOf{sp.TraceID, sp.SpanID}]++
		found[sp.TraceID]++
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, n := range acknowledged {
		if found[id] != n {
			t.Errorf("%d spans of trace %s, %d were acknowledged", found[id], id, n)
		}
	}
	for c, n := range copies {
		if n != 1 {
			t.Errorf("span %s of trace %s is there %d times", c.span, c.trace, n)
		}
	}
	if st := s.Stats(); st.Damaged+st.DamagedBuckets != 0 {
		t.Errorf("damaged: %+v", st)
	}
}

// killLoad runs the load on the folder for a while, kills it, and gives the
// last batch that was acknowledged to each writer.
func killLoad(t *testing.T, dir string, round int) map[int]int {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), loadDir+"="+dir, loadRound+"="+strconv.Itoa(round))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	after := 1 + rand.IntN(400) // acknowledgements, and then some microseconds
	last := map[int]int{}
	lines := bufio.NewScanner(out)
	for seen := 0; lines.Scan(); seen++ {
		var writer, n int
		if _, err := fmt.Sscan(lines.Text(), &writer, &n); err != nil {
			t.Fatalf("the child said %q", lines.Text())
		}
		last[writer] = n
		if seen == after {
			time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, func() { _ = child.Process.Kill() })
		}
	}
	_ = child.Wait() // it was killed
	if len(last) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	return last
}

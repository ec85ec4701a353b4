package store

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"headwater/graph/trace"
	"headwater/ingest"
)

// smallDisk gives a folder on a file system of its own of a few megabytes, and
// functions that take room on it away and give it back. Who may not mount gets
// an ordinary folder and a disk that is told to be small.
func smallDisk(t *testing.T, opt *Options) (dir string, fill, free func()) {
	t.Helper()
	const size, filler = 96 << 20, 40 << 20
	opt.Reserve = 32 << 20
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=96m"); err != nil {
		var taken atomic.Int64
		opt.free = func(dir string) (uint64, error) {
			used := int64(0)
			err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				var s unix.Stat_t
				if err == nil && !d.IsDir() && unix.Stat(path, &s) == nil {
					used += s.Blocks * 512
				}
				return nil // it was removed meanwhile
			})
			return uint64(max(0, size-used-taken.Load())), err
		}
		return dir, func() { taken.Store(filler) }, func() { taken.Store(0) }
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	opt.free = freeBytes
	other := filepath.Join(dir, "lost+found")
	fill = func() {
		if err := os.WriteFile(other, make([]byte, filler), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, fill, func() {
		if err := os.Remove(other); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFullDiskMakesSendersWait(t *testing.T) {
	opt, _, _ := testOptions(t)
	dir, fill, free := smallDisk(t, &opt)
	s := open(t, dir, opt)
	var kept []trace.SpanID
	next := func() error {
		sp := span(1, 1, 0, "shop", trace.KindServer, 0, 1)
		n := len(kept)
		sp.SpanID = trace.SpanID{1, 6: byte(n >> 8), 7: byte(n)}
		for i := range 250 {
			sp.Attrs = append(sp.Attrs, trace.Attr{Key: "noise", Value: trace.Bytes(noise(n*250 + i))})
		}
		err := s.Write(t.Context(), batch(t, sp))
		if err == nil {
			kept = append(kept, sp.SpanID)
		}
		return err
	}
	fillUp := func() {
		t.Helper()
		for range 1000 {
			switch err := next(); {
			case errors.Is(err, ingest.ErrBusy):
				return
			case err != nil:
				t.Fatal(err)
			}
		}
		t.Fatal("the disk was never full")
	}
	if err := next(); err != nil {
		t.Fatal(err)
	}
	fill()
	fillUp()
	requireSpans(t, s, kept) // reading goes on
	if st := s.Stats(); st.Busy[noSpace] == 0 {
		t.Errorf("busy: %v", st.Busy)
	}
	free()
	before := len(kept)
	fillUp()
	if len(kept) == before {
		t.Error("nothing was taken when there was room again")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, opt)
	requireSpans(t, s, kept)
}

// requireSpans checks that exactly these spans are stored.
func requireSpans(t *testing.T, s *Store, want []trace.SpanID) {
	t.Helper()
	got, err := s.Trace(t.Context(), trace.TraceID{15: 1})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[trace.SpanID]bool{}
	for i := range got {
		ids[got[i].SpanID] = true
	}
	for _, id := range want {
		if !ids[id] {
			t.Errorf("span %s was acknowledged and is not there", id)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d spans, want %d", len(got), len(want))
	}
}
